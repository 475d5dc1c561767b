"""Find out who sends a bearer token."""

from dataclasses import dataclass

from photostore.shared.clock import Clock
from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.actor import Actor
from photostore.user.commands.provision_user import ProvisionUser
from photostore.user.errors import InvalidToken
from photostore.user.identity_provider import IdentityProvider
from photostore.user.policy import AccountPolicy
from photostore.user.ports import AccessTokens
from photostore.user.queries import LiveCredentials
from photostore.user.session import digest
from photostore.user.tokens import API_KEY_PREFIX, ApiKeyToken


@dataclass(frozen=True, slots=True)
class Authenticate:
    """An access token of ours, an API key, or, where configured, an access token of the identity provider.

    Raise `InvalidToken`. A provider's user who was never here before is made.
    """

    access_tokens: AccessTokens
    live_credentials: LiveCredentials
    provider: IdentityProvider
    provision_user: ProvisionUser
    clock: Clock
    policy: AccountPolicy
    unit_of_work: UnitOfWork

    async def __call__(self, *, bearer: str) -> Actor:
        actor = await self._actor_of(bearer)
        if actor is None:
            raise InvalidToken("The token was revoked, or its account is closed.")
        return actor

    async def _actor_of(self, bearer: str) -> Actor | None:
        if bearer.startswith(API_KEY_PREFIX):
            key = ApiKeyToken.unpack(bearer)
            return await self.live_credentials.of_api_key(key.user_id, key.key_id, digest(key.secret))
        try:
            user_id, session_id = self.access_tokens.read(bearer, now=self.clock.now())
        except InvalidToken:
            if not self.policy.accept_provider_tokens:
                raise
            return await self._provider_actor(bearer)
        return await self.live_credentials.of_session(user_id, session_id)

    async def _provider_actor(self, bearer: str) -> Actor | None:
        identity = await self.provider.identify(bearer)
        actor = await self.live_credentials.of_identity(identity.issuer, identity.subject)
        if actor is None:
            async with self.unit_of_work:
                user = await self.provision_user(identity=identity)
            actor = Actor(user_id=user.id, is_admin=user.is_admin) if user.is_active else None
        return actor
