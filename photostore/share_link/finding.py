"""Photos that no one put anywhere, but a query finds."""

from uuid import UUID

from photostore.photo.queries import PhotoFilter, PhotoPosition, PhotoQueries, PhotoSort
from photostore.shared.ids import PhotoId, UserId


async def is_found(photos: PhotoQueries, owner: UserId, query: PhotoFilter, photo_id: PhotoId) -> bool:
    """Whether a query finds a photo: the first that it finds from it on is itself."""
    just_before = PhotoPosition(id=UUID(int=min(photo_id.int + 1, (1 << 128) - 1)))
    page = await photos.list(owner, query, sort=PhotoSort.NEWEST, after=just_before, limit=1)
    return bool(page.items) and page.items[0].id == photo_id
