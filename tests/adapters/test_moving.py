"""Moving a library out and in: on a real Postgres and a folder, with pictures that are some."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import bagit
import pytest

from photostore.album.album import AlbumEdit
from photostore.album.commands.add_photos_to_album import AddPhotosToAlbum
from photostore.album.commands.create_album import CreateAlbum
from photostore.album.commands.edit_album import EditAlbum
from photostore.album.commands.order_album import OrderAlbum
from photostore.hashtag.commands.create_hashtag import CreateHashtag
from photostore.hashtag.name import hashtag_name
from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.commands.edit_photo import EditPhoto
from photostore.photo.commands.move_to_trash import MoveToTrash
from photostore.photo.photo import PhotoEdit
from photostore.photo.queries import PhotoFilter
from photostore.shared.ids import PhotoId, UserId
from tests.adapters.moving import Installation, an_installation, library_of
from tests.fixtures.postgres import CreateDatabase
from tests.pictures import a_jpeg, a_png, an_exif
from tests.using import use

PARIS = timezone(timedelta(hours=2))
DATED = an_exif(original="2023:07:14 22:30:00", original_offset="+02:00")


@pytest.fixture
async def old(emptied_database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    async with an_installation(emptied_database_url, tmp_path / "old") as installation:
        yield installation


@pytest.fixture
async def new(create_database: CreateDatabase, tmp_path: Path) -> AsyncIterator[Installation]:
    async with an_installation(await create_database(), tmp_path / "new") as installation:
        yield installation


async def a_library(old: Installation, owner: UserId) -> list[PhotoId]:
    """Of each thing that a library can hold at least one."""
    photos = [
        await old.photo(owner, a_jpeg(20, 10, exif=DATED), "Straße: é.jpg", title="Night & <day>", hashtags="sea,sun"),
        await old.photo(owner, a_jpeg(21, 10), "IMG_1.JPG"),
        await old.photo(owner, a_png(22, 10), "img_1.jpg", description="two\nlines"),
        await old.photo(owner, a_jpeg(23, 10, exif=DATED), "IMG_1.jpg.json"),
        await old.photo(owner, a_jpeg(24, 10, exif=DATED), "photo"),
    ]
    edit = use(old.container, EditPhoto)
    taken = datetime(2019, 12, 31, 23, 30, 0, 250_000, tzinfo=PARIS)
    await edit(actor=owner, photo_id=photos[0], edit=PhotoEdit(favorite=True, custom={"a": {"b": [1, None]}}))
    await edit(actor=owner, photo_id=photos[1], edit=PhotoEdit(taken_at=taken, title=""))
    await edit(actor=owner, photo_id=photos[3], edit=PhotoEdit(taken_at=None))
    await edit(actor=owner, photo_id=photos[4], edit=PhotoEdit(taken_at=None))
    await edit(actor=owner, photo_id=photos[4], edit=PhotoEdit(taken_at=taken.astimezone(UTC)))
    create, add = use(old.container, CreateAlbum), use(old.container, AddPhotosToAlbum)
    summer = await create(actor=owner, name="Summer", description="All of it")
    again = await create(actor=owner, name="Summer")
    await create(
        actor=owner, name="Suns", query=PhotoFilter(hashtags=(hashtag_name("sun"),), favorite=True, taken_from=taken)
    )
    await add(actor=owner, album_id=summer, photo_ids=photos)
    await add(actor=owner, album_id=again, photo_ids=photos[1:3])
    await use(old.container, OrderAlbum)(actor=owner, album_id=summer, photo_ids=[photos[4], photos[2], photos[0]])
    await use(old.container, EditAlbum)(actor=owner, album_id=summer, edit=AlbumEdit(cover_photo_id=photos[2]))
    await use(old.container, MoveToTrash)(actor=owner, photo_ids=[photos[1]])
    await use(old.container, CreateHashtag)(actor=owner, name="Unused")
    return photos


@pytest.mark.parametrize("form", ["folder", "tar"])
async def test_what_is_exported_and_imported_is_an_equal_library(
    old: Installation, new: Installation, tmp_path: Path, form: str
) -> None:
    owner = await old.somebody()
    await a_library(old, owner)
    there = await new.somebody("new@example.test")

    exported = await old.export(tmp_path / "bag", "anna@example.test")
    report = await new.take_in(tmp_path / "bag", owner=str(there))
    again = await new.take_in(tmp_path / "bag", owner=str(there))

    bagit.Bag(str(tmp_path / "bag")).validate()
    assert (exported.photos, exported.written, exported.faults) == (5, 5, [])
    assert (report.imported, report.failed, report.trashed) == (5, [], 1)
    assert await library_of(new, there) == await library_of(old, owner)
    assert (again.imported, again.known, again.completed, again.added_to_albums) == (0, 5, 0, 0)
    assert again.albums_known == 3
