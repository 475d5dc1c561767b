"""Take a hashtag off a photo."""

from dataclasses import dataclass

from photostore.hashtag.name import hashtag_name
from photostore.photo.ports import PhotoRepository
from photostore.shared.clock import Clock
from photostore.shared.ids import PhotoId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.shared.versions import ANY_VERSION, ExpectedVersion


@dataclass(frozen=True, slots=True)
class UntagPhoto:
    """Not tagged is fine. Raise `PhotoNotFound`, `NotAHashtag` or `PreconditionFailed`."""

    photos: PhotoRepository
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(
        self, *, actor: UserId, photo_id: PhotoId, name: str, expected_version: ExpectedVersion = ANY_VERSION
    ) -> None:
        wanted = hashtag_name(name)
        async with self.unit_of_work:
            photo = await self.photos.get(photo_id, owner=actor)
            expected_version.demand(photo.version, since=photo.edited_version)
            photo.untag(wanted, now=self.clock.now())
            if photo.events:
                await self.photos.save(photo)
