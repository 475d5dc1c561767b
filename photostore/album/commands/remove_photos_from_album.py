"""Take photos out of an album. The photos stay."""

from collections.abc import Sequence
from dataclasses import dataclass

from photostore.album.ports import AlbumContents, AlbumRepository
from photostore.album.roles import Action
from photostore.album.taking import take_note
from photostore.shared.clock import Clock
from photostore.shared.ids import AlbumId, PhotoId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.shared.versions import ANY_VERSION, ExpectedVersion


@dataclass(frozen=True, slots=True)
class RemovePhotosFromAlbum:
    """Not in it is fine. Who may take out their own alone is refused all when one is someone else's.

    Raise `AlbumNotFound`, `RoleForbids` or `AlbumFindsByQuery`.
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
        expected_version: ExpectedVersion = ANY_VERSION,
    ) -> None:
        async with self.unit_of_work.answering():
            album = await self.albums.get(album_id, actor=actor)
            album.demand(actor, Action.REMOVE_OWN_PHOTOS)
            album.demand_by_hand()
            expected_version.demand(album.version)
            if await self.contents.owned_by_others(album, photo_ids, actor=actor):
                album.demand(actor, Action.REMOVE_ANY_PHOTO)
            taken = await self.contents.take(album, photo_ids)
            take_note(album, taken, now=self.clock.now())
            if album.events:
                await self.albums.save(album)
