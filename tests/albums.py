"""Short ways of saying what tests of albums say."""

from collections.abc import Sequence

from dishka import AsyncContainer

from photostore.album.commands.add_photos_to_album import AddPhotosToAlbum
from photostore.album.commands.create_album import CreateAlbum
from photostore.album.commands.read_album_photos import ReadAlbumPhotos
from photostore.album.commands.share_album import ShareAlbum
from photostore.album.queries import AlbumQueries, AlbumSort, AlbumView
from photostore.album.roles import Role
from photostore.photo.photo import Photo
from photostore.photo.queries import PhotoFilter, PhotoView
from photostore.shared.ids import AlbumId, UserId
from tests.builders import a_photo, a_user
from tests.using import get, stored, use


async def a_person(adapters: AsyncContainer) -> UserId:
    return (await stored(adapters, a_user())).id


async def an_album(
    adapters: AsyncContainer, owner: UserId, *photos: Photo, query: PhotoFilter | None = None, **roles: UserId
) -> AlbumId:
    """With photos of the owner's, and members by their roles."""
    album_id = await use(adapters, CreateAlbum)(actor=owner, name="Holiday", query=query)
    if photos:
        await put(adapters, album_id, *photos)
    for role, user_id in roles.items():
        await share(adapters, album_id, owner, user_id, Role(role))
    return album_id


async def some_photos(adapters: AsyncContainer, owner: UserId, number: int) -> list[Photo]:
    return [await stored(adapters, a_photo(owner_id=owner)) for _ in range(number)]


async def put(adapters: AsyncContainer, album_id: AlbumId, *photos: Photo) -> None:
    """By their owner, all of one."""
    add = use(adapters, AddPhotosToAlbum)
    await add(actor=photos[0].owner_id, album_id=album_id, photo_ids=[photo.id for photo in photos])


async def share(adapters: AsyncContainer, album_id: AlbumId, owner: UserId, user_id: UserId, role: Role) -> None:
    await use(adapters, ShareAlbum)(actor=owner, album_id=album_id, user=user_id, role=role)


async def shown(
    adapters: AsyncContainer, album_id: AlbumId, reader: UserId, *, sort: AlbumSort = AlbumSort.POSITION, limit: int = 2
) -> Sequence[PhotoView]:
    """All photos of it, page by page."""
    read = use(adapters, ReadAlbumPhotos)
    page = (await read(actor=reader, album_id=album_id, sort=sort, after=None, limit=limit)).page
    views = list(page.items)
    while page.next is not None:
        page = (await read(actor=reader, album_id=album_id, sort=sort, after=page.next, limit=limit)).page
        views += page.items
    return views


async def view_of(adapters: AsyncContainer, album_id: AlbumId, reader: UserId) -> AlbumView:
    return await (await get(adapters, AlbumQueries)).get(album_id, reader=reader)
