"""Find out who sends an access token of the identity provider's own."""

from dataclasses import dataclass

from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.actor import Actor
from photostore.user.commands.provision_user import ProvisionUser
from photostore.user.errors import InvalidToken
from photostore.user.identity_provider import IdentityProvider
from photostore.user.queries import LiveCredentials


@dataclass(frozen=True, slots=True)
class AuthenticateProviderToken:
    """Where that is allowed; a user who was never here before is made. Raise `ProviderTokenInvalid` or `InvalidToken`."""

    provider: IdentityProvider
    live_credentials: LiveCredentials
    provision_user: ProvisionUser
    unit_of_work: UnitOfWork

    async def __call__(self, *, bearer: str) -> Actor:
        identity = await self.provider.identify(bearer)
        actor = await self.live_credentials.of_identity(identity.issuer, identity.subject)
        if actor is not None:
            return actor
        async with self.unit_of_work:
            user = await self.provision_user(identity=identity)
        if not user.is_active:
            raise InvalidToken("The account is disabled.")
        return Actor(user_id=user.id, is_admin=user.is_admin)
