"""Sealing a sign-in under way: a JWS that this service alone can make."""

from dataclasses import asdict, dataclass, field
from datetime import datetime

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from photostore.user.attempts import LIFETIME_SECONDS, PendingSignIn, PendingSignIns
from photostore.user.identity_provider import SignInAttempt, SignInRefused

_ALGORITHM = "HS256"


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingSignInSettings:
    key: bytes = field(repr=False)


class SealedPendingSignIns(PendingSignIns):
    def __init__(self, settings: PendingSignInSettings) -> None:
        self._key = OctKey.import_key(settings.key)

    def seal(self, pending: PendingSignIn, *, now: datetime) -> str:
        claims = {
            "attempt": asdict(pending.attempt),
            "return_to": pending.return_to,
            "exp": int(now.timestamp()) + LIFETIME_SECONDS,
        }
        return jwt.encode({"alg": _ALGORITHM, "typ": "sign-in"}, claims, self._key, algorithms=[_ALGORITHM])

    def open(self, sealed: str, *, now: datetime) -> PendingSignIn:
        try:
            token = jwt.decode(sealed, self._key, algorithms=[_ALGORITHM])
            fresh = token.header.get("typ") == "sign-in" and now.timestamp() < token.claims["exp"]
            pending = PendingSignIn(
                attempt=SignInAttempt(**token.claims["attempt"]), return_to=token.claims["return_to"]
            )
        except (JoseError, KeyError, TypeError, ValueError):
            fresh, pending = False, None
        if not fresh or pending is None:
            detail = "No sign-in is under way in this browser, or it took too long. Begin again at /auth/login."
            raise SignInRefused(detail, code="state_mismatch")
        return pending
