"""Rename an album, describe it, choose its cover, change what it finds."""

from dataclasses import dataclass

from photostore.album.album import Album, AlbumEdit, Unset
from photostore.album.errors import AlbumInvalid
from photostore.album.ports import AlbumContents, AlbumRepository
from photostore.album.roles import Action
from photostore.shared.clock import Clock
from photostore.shared.errors import FieldError
from photostore.shared.ids import AlbumId, PhotoId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.shared.versions import ANY_VERSION, ExpectedVersion


@dataclass(frozen=True, slots=True)
class EditAlbum:
    """Raise `AlbumNotFound`, `RoleForbids`, `AlbumInvalid`, `AlbumFilledByHand`, or `PreconditionFailed` when
    `expected_version` is stale. An edit that says nothing changes nothing, not even the version."""

    albums: AlbumRepository
    contents: AlbumContents
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(
        self, *, actor: UserId, album_id: AlbumId, edit: AlbumEdit, expected_version: ExpectedVersion = ANY_VERSION
    ) -> None:
        async with self.unit_of_work:
            album = await self.albums.get(album_id, actor=actor)
            album.demand(actor, Action.EDIT)
            if not isinstance(edit.query, Unset):
                album.demand(actor, Action.CHOOSE)
            expected_version.demand(album.version)
            album.edit(edit, now=self.clock.now())
            if not isinstance(edit.cover_photo_id, Unset) and edit.cover_photo_id is not None:
                await self._demand_cover(album, edit.cover_photo_id)
            if album.events:
                await self.albums.save(album)

    async def _demand_cover(self, album: Album, photo_id: PhotoId) -> None:
        if not await self.contents.shows(album, photo_id):
            message = "must be a photo that shows in the album"
            raise AlbumInvalid("The photo cannot be the cover.", errors=[FieldError("cover_photo_id", message)])
