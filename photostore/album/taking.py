"""How photos and people go from an album, whatever the reason."""

from datetime import datetime

from photostore.album.album import Album
from photostore.album.ports import AlbumContents, AlbumRepository, TakenOut
from photostore.album.roles import Role
from photostore.shared.ids import UserId
from photostore.shared.unit_of_work import UnitOfWork


def take_note(album: Album, taken: TakenOut, *, now: datetime) -> None:
    album.photos_removed(taken.blob_keys, shown=taken.shown, now=now)


async def leave(
    album: Album, user_id: UserId, albums: AlbumRepository, contents: AlbumContents, *, now: datetime
) -> None:
    """A member, with what they own, within the unit of work."""
    take_note(album, await contents.take_all_of(album, user_id), now=now)
    album.unshare(user_id, now=now)
    await albums.save(album)


async def leave_everything(
    user_id: UserId, albums: AlbumRepository, contents: AlbumContents, unit_of_work: UnitOfWork, *, now: datetime
) -> None:
    """Someone who goes for good: their albums go, and they leave all others. One transaction each."""
    while True:
        async with unit_of_work:
            found = await albums.some_of(user_id, limit=1)
            if not found:
                return
            album = await albums.get(found[0], actor=user_id)
            if album.role_of(user_id) is Role.OWNER:
                album.delete(now=now)
                await albums.remove(album)
            else:
                await leave(album, user_id, albums, contents, now=now)
