"""Access tokens as JSON Web Tokens (RFC 7519, RFC 9068) with one pinned algorithm."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from photostore.shared.ids import SessionId, UserId
from photostore.user.errors import InvalidToken
from photostore.user.ports import AccessToken, AccessTokens

_ISSUER = "photostore"
_LONGEST = 2048
# A token comes with every request of its session: its signature is looked at once, its expiry each time.
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessTokenSettings:
    """`previous_keys` are read and no longer used for signing, so that a key can be changed without signing all out."""

    secret_key: bytes = field(repr=False)
    previous_keys: Sequence[bytes] = field(repr=False, default=())
    algorithm: str
    lifetime: timedelta


class JwtAccessTokens(AccessTokens):
    def __init__(self, settings: AccessTokenSettings) -> None:
        self._algorithm = settings.algorithm
        self._lifetime = int(settings.lifetime.total_seconds())
        self._keys = [OctKey.import_key(key) for key in (settings.secret_key, *settings.previous_keys)]
        self._verified = lru_cache(_REMEMBERED)(self._verify)

    def issue(self, *, user_id: UserId, session_id: SessionId, now: datetime) -> AccessToken:
        issued = int(now.timestamp())
        claims = {
            "iss": _ISSUER,
            "sub": str(user_id),
            "sid": str(session_id),
            "iat": issued,
            "exp": issued + self._lifetime,
        }
        header = {"alg": self._algorithm, "typ": "at+jwt"}
        token = jwt.encode(header, claims, self._keys[0], algorithms=[self._algorithm])
        return AccessToken(token=token, expires_in=self._lifetime)

    def read(self, token: str, *, now: datetime) -> tuple[UserId, SessionId]:
        return self._live(token, now)[:2]

    def end_of(self, token: str, *, now: datetime) -> datetime:
        return datetime.fromtimestamp(self._live(token, now)[2], UTC)

    def _live(self, token: str, now: datetime) -> tuple[UserId, SessionId, float]:
        if len(token) > _LONGEST or token.count(".") != 2:
            raise InvalidToken("That is no token of this service.")
        told = self._verified(token)
        if now.timestamp() < told[2]:
            return told
        raise InvalidToken("The token has expired.")

    def _verify(self, token: str) -> tuple[UserId, SessionId, float]:
        claims = self._claims(token)
        try:
            if claims["iss"] != _ISSUER:
                raise InvalidToken("That is no token of this service.")
            return UserId(UUID(claims["sub"])), SessionId(UUID(claims["sid"])), float(claims["exp"])
        except (KeyError, TypeError, ValueError, AttributeError):
            raise InvalidToken("That is no token of this service.") from None

    def _claims(self, token: str) -> dict[str, str]:
        for key in self._keys:
            try:
                decoded = jwt.decode(token, key, algorithms=[self._algorithm])
            except (JoseError, ValueError):
                continue
            if decoded.header.get("typ") == "at+jwt":
                return decoded.claims
        raise InvalidToken("That is no token of this service.")
