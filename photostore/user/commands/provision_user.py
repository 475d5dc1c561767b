"""The user of a provider's identity, made or updated."""

from dataclasses import dataclass

from photostore.shared.clock import Clock, Ids
from photostore.shared.ids import UserId
from photostore.user.identity_provider import ProviderIdentity
from photostore.user.ports import UserRepository
from photostore.user.user import User


@dataclass(frozen=True, slots=True)
class ProvisionUser:
    """Matched by (issuer, subject), never by address. Within a transaction; the user may be a disabled one."""

    users: UserRepository
    clock: Clock
    ids: Ids

    async def __call__(self, *, identity: ProviderIdentity) -> User:
        user = await self.users.find_by_identity(identity.issuer, identity.subject)
        if user is None:
            user = User.register_from_provider(
                id=UserId(self.ids.new()), issuer=identity.issuer, subject=identity.subject, now=self.clock.now()
            )
            self._update(user, identity)
            await self.users.add(user)
        elif user.is_active and self._update(user, identity):
            await self.users.save(user)
        return user

    @staticmethod
    def _update(user: User, said: ProviderIdentity) -> bool:
        return user.take_from_provider(email=said.email, display_name=said.display_name, is_admin=said.is_admin)
