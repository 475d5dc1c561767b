"""List photos by all filters: one's own, or those in an album."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from photostore.album.queries import AlbumQueries, AlbumView
from photostore.photo.queries import InAlbum, PhotoFilter, PhotoPage, PhotoPosition, PhotoQueries, PhotoSort
from photostore.shared.ids import AlbumId, UserId


@dataclass(slots=True)
class ListedPhotos:
    """`audience` is for whom URLs of others' photos are signed; `None` where there are no others'."""

    page: PhotoPage
    audience: str | None


@dataclass(frozen=True, slots=True)
class ListPhotos:
    """Raise `AlbumNotFound`. Of others' photos it is never told what they are to their owner: `favorite` and `trashed` find
    the actor's own alone."""

    albums: AlbumQueries
    photos: PhotoQueries

    async def __call__(
        self,
        *,
        actor: UserId,
        filter: PhotoFilter,
        album_id: AlbumId | None,
        sort: PhotoSort,
        after: PhotoPosition | None,
        limit: int,
    ) -> ListedPhotos:
        if album_id is None:
            return ListedPhotos(await self.photos.list(actor, filter, sort=sort, after=after, limit=limit), None)
        album = await self.albums.get(album_id, reader=actor)
        narrowed = _narrowed(filter, album, actor)
        audience = album.audience(actor)
        if narrowed is None:
            return ListedPhotos(PhotoPage([], None), audience)
        owner = actor if album.query is None else album.owner_id
        return ListedPhotos(await self.photos.list(owner, narrowed, sort=sort, after=after, limit=limit), audience)


def _narrowed(filter: PhotoFilter, album: AlbumView, actor: UserId) -> PhotoFilter | None:
    """`None` is what no photo can pass."""
    query = album.finds
    if query is None:
        return replace(filter, album=InAlbum(owner_id=album.owner_id, album_id=album.id))
    tells_favorites = filter.favorite is not None and actor != album.owner_id
    # Trashed photos are in no album that a query fills; and what a favorite is to its owner nobody else is told.
    if filter.trashed or tells_favorites or _clash(filter, query):
        return None
    return replace(
        filter,
        hashtags=tuple(dict.fromkeys((*query.hashtags, *filter.hashtags))),
        also_text=query.text,
        favorite=query.favorite if filter.favorite is None else filter.favorite,
        taken_from=_extreme(max, filter.taken_from, query.taken_from),
        taken_before=_extreme(min, filter.taken_before, query.taken_before),
        status=query.status if filter.status is None else filter.status,
        decided=query.decided,
    )


def _clash(one: PhotoFilter, other: PhotoFilter) -> bool:
    return any(
        None not in said and said[0] != said[1] for said in ((one.favorite, other.favorite), (one.status, other.status))
    )


def _extreme(
    choose: Callable[[datetime, datetime], datetime], one: datetime | None, other: datetime | None
) -> datetime | None:
    if one is None or other is None:
        return one or other
    return choose(one, other)
