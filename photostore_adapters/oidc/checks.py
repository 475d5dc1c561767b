"""What a signed token must say before it is believed: OpenID Connect Core 1.0 (3.1.3.7, 3.1.3.8) and RFC 9068 (4).

Signatures are checked elsewhere. Each refusal is a `TokenRefusedError` whose message is fit to be told.
"""

import hashlib
from base64 import urlsafe_b64encode
from datetime import datetime
from hmac import compare_digest
from typing import Any

from joserfc.errors import ClaimError, ExpiredTokenError, JoseError
from joserfc.jwt import JWTClaimsRegistry

from photostore_adapters.oidc.http import Json
from photostore_adapters.oidc.keys import SignedToken, TokenRefusedError

_ACCESS_TOKEN_TYPES = {"at+jwt", "application/at+jwt"}
# RFC 9068 came late: most providers still say JWT, or nothing.
_PLAIN_TYPES = {"jwt", None}
_OF_OTHER_TOKENS = ("nonce", "at_hash", "c_hash", "s_hash", "events")


def check_id_token(
    token: SignedToken, *, issuer: str, client_id: str, nonce: str, access_token: str, now: datetime, skew: int
) -> None:
    claims = token.claims
    _check_common(claims, issuer=issuer, audience=client_id, now=now, skew=skew, needed=("iat",))
    authorized = claims.get("azp")
    if authorized is not None and authorized != client_id:
        raise TokenRefusedError("it was issued to another client")
    if authorized is None and len(audiences(claims)) > 1:
        raise TokenRefusedError("it is for several audiences and does not say to which client it was issued")
    if not same(claims.get("nonce"), nonce):
        raise TokenRefusedError("it belongs to another sign-in")
    if "at_hash" in claims and not same(claims["at_hash"], half_hash(access_token, token.header["alg"])):
        raise TokenRefusedError("it belongs to another access token")


def precheck_access_token(header: Json, claims: Json, *, issuer_prefix: str, audience: str) -> None:
    """What costs nothing and asks nobody, so that made-up tokens stop here."""
    issuer = claims.get("iss")
    if not isinstance(issuer, str) or issuer.removesuffix("/") != issuer_prefix.removesuffix("/"):
        raise TokenRefusedError("it is of another issuer")
    if audience not in audiences(claims):
        raise TokenRefusedError("it is for another audience")
    if _type(header) not in _ACCESS_TOKEN_TYPES | _PLAIN_TYPES:
        raise TokenRefusedError("it is no access token")


def check_access_token(
    token: SignedToken, *, issuer: str, audience: str, client_id: str, now: datetime, skew: int
) -> None:
    claims = token.claims
    _check_common(claims, issuer=issuer, audience=audience, now=now, skew=skew, needed=())
    if any(claim in claims for claim in _OF_OTHER_TOKENS) or _names_another_kind(claims):
        raise TokenRefusedError("it is no access token")
    if _type(token.header) in _ACCESS_TOKEN_TYPES:
        return
    # An ID token is for the client. One that is for it as well is told apart by its type alone, or by what it says.
    if client_id in audiences(claims) and not (client_id == audience and _says_it_gives_access(claims)):
        raise TokenRefusedError("it is no access token")


def audiences(claims: Json) -> list[str]:
    audience = claims.get("aud")
    listed = audience if isinstance(audience, list) else [audience]
    return [name for name in listed if isinstance(name, str)]


def half_hash(text: str, algorithm: str) -> str:
    """The left half of the digest that goes with the algorithm, as `at_hash` has it."""
    digest = hashlib.new(f"sha{algorithm[-3:]}", text.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def same(given: object, expected: str) -> bool:
    """Whether they are equal, in a time that does not tell how far they are."""
    return isinstance(given, str) and compare_digest(
        given.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass")
    )


def _check_common(
    claims: Json, *, issuer: str, audience: str, now: datetime, skew: int, needed: tuple[str, ...]
) -> None:
    wanted: dict[str, Any] = {name: {"essential": True} for name in ("exp", "sub", *needed)}
    registry = JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=skew,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        **wanted,
    )
    try:
        registry.validate(claims)
    except ExpiredTokenError as error:
        raise TokenRefusedError("it has expired") from error
    except ClaimError as error:
        raise TokenRefusedError(f"its claim {error.claim!r} is missing or wrong") from error
    except JoseError as error:
        raise TokenRefusedError("its claims are wrong") from error
    subject = claims["sub"]
    if len(subject) > 255 or not subject.isprintable():
        raise TokenRefusedError("its claim 'sub' is missing or wrong")


def _type(header: Json) -> str | None:
    kind = header.get("typ")
    return kind.lower() if isinstance(kind, str) else None


def _names_another_kind(claims: Json) -> bool:
    """Keycloak and Cognito write into the claims what kind of token it is."""
    return bool(claims.get("typ", "Bearer") != "Bearer" or claims.get("token_use", "access") != "access")


def _says_it_gives_access(claims: Json) -> bool:
    return any(claim in claims for claim in ("scope", "scp", "client_id", "token_use"))
