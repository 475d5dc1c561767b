"""Choose the photos of an album for an archive."""

from collections.abc import Sequence
from dataclasses import dataclass

from photostore.album.queries import AlbumQueries, AlbumView
from photostore.archive.queries import ArchivedPhoto, ArchiveLimits, ArchiveQueries, demand_all_there
from photostore.photo.queries import PhotoFilter, PhotoQueries, PhotoSort
from photostore.shared.ids import AlbumId, PhotoId, UserId

_PAGE = 2000


@dataclass(slots=True)
class ChosenAlbum:
    """All photos of an album, in its order, and the album as its reader sees it."""

    album: AlbumView
    photos: Sequence[ArchivedPhoto]


@dataclass(frozen=True, slots=True)
class ChooseAlbumPhotos:
    """Never those in the trash. Raise `AlbumNotFound`, and `ArchiveTooLarge` where they are more than an archive holds."""

    albums: AlbumQueries
    archived: ArchiveQueries
    photos: PhotoQueries
    limits: ArchiveLimits

    async def __call__(self, *, actor: UserId, album_id: AlbumId) -> ChosenAlbum:
        album = await self.albums.get(album_id, reader=actor)
        return ChosenAlbum(album, await self.of(album))

    async def demand_still(self, *, actor: UserId, begun: ChosenAlbum) -> None:
        """Raise when it may not be given any more: `AlbumNotFound`, or `PhotosNotArchivable` as soon as one of the others'
        photos is not in it any more."""
        now = await self(actor=actor, album_id=begun.album.id)
        demand_all_there((each for each in begun.photos if each.owner_id != actor), now.photos)

    async def of(self, album: AlbumView) -> Sequence[ArchivedPhoto]:
        """The same of an album that somebody is known to see."""
        query = album.finds
        if query is None:
            found = await self.archived.of_album(album.id, owner=album.owner_id, limit=self.limits.max_photos + 1)
            self.limits.demand(len(found))
            return found
        return await self.archived.chosen(await self._found(album, query), owner=album.owner_id)

    async def _found(self, album: AlbumView, query: PhotoFilter) -> Sequence[PhotoId]:
        ids, after = list[PhotoId](), None
        while True:
            page = await self.photos.list(album.owner_id, query, sort=PhotoSort.NEWEST, after=after, limit=_PAGE)
            ids += [PhotoId(each.id) for each in page.items]
            self.limits.demand(len(ids))
            if page.next is None:
                return ids
            after = page.next
