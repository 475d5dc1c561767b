"""Photos, read from the cache where it has them."""

from collections.abc import Sequence

from photostore.photo.queries import (
    KnownBytes,
    PhotoFilter,
    PhotoPage,
    PhotoPosition,
    PhotoQueries,
    PhotoSort,
    PhotoView,
)
from photostore.shared.ids import PhotoId, UserId
from photostore_adapters.postgres.waiting import waiting
from photostore_adapters.redis.photo_cache import PhotoCache


class CachedPhotoQueries(PhotoQueries):
    """Single photos; pages and searches go to the database, as do photos that are not the asker's."""

    def __init__(self, photos: PhotoQueries, cache: PhotoCache) -> None:
        self._photos = photos
        self._cache = cache

    async def get(self, photo_id: PhotoId, *, owner: UserId) -> PhotoView:
        if waiting() is not None:
            # A transaction of this request waits for its answer: what it wrote is for nobody else yet.
            return await self._photos.get(photo_id, owner=owner)
        looked = await self._cache.look(photo_id, owner=owner)
        if looked.view is not None:
            return looked.view
        view = await self._photos.get(photo_id, owner=owner)
        if looked.place is not None:
            await self._cache.put(view, looked.place)
        return view

    async def list(
        self, owner: UserId, filter: PhotoFilter, *, sort: PhotoSort, after: PhotoPosition | None, limit: int
    ) -> PhotoPage:
        return await self._photos.list(owner, filter, sort=sort, after=after, limit=limit)

    async def find(self, photo_ids: Sequence[PhotoId], *, owner: UserId) -> Sequence[PhotoView]:
        return await self._photos.find(photo_ids, owner=owner)

    async def lookup(self, digests: Sequence[bytes], *, owner: UserId) -> Sequence[KnownBytes]:
        return await self._photos.lookup(digests, owner=owner)
