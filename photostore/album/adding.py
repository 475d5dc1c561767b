"""How photos come into an album, whatever the door."""

from collections.abc import Sequence
from datetime import datetime

from photostore.album.album import Album
from photostore.album.errors import AlbumNotFound
from photostore.album.ports import AlbumContents, AlbumRepository
from photostore.album.roles import ALLOWED, Action
from photostore.shared.ids import AlbumId, PhotoId, SubmissionId, UserId


async def put_into(
    album: Album,
    photo_ids: Sequence[PhotoId],
    albums: AlbumRepository,
    contents: AlbumContents,
    *,
    owner: UserId,
    now: datetime,
    submission_id: SubmissionId | None = None,
) -> None:
    """Held photos of one owner, within the unit of work. There already is fine. `submission_id` is by which a guest sent it."""
    added = await contents.append(album, photo_ids, owner=owner, now=now, submission_id=submission_id)
    album.photos_added(added, now=now)
    if album.events:
        await albums.save(album)


async def put_if_allowed(
    album_id: AlbumId,
    photo_id: PhotoId,
    albums: AlbumRepository,
    contents: AlbumContents,
    *,
    owner: UserId,
    now: datetime,
) -> None:
    """A photo that its owner sent for an album: where that is gone by now, or no longer lets them, it is in none."""
    if photo_id not in await contents.hold([photo_id], owner=owner):
        return
    try:
        album = await albums.get(album_id, actor=owner)
    except AlbumNotFound:
        return
    role = album.role_of(owner)
    if role is not None and Action.ADD_PHOTOS in ALLOWED[role] and album.query is None:
        await put_into(album, [photo_id], albums, contents, owner=owner, now=now)
