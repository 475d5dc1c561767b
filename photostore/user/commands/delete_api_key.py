"""Take an API key away."""

from dataclasses import dataclass

from photostore.shared.ids import ApiKeyId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.ports import ApiKeyRepository
from photostore.user.queries import LiveCredentials


@dataclass(frozen=True, slots=True)
class DeleteApiKey:
    """Raise `ApiKeyNotFound` when it is absent or someone else's. It dies here at once, elsewhere within 5 s."""

    api_keys: ApiKeyRepository
    live_credentials: LiveCredentials
    unit_of_work: UnitOfWork

    async def __call__(self, *, actor: UserId, key_id: ApiKeyId) -> None:
        async with self.unit_of_work:
            await self.api_keys.remove(key_id, owner=actor)
        self.live_credentials.forget(actor)
