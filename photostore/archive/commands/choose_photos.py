"""Choose photos for an archive."""

from collections.abc import Sequence
from dataclasses import dataclass

from photostore.archive.errors import PhotosNotArchivable
from photostore.archive.queries import ArchivedPhoto, ArchiveLimits, ArchiveQueries
from photostore.shared.errors import FieldError
from photostore.shared.ids import PhotoId, UserId


@dataclass(frozen=True, slots=True)
class ChoosePhotos:
    """The actor's photos of these ids, each once; all of them or a refusal that names the others."""

    photos: ArchiveQueries
    limits: ArchiveLimits

    async def __call__(self, *, actor: UserId, photo_ids: Sequence[PhotoId]) -> Sequence[ArchivedPhoto]:
        asked = list(dict.fromkeys(photo_ids))
        self.limits.demand(len(asked))
        found = await self.photos.chosen(asked, owner=actor)
        missing = set(asked) - {each.id for each in found}
        if missing:
            errors = [
                FieldError("photo_ids", f"{each} is no photo of yours outside the trash")
                for each in asked
                if each in missing
            ]
            raise PhotosNotArchivable(f"{len(missing)} of the photos cannot be put into an archive.", errors=errors)
        return found
