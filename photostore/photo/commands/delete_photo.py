"""Delete a photo for good."""

from dataclasses import dataclass

from photostore.photo.ports import PhotoRepository
from photostore.quota.ports import Quotas
from photostore.shared.clock import Clock
from photostore.shared.errors import PreconditionFailed
from photostore.shared.ids import PhotoId, UserId
from photostore.shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class DeletePhoto:
    """The row goes now; the bytes by the job that this causes. Raise `PhotoNotFound` or `PreconditionFailed`."""

    photos: PhotoRepository
    quotas: Quotas
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self, *, actor: UserId, photo_id: PhotoId, expected_version: int | None = None) -> None:
        async with self.unit_of_work:
            photo = await self.photos.get(photo_id, owner=actor)
            if expected_version is not None and expected_version != photo.version:
                raise PreconditionFailed(f"The photo is at version {photo.version} now.")
            photo.delete(now=self.clock.now())
            await self.photos.remove([photo])
            await self.quotas.give_back(actor, used=photo.byte_size, photos=1)
