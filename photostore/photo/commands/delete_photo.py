"""Delete a photo for good."""

from dataclasses import dataclass

from photostore.photo.deleting import delete_for_good
from photostore.photo.ports import PhotoRepository
from photostore.quota.ports import Quotas
from photostore.shared.clock import Clock
from photostore.shared.ids import PhotoId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.shared.versions import ANY_VERSION, ExpectedVersion


@dataclass(frozen=True, slots=True)
class DeletePhoto:
    """In the trash or not. The row goes now; the bytes by the job that this causes.

    Raise `PhotoNotFound` or `PreconditionFailed`.
    """

    photos: PhotoRepository
    quotas: Quotas
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(
        self, *, actor: UserId, photo_id: PhotoId, expected_version: ExpectedVersion = ANY_VERSION
    ) -> None:
        async with self.unit_of_work:
            photo = await self.photos.get(photo_id, owner=actor)
            expected_version.demand(photo.version, since=photo.edited_version)
            await delete_for_good([photo], self.photos, self.quotas, now=self.clock.now())
