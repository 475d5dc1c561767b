"""Change what is said about a photo."""

from dataclasses import dataclass

from photostore.photo.photo import PhotoEdit
from photostore.photo.ports import PhotoRepository
from photostore.shared.clock import Clock
from photostore.shared.errors import PreconditionFailed
from photostore.shared.ids import PhotoId, UserId
from photostore.shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class EditPhoto:
    """Raise `PhotoNotFound`, `PhotoInvalid`, `NotAHashtag`, or `PreconditionFailed` when `expected_version` is stale."""

    photos: PhotoRepository
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(
        self, *, actor: UserId, photo_id: PhotoId, edit: PhotoEdit, expected_version: int | None = None
    ) -> None:
        async with self.unit_of_work:
            photo = await self.photos.get(photo_id, owner=actor)
            if expected_version is not None and expected_version != photo.version:
                raise PreconditionFailed(f"The photo is at version {photo.version} now.")
            photo.edit(edit, now=self.clock.now())
            if photo.events:
                await self.photos.save(photo)
