"""Make an album as it is told, or what is missing of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from photostore.album.album import AlbumEdit
from photostore.album.commands.add_photos_to_album import AddPhotosToAlbum
from photostore.album.commands.create_album import CreateAlbum
from photostore.album.commands.edit_album import EditAlbum
from photostore.album.commands.order_album import OrderAlbum
from photostore.album.queries import AlbumPhotoQueries, AlbumQueries, AlbumSort, AlbumView
from photostore.photo.queries import PhotoQueries
from photostore.shared.ids import AlbumId, PhotoId, UserId
from photostore.transfer.told import ToldAlbum

_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedAlbum:
    """`created` when there was none of its name; `added` is how many photos came into it."""

    album_id: AlbumId
    created: bool
    added: int


@dataclass(frozen=True, slots=True)
class ImportAlbum:
    """An album of the same name is gone on with: of several the one that nothing of this import is in yet (`taken`), oldest
    first. Photos come at its end, and those of `photo_ids` into their order; what is in the trash stays out of it.

    Raise `AlbumInvalid`."""

    albums: AlbumQueries
    placed: AlbumPhotoQueries
    photos: PhotoQueries
    create: CreateAlbum
    edit: EditAlbum
    add: AddPhotosToAlbum
    order: OrderAlbum

    async def __call__(
        self,
        *,
        actor: UserId,
        told: ToldAlbum,
        photo_ids: Sequence[PhotoId],
        cover: PhotoId | None,
        taken: set[AlbumId],
    ) -> ImportedAlbum:
        view = await self.find(actor, told, taken)
        created = view is None
        if view is None:
            album_id = await self.create(actor=actor, name=told.name, description=told.description, query=told.query)
            view = await self.albums.get(album_id, reader=actor)
        elif view.description is None and told.description is not None:
            await self.edit(actor=actor, album_id=view.id, edit=AlbumEdit(description=told.description))
        taken.add(view.id)
        added = 0 if told.query is not None else await self._fill(actor, view, photo_ids)
        await self._cover(actor, view, cover)
        return ImportedAlbum(album_id=view.id, created=created, added=added)

    async def find(self, actor: UserId, told: ToldAlbum, taken: set[AlbumId]) -> AlbumView | None:
        """What would be gone on with."""
        found: AlbumView | None = None
        after: AlbumId | None = None
        while page := await self.albums.list(actor, shared=False, after=after, limit=_BATCH):
            for view in page:  # the newest first
                same = view.name == told.name.strip() and (view.query is None) is (told.query is None)
                if same and view.query == told.query and view.id not in taken:
                    found = view
            after = page[-1].id
        return found

    async def _fill(self, actor: UserId, view: AlbumView, photo_ids: Sequence[PhotoId]) -> int:
        there = await self._order_of(view)
        known = set(there)
        wanted = list(dict.fromkeys(photo_ids))
        shown = await self._not_in_the_trash(actor, wanted)
        missing = [each for each in wanted if each not in known and each in shown]
        for batch in _batches(missing):
            await self.add(actor=actor, album_id=view.id, photo_ids=batch)
        placed = [each for each in wanted if each in shown]
        # In this order already, and nothing else need be moved: so it is in an album that was empty.
        now = [each for each in [*there, *missing] if each in set(placed)]
        if now != placed:
            await self._reorder(actor, view.id, placed)
        return len(missing)

    async def _reorder(self, actor: UserId, album_id: AlbumId, placed: Sequence[PhotoId]) -> None:
        after: PhotoId | None = None
        for batch in _batches(placed):
            await self.order(actor=actor, album_id=album_id, photo_ids=batch, after=after)
            after = batch[-1]

    async def _order_of(self, view: AlbumView) -> list[PhotoId]:
        page = await self.placed.page(view, sort=AlbumSort.POSITION, after=None, limit=_BATCH)
        there = [PhotoId(each.id) for each in page.items]
        while page.next is not None:
            page = await self.placed.page(view, sort=AlbumSort.POSITION, after=page.next, limit=_BATCH)
            there += [PhotoId(each.id) for each in page.items]
        return there

    async def _not_in_the_trash(self, actor: UserId, photo_ids: Sequence[PhotoId]) -> set[PhotoId]:
        shown = set[PhotoId]()
        for batch in _batches(photo_ids):
            found = await self.photos.find(batch, owner=actor)
            shown |= {PhotoId(each.id) for each in found if each.trashed_at is None}
        return shown

    async def _cover(self, actor: UserId, view: AlbumView, cover: PhotoId | None) -> None:
        if cover is None or view.cover_photo_id is not None:
            return
        found = await self.photos.find([cover], owner=actor)
        if any(each.trashed_at is None for each in found):
            await self.edit(actor=actor, album_id=view.id, edit=AlbumEdit(cover_photo_id=cover))


def _batches(photo_ids: Sequence[PhotoId]) -> Sequence[list[PhotoId]]:
    rest = iter(photo_ids)
    return list(iter(lambda: list(islice(rest, _BATCH)), []))
