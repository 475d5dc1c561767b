"""Put photos into an album."""

from collections.abc import Sequence
from dataclasses import dataclass

from photostore.album.adding import put_into
from photostore.album.errors import AlbumInvalid
from photostore.album.ports import AlbumContents, AlbumRepository
from photostore.album.roles import Action
from photostore.shared.clock import Clock
from photostore.shared.errors import FieldError
from photostore.shared.ids import AlbumId, PhotoId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.shared.versions import ANY_VERSION, ExpectedVersion

# So many are named in a refusal; more would be read by nobody.
_NAMED = 20


@dataclass(frozen=True, slots=True)
class AddPhotosToAlbum:
    """At its end, in this order. There already is fine. All are the actor's own, and none is in the trash, else
    `AlbumInvalid` names those that are not. Raise `AlbumNotFound`, `RoleForbids` or `AlbumFindsByQuery`."""

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
        async with self.unit_of_work:
            held = await self.contents.hold(photo_ids, owner=actor)
            album = await self.albums.get(album_id, actor=actor)
            album.demand(actor, Action.ADD_PHOTOS)
            album.demand_by_hand()
            expected_version.demand(album.version)
            self._demand_all(photo_ids, held)
            await put_into(album, photo_ids, self.albums, self.contents, owner=actor, now=self.clock.now())

    def _demand_all(self, photo_ids: Sequence[PhotoId], held: set[PhotoId]) -> None:
        missing = [photo_id for photo_id in dict.fromkeys(photo_ids) if photo_id not in held]
        if missing:
            named = ", ".join(str(each) for each in missing[:_NAMED])
            message = f"not photos of yours, or in the trash: {named}{', ...' if len(missing) > _NAMED else ''}"
            raise AlbumInvalid("Some photos cannot be added.", errors=[FieldError("photo_ids", message)])
