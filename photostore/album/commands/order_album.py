"""Put photos of an album into another order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from photostore.album.album import Album
from photostore.album.errors import AlbumInvalid
from photostore.album.ordering import places_between
from photostore.album.ports import AlbumContents, AlbumRepository
from photostore.album.roles import Action
from photostore.shared.clock import Clock
from photostore.shared.errors import FieldError
from photostore.shared.ids import AlbumId, PhotoId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.shared.versions import ANY_VERSION, ExpectedVersion

# How many of those that follow are moved along where there is no room: more and more of them.
_NEIGHBOURS = 64


@dataclass(frozen=True, slots=True)
class OrderAlbum:
    """The photos come in this order, right after `after`, or at the beginning. As few rows as can be are rewritten.

    Raise `AlbumInvalid` when one does not show in the album, or `after` is among them; `AlbumNotFound`, `RoleForbids` or
    `AlbumFindsByQuery`.
    """

    albums: AlbumRepository
    contents: AlbumContents
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(
        self,
        *,
        actor: UserId,
        album_id: AlbumId,
        photo_ids: Sequence[PhotoId],
        after: PhotoId | None = None,
        expected_version: ExpectedVersion = ANY_VERSION,
    ) -> None:
        async with self.unit_of_work.answering():
            album = await self.albums.get(album_id, actor=actor)
            album.demand(actor, Action.ORDER)
            album.demand_by_hand()
            expected_version.demand(album.version)
            wanted = list(dict.fromkeys(photo_ids))
            places = await self.contents.places(album, [*wanted, *([after] if after else [])])
            _demand_there(wanted, after, places)
            moved = await self._places(album, [(each, places[each]) for each in wanted], after, places)
            if moved:
                await self.contents.place(album, moved)
                album.last_position = max(album.last_position, *moved.values())
                album.reordered(now=self.clock.now())
                await self.albums.save(album)

    async def _places(
        self,
        album: Album,
        wanted: list[tuple[PhotoId, int]],
        after: PhotoId | None,
        places: Mapping[PhotoId, int],
    ) -> Mapping[PhotoId, int]:
        low = None if after is None else places[after]
        here = None if after is None else (places[after], after)
        taken_along = 0
        while True:
            but = [photo_id for photo_id, _ in wanted]
            following = await self.contents.following(album, here, but=but, limit=taken_along + 1)
            along, end = list(following[:taken_along]), following[taken_along:]
            high = end[0][1] if end else None
            moved = places_between([*wanted, *along], low, high)
            if moved is not None:
                return moved
            taken_along = taken_along * 8 or _NEIGHBOURS


def _demand_there(wanted: Sequence[PhotoId], after: PhotoId | None, places: Mapping[PhotoId, int]) -> None:
    missing = [photo_id for photo_id in wanted if photo_id not in places]
    if missing:
        message = f"not in the album: {', '.join(str(each) for each in missing[:20])}"
        raise AlbumInvalid("Some photos are not in the album.", errors=[FieldError("photo_ids", message)])
    if after is not None and (after not in places or after in wanted):
        message = "must be in the album, and none of photo_ids"
        raise AlbumInvalid("There is no such place in the album.", errors=[FieldError("after", message)])
