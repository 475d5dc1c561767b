"""Read what was chosen: by the owner, and by those who choose."""

from dataclasses import dataclass, replace

from photostore.album.queries import AlbumQueries
from photostore.photo.queries import PhotoFilter, PhotoQueries
from photostore.selection.queries import SelectionQueries, SelectionView
from photostore.share_link.finding import is_found
from photostore.share_link.gate import Share
from photostore.share_link.queries import ShareLinkQueries
from photostore.shared.ids import AlbumId, PhotoId, ShareLinkId, UserId


@dataclass(frozen=True, slots=True)
class ReadSelection:
    """Photos that the link shows no longer are left out of it."""

    selections: SelectionQueries
    links: ShareLinkQueries
    albums: AlbumQueries
    photos: PhotoQueries

    async def of_link(self, link_id: ShareLinkId, *, owner: UserId) -> SelectionView:
        """Raise `ShareLinkNotFound`."""
        link = await self.links.get(link_id, owner=owner)
        album_id = None if link.album_id is None else AlbumId(link.album_id)
        query = None if album_id is None else (await self.albums.get(album_id, reader=owner)).query
        return await self._read(link_id, owner, album_id, query)

    async def of_share(self, share: Share) -> SelectionView:
        """Raise `NotAllowedByShare`."""
        share.demand_selection()
        return await self._read(share.link.id, share.link.owner_id, share.link.album_id, share.link.album_query)

    async def _read(
        self, link_id: ShareLinkId, owner: UserId, album_id: AlbumId | None, query: PhotoFilter | None
    ) -> SelectionView:
        view = await self.selections.get(link_id, owner=owner, album_id=album_id, by_query=query is not None)
        if query is None:
            return view
        found = [each for each in view.marks if await is_found(self.photos, owner, query, PhotoId(each.photo_id))]
        return replace(view, marks=found)
