"""Share an album with another user."""

from dataclasses import dataclass

from photostore.album.errors import TooManyMembers
from photostore.album.ports import AlbumPolicy, AlbumRepository, UserDirectory
from photostore.album.roles import Action, Role
from photostore.shared.clock import Clock
from photostore.shared.ids import AlbumId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.shared.versions import ANY_VERSION, ExpectedVersion
from photostore.user.email import EmailAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Who it is shared with; `new` when it was not before."""

    user_id: UserId
    number: int
    new: bool


@dataclass(frozen=True, slots=True)
class ShareAlbum:
    """Make somebody a member, or change what they are. Raise `AlbumNotFound`, `RoleForbids`, `UserNotFound`, `AlbumInvalid`
    for the owner, or `TooManyMembers`."""

    albums: AlbumRepository
    directory: UserDirectory
    policy: AlbumPolicy
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(
        self,
        *,
        actor: UserId,
        album_id: AlbumId,
        user: UserId | EmailAddress,
        role: Role,
        expected_version: ExpectedVersion = ANY_VERSION,
    ) -> Shared:
        async with self.unit_of_work:
            album = await self.albums.get(album_id, actor=actor)
            # Nobody else learns by this who has an account.
            album.demand(actor, Action.SHARE)
            expected_version.demand(album.version)
            user_id = await self.directory.find(user)
            new = album.share_with(user_id, role, now=self.clock.now())
            if len(album.members) > self.policy.max_members:
                raise TooManyMembers(f"At most {self.policy.max_members} members can be in one album.")
            if album.events:
                await self.albums.save(album)
        return Shared(user_id=user_id, number=album.members[user_id].number, new=new)
