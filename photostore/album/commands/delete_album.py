"""Delete an album. Its photos stay."""

from dataclasses import dataclass

from photostore.album.ports import AlbumRepository
from photostore.album.roles import Action
from photostore.shared.clock import Clock
from photostore.shared.ids import AlbumId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.shared.versions import ANY_VERSION, ExpectedVersion


@dataclass(frozen=True, slots=True)
class DeleteAlbum:
    """Raise `AlbumNotFound`, `RoleForbids`, or `PreconditionFailed` when `expected_version` is stale."""

    albums: AlbumRepository
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(
        self, *, actor: UserId, album_id: AlbumId, expected_version: ExpectedVersion = ANY_VERSION
    ) -> None:
        async with self.unit_of_work:
            album = await self.albums.get(album_id, actor=actor)
            album.demand(actor, Action.DELETE)
            expected_version.demand(album.version)
            album.delete(now=self.clock.now())
            await self.albums.remove(album)
