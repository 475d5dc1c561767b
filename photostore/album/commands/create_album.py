"""Make an album."""

from dataclasses import dataclass

from photostore.album.album import Album
from photostore.album.ports import AlbumRepository
from photostore.photo.queries import PhotoFilter
from photostore.shared.clock import Clock, Ids
from photostore.shared.ids import AlbumId, UserId
from photostore.shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class CreateAlbum:
    """Filled by hand, or with a `query` by what it finds. Raise `AlbumInvalid`."""

    albums: AlbumRepository
    clock: Clock
    ids: Ids
    unit_of_work: UnitOfWork

    async def __call__(
        self, *, actor: UserId, name: str, description: str | None = None, query: PhotoFilter | None = None
    ) -> AlbumId:
        now = self.clock.now()
        album = Album(
            id=AlbumId(self.ids.new()),
            owner_id=actor,
            name=name,
            description=description,
            query=query,
            created_at=now,
            updated_at=now,
        )
        album.created()
        async with self.unit_of_work.answering():
            await self.albums.add(album)
        return album.id
