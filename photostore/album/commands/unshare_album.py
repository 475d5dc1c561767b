"""Share an album with somebody no longer; or leave it."""

from dataclasses import dataclass

from photostore.album.ports import AlbumContents, AlbumRepository, UserDirectory
from photostore.album.roles import Action
from photostore.album.taking import leave
from photostore.shared.clock import Clock
from photostore.shared.ids import AlbumId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.shared.versions import ANY_VERSION, ExpectedVersion
from photostore.user.email import EmailAddress


@dataclass(frozen=True, slots=True)
class UnshareAlbum:
    """What they own leaves the album with them. No member is fine. Anybody may leave; the owner alone may end it for others.

    Raise `AlbumNotFound`, `RoleForbids` or `UserNotFound`.
    """

    albums: AlbumRepository
    contents: AlbumContents
    directory: UserDirectory
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(
        self,
        *,
        actor: UserId,
        album_id: AlbumId,
        user: UserId | EmailAddress,
        expected_version: ExpectedVersion = ANY_VERSION,
    ) -> None:
        async with self.unit_of_work:
            album = await self.albums.get(album_id, actor=actor)
            if user != actor:
                album.demand(actor, Action.SHARE)
            expected_version.demand(album.version)
            user_id = await self.directory.find(user) if isinstance(user, str) else user
            if user_id in album.members:
                await leave(album, user_id, self.albums, self.contents, now=self.clock.now())
