"""Find out who sends a bearer token of ours."""

from dataclasses import dataclass

from photostore.shared.clock import Clock
from photostore.user.actor import Actor
from photostore.user.errors import InvalidToken
from photostore.user.ports import AccessTokens
from photostore.user.queries import LiveCredentials
from photostore.user.session import digest
from photostore.user.tokens import API_KEY_PREFIX, ApiKeyToken


@dataclass(frozen=True, slots=True)
class Authenticate:
    """An access token or an API key. Raise `InvalidToken`."""

    access_tokens: AccessTokens
    live_credentials: LiveCredentials
    clock: Clock

    async def __call__(self, *, bearer: str) -> Actor:
        actor = await self._actor_of(bearer)
        if actor is None:
            raise InvalidToken("The token was revoked, or its account is closed.")
        return actor

    async def _actor_of(self, bearer: str) -> Actor | None:
        if bearer.startswith(API_KEY_PREFIX):
            key = ApiKeyToken.unpack(bearer)
            return await self.live_credentials.of_api_key(key.user_id, key.key_id, digest(key.secret))
        user_id, session_id = self.access_tokens.read(bearer, now=self.clock.now())
        return await self.live_credentials.of_session(user_id, session_id)
