"""Take a browser back from the identity provider, and sign its user in."""

from collections.abc import Mapping
from dataclasses import dataclass

from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.commands.open_session import Client, OpenSession, SignedIn
from photostore.user.commands.provision_user import ProvisionUser
from photostore.user.errors import InvalidCredentials
from photostore.user.identity_provider import IdentityProvider, SignInAttempt


@dataclass(frozen=True, slots=True)
class FinishProviderSignIn:
    """The user is made at the first sign-in, updated at each. Raise `SignInRefused`, `IdentityProviderUnavailable`."""

    provider: IdentityProvider
    provision_user: ProvisionUser
    open_session: OpenSession
    unit_of_work: UnitOfWork

    async def __call__(self, *, attempt: SignInAttempt, answer: Mapping[str, str], client: Client) -> SignedIn:
        identity = await self.provider.finish(attempt, answer)
        async with self.unit_of_work:
            user = await self.provision_user(identity=identity)
            if not user.is_active:
                raise InvalidCredentials("The account is disabled.")
            return await self.open_session(user=user, client=client)
