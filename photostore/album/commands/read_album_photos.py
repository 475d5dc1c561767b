"""The photos of an album, page by page, however it comes by them."""

from dataclasses import dataclass

from photostore.album.queries import (
    AlbumPage,
    AlbumPhotoQueries,
    AlbumPosition,
    AlbumQueries,
    AlbumSort,
    AlbumView,
)
from photostore.photo.queries import PhotoPosition, PhotoQueries, PhotoSort
from photostore.shared.ids import AlbumId, UserId

# What a query finds has no order of its own.
_OF_QUERY = {
    AlbumSort.POSITION: PhotoSort.NEWEST,
    AlbumSort.TAKEN_FIRST: PhotoSort.TAKEN_FIRST,
    AlbumSort.TAKEN_LAST: PhotoSort.TAKEN_LAST,
}


@dataclass(slots=True)
class AlbumPhotos:
    """A page, and the album as its reader sees it: `album.audience` is for whom URLs of others' photos are signed."""

    album: AlbumView
    page: AlbumPage


@dataclass(frozen=True, slots=True)
class ReadAlbumPhotos:
    """Never those in the trash. Raise `AlbumNotFound`."""

    albums: AlbumQueries
    contents: AlbumPhotoQueries
    photos: PhotoQueries

    async def __call__(
        self, *, actor: UserId, album_id: AlbumId, sort: AlbumSort, after: AlbumPosition | None, limit: int
    ) -> AlbumPhotos:
        album = await self.albums.get(album_id, reader=actor)
        return AlbumPhotos(album, await self.of(album, sort=sort, after=after, limit=limit))

    async def of(self, album: AlbumView, *, sort: AlbumSort, after: AlbumPosition | None, limit: int) -> AlbumPage:
        """The same of an album that somebody is known to see."""
        query = album.finds
        if query is None:
            return await self.contents.page(album, sort=sort, after=after, limit=limit)
        position = None if after is None else PhotoPosition(id=after.id, taken_at=after.taken_at)
        found = await self.photos.list(album.owner_id, query, sort=_OF_QUERY[sort], after=position, limit=limit)
        if found.next is None:
            return AlbumPage(found.items, None)
        return AlbumPage(found.items, AlbumPosition(id=found.next.id, taken_at=found.next.taken_at))
