"""The photos of a share, however it comes by them."""

from dataclasses import dataclass, replace

from photostore.photo.errors import PhotoNotFound
from photostore.photo.queries import PhotoFilter, PhotoPage, PhotoPosition, PhotoQueries, PhotoSort, PhotoView
from photostore.share_link.finding import is_found
from photostore.share_link.gate import Share
from photostore.share_link.queries import SharePage, SharePosition, ShareQueries
from photostore.share_link.telling import as_visitors_see
from photostore.shared.clock import Clock
from photostore.shared.ids import PhotoId, UserId


@dataclass(frozen=True, slots=True)
class ReadShare:
    """In the order in which the owner named them, or in the album's; what a query finds: the newest first, but
    nothing that a guest sent and its owner has still to decide about."""

    shares: ShareQueries
    photos: PhotoQueries
    clock: Clock

    async def count(self, share: Share) -> int | None:
        """`None` where a query finds the photos."""
        link = share.link
        if link.album_id is None:
            return await self.shares.count(link)
        return None if link.album_query is not None else link.album_photo_count

    async def page(self, share: Share, *, after: SharePosition | None, limit: int) -> SharePage:
        link = share.link
        if link.album_query is None:
            page = await self.shares.photos(link, after=after, limit=limit)
            now = self.clock.now()
            return SharePage([as_visitors_see(view, now=now) for view in page.items], page.next)
        position = None if after is None else PhotoPosition(id=after.id)
        found = await self._found(link.owner_id, link.album_query, position, limit)
        return SharePage(found.items, None if found.next is None else SharePosition(place=0, id=found.next.id))

    async def photo(self, share: Share, photo_id: PhotoId) -> PhotoView:
        """Of a photo that a guest sent the id is that of the submission, or its own. Raise `PhotoNotFound` when the share does
        not show it."""
        link = share.link
        if link.album_query is None:
            return as_visitors_see(await self.shares.photo(link, photo_id), now=self.clock.now())
        if not await is_found(self.photos, link.owner_id, replace(link.album_query, decided=True), photo_id):
            raise PhotoNotFound(f"There is no photo {photo_id}.")
        return await self.photos.get(photo_id, owner=link.owner_id)

    async def _found(self, owner: UserId, query: PhotoFilter, after: PhotoPosition | None, limit: int) -> PhotoPage:
        return await self.photos.list(
            owner, replace(query, decided=True), sort=PhotoSort.NEWEST, after=after, limit=limit
        )
