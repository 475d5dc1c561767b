"""The jobs of the room, and which of those that decode pictures go first."""

from photostore.job.job import Job
from photostore.photo.picture import Recipe
from photostore.shared.blobs import BlobKey
from photostore.shared.ids import PhotoId, UserId

DECODE_PHOTO = "decode_photo"
MAKE_IMAGE = "make_image"
EMPTY_TRASH = "empty_trash"

# People wait for what they have just uploaded. Who uploads many at once waits longer with each, so that others are not
# kept waiting. Whatever is done again for an old library comes after everything that anybody waits for.
NEW_UPLOAD, BACKFILL = 10, -20
MOST_BEHIND = 19


def decoding(owner_id: UserId, photo_id: PhotoId, *, keywords_as_hashtags: bool | None, behind: int) -> Job:
    """Of a new photo, when so many others of its owner have not been decoded yet."""
    return Job(
        name=DECODE_PHOTO,
        arguments=_arguments(owner_id, photo_id, keywords_as_hashtags),
        priority=NEW_UPLOAD - min(behind, MOST_BEHIND),
    )


def second_try(owner_id: UserId, photo_id: PhotoId, keywords_as_hashtags: bool | None) -> Job:
    arguments = _arguments(owner_id, photo_id, keywords_as_hashtags)
    return Job(name=DECODE_PHOTO, arguments={**arguments, "again": True}, priority=BACKFILL)


def backfill(owner_id: UserId, photo_id: PhotoId) -> Job:
    """What the uploader wanted of keywords is over: people may have taken those hashtags off again."""
    return Job(
        name=DECODE_PHOTO,
        arguments=_arguments(owner_id, photo_id, keywords_as_hashtags=False),
        priority=BACKFILL,
        dedupe_key=f"decode:{photo_id}",
    )


def making(owner_id: UserId, photo_id: PhotoId, recipe: Recipe, key: BlobKey, *, behind: int) -> Job:
    """Of an image, when so many others wait for the same owner."""
    arguments = {
        "owner_id": str(owner_id),
        "photo_id": str(photo_id),
        "width": recipe.width,
        "height": recipe.height,
        "fit": recipe.fit.value,
        "format": recipe.format.value,
    }
    return Job(name=MAKE_IMAGE, arguments=arguments, priority=-min(behind, MOST_BEHIND), dedupe_key=key)


def _arguments(owner_id: UserId, photo_id: PhotoId, keywords_as_hashtags: bool | None) -> dict[str, object]:
    told = {"owner_id": str(owner_id), "photo_id": str(photo_id)}
    return {**told, "keywords_as_hashtags": keywords_as_hashtags}
