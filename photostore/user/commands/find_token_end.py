"""Find out until when a bearer token is good by itself."""

from dataclasses import dataclass
from datetime import datetime

from photostore.shared.clock import Clock
from photostore.user.errors import InvalidToken
from photostore.user.identity_provider import IdentityProvider
from photostore.user.ports import AccessTokens
from photostore.user.tokens import API_KEY_PREFIX


@dataclass(frozen=True, slots=True)
class FindTokenEnd:
    """Of a token that `Authenticate` or `AuthenticateProviderToken` took a moment ago. `None` where it tells no end: that of
    an API key is the key's own, which `LiveCredentials` knows."""

    access_tokens: AccessTokens
    provider: IdentityProvider
    clock: Clock

    async def __call__(self, *, bearer: str) -> datetime | None:
        if bearer.startswith(API_KEY_PREFIX):
            return None
        try:
            return self.access_tokens.end_of(bearer, now=self.clock.now())
        except InvalidToken:
            return (await self.provider.identify(bearer)).expires_at
