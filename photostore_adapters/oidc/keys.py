"""The provider's signing keys, and signatures checked by them."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey
from joserfc.jws import JWSRegistry

from photostore.shared.clock import Clock
from photostore.user.identity_provider import IdentityProviderUnavailable
from photostore_adapters.oidc.cached import Cached, recently
from photostore_adapters.oidc.http import Json, ProviderHttp
from photostore_adapters.oidc.metadata import ProviderMetadata
from photostore_adapters.oidc.settings import OidcSettings

SigningKey = RSAKey | ECKey

_MAX_KEYS = 64
_MAX_TOKEN_CHARACTERS = 32_768
_MIN_RSA_BITS = 2048


class TokenRefusedError(Exception):
    """A token that proves nothing; the message says why, and is fit to be told."""


class AskedFor(Enum):
    """On whose behalf keys are fetched anew. Each has its own limit: whoever makes up access tokens cannot use up the
    one of sign-ins, whose tokens come from the provider itself."""

    SIGN_IN = "sign_in"
    ACCESS_TOKEN = "access_token"  # noqa: S105 - no token


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedToken:
    header: Json
    claims: Json


class _Registry(JWSRegistry):
    """As joserfc's own, with room for a certificate chain in the header and for parameters it has not heard of."""

    max_header_length = 16_384


class SigningKeys:
    """Keys the provider publishes, cached. An unknown key makes them be fetched anew, so that rotation just works."""

    def __init__(
        self, http: ProviderHttp, metadata: Cached[ProviderMetadata], settings: OidcSettings, *, clock: Clock
    ) -> None:
        self._http = http
        self._metadata = metadata
        self._clock = clock
        self._algorithms = settings.algorithms
        self._registry = _Registry(algorithms=settings.algorithms, strict_check_header=False)
        self._pause = timedelta(seconds=settings.jwks_min_refetch_seconds)
        self._asked_at: dict[AskedFor, datetime] = {}
        # Not kept for ever even when no unknown key turns up: what the provider withdraws must stop to count.
        self._keys = Cached(
            "jwks", self._fetch, clock=clock, max_age=timedelta(seconds=settings.metadata_max_age_seconds)
        )

    async def verify(self, token: str, *, asked_for: AskedFor) -> SignedToken:
        """The token, its signature checked and nothing else. Raise `TokenRefusedError`."""
        header = unverified(token, part=0)
        algorithm, key_id = header.get("alg"), header.get("kid")
        if algorithm not in self._algorithms:
            raise TokenRefusedError("its signature algorithm is not accepted here")
        keys = await self._keys.get()
        signed = self._verify_with(keys, token, key_id)
        # A bad signature by a key that we do know would only be as bad with keys fetched anew.
        is_known = key_id is not None and any(key.kid == key_id for key in keys)
        if signed is None and not is_known and self._may_fetch(asked_for):
            signed = self._verify_with(await self._keys.reload(), token, key_id)
        if signed is None:
            raise TokenRefusedError("its signature is not by a key of the identity provider")
        return signed

    async def aclose(self) -> None:
        await self._keys.aclose()

    def _may_fetch(self, asked_for: AskedFor) -> bool:
        now = self._clock.now()
        if self._keys.is_loading:
            return True  # to wait for what is under way costs the provider nothing
        if recently(self._asked_at.get(asked_for), now=now, within=self._pause):
            return False
        self._asked_at[asked_for] = now
        return True

    def _verify_with(self, keys: Sequence[SigningKey], token: str, key_id: object) -> SignedToken | None:
        for key in keys:
            # `kid` is optional on either side (RFC 7515, 4.1.4): only two different ones rule a key out.
            if key_id is not None and key.kid is not None and key.kid != key_id:
                continue
            try:
                signed = jwt.decode(token, key, registry=self._registry)
            except (JoseError, ValueError, TypeError, RecursionError):
                continue
            return SignedToken(header=signed.header, claims=signed.claims)
        return None

    async def _fetch(self) -> tuple[SigningKey, ...]:
        metadata = await self._metadata.get()
        published = (await self._http.get_json(metadata.jwks_uri)).get("keys")
        found = [_signing_key(data) for data in published[:_MAX_KEYS]] if isinstance(published, list) else []
        keys = tuple(key for key in found if key is not None)
        if not keys:
            raise IdentityProviderUnavailable("the identity provider publishes no usable key")
        return keys


def unverified(token: str, *, part: int) -> dict[str, Any]:
    """The header (part 0) or the claims (part 1) of a JWT, before anybody vouches for them. Raise `TokenRefusedError`."""
    parts = token.split(".") if len(token) <= _MAX_TOKEN_CHARACTERS else []
    if len(parts) != 3 or not token.isascii():
        raise TokenRefusedError("it is no JWT")
    try:
        content = json.loads(urlsafe_b64decode(parts[part] + "=" * (-len(parts[part]) % 4)))
    except (ValueError, RecursionError) as error:
        raise TokenRefusedError("it is no JWT") from error
    if not isinstance(content, dict):
        raise TokenRefusedError("it is no JWT")
    return content


def _signing_key(data: object) -> SigningKey | None:
    """One published key, or `None` for what we cannot use: one odd key must not take the others with it.

    A symmetric key in a public document is no key at all, whatever the provider means by it.
    """
    if not isinstance(data, dict) or data.get("kty") not in ("RSA", "EC") or data.get("use", "sig") != "sig":
        return None
    try:
        key = JWKRegistry.import_key(data)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
    if isinstance(key, RSAKey):
        return key if key.public_key.key_size >= _MIN_RSA_BITS else None
    return key if isinstance(key, ECKey) else None
