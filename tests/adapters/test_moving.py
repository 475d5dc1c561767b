"""Moving a library out and in: on a real Postgres and a folder, with pictures that are some."""

import shutil
import tarfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import bagit
import pytest

from photostore.album.album import AlbumEdit
from photostore.album.commands.add_photos_to_album import AddPhotosToAlbum
from photostore.album.commands.create_album import CreateAlbum
from photostore.album.commands.edit_album import EditAlbum
from photostore.album.commands.order_album import OrderAlbum
from photostore.audit.queries import AuditFilter, AuditQueries
from photostore.hashtag.commands.create_hashtag import CreateHashtag
from photostore.hashtag.name import hashtag_name
from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.commands.edit_photo import EditPhoto
from photostore.photo.commands.move_to_trash import MoveToTrash
from photostore.photo.photo import PhotoEdit
from photostore.photo.queries import PhotoFilter
from photostore.shared.errors import PhotostoreError
from photostore.shared.ids import PhotoId, UserId
from tests.adapters.moving import Installation, an_installation, library_of
from tests.fixtures.postgres import CreateDatabase
from tests.pictures import a_jpeg, a_png, an_exif
from tests.using import get, use

PARIS = timezone(timedelta(hours=2))
TAKEN = datetime(2019, 12, 31, 23, 30, 0, 250_000, tzinfo=PARIS)
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
    await edit(actor=owner, photo_id=photos[0], edit=PhotoEdit(favorite=True, custom={"a": {"b": [1, None]}}))
    await edit(actor=owner, photo_id=photos[1], edit=PhotoEdit(taken_at=TAKEN, title=""))
    await edit(actor=owner, photo_id=photos[3], edit=PhotoEdit(taken_at=None))
    await edit(actor=owner, photo_id=photos[4], edit=PhotoEdit(taken_at=None))
    await edit(actor=owner, photo_id=photos[4], edit=PhotoEdit(taken_at=TAKEN.astimezone(UTC)))
    create, add = use(old.container, CreateAlbum), use(old.container, AddPhotosToAlbum)
    summer = await create(actor=owner, name="Summer", description="All of it")
    again = await create(actor=owner, name="Summer")
    await create(
        actor=owner, name="Suns", query=PhotoFilter(hashtags=(hashtag_name("sun"),), favorite=True, taken_from=TAKEN)
    )
    await add(actor=owner, album_id=summer, photo_ids=photos)
    await add(actor=owner, album_id=again, photo_ids=photos[1:3])
    await use(old.container, OrderAlbum)(actor=owner, album_id=summer, photo_ids=[photos[4], photos[2], photos[0]])
    await use(old.container, EditAlbum)(actor=owner, album_id=summer, edit=AlbumEdit(cover_photo_id=photos[2]))
    await use(old.container, MoveToTrash)(actor=owner, photo_ids=[photos[1]])
    await use(old.container, CreateHashtag)(actor=owner, name="Unused")
    return photos


async def test_what_is_exported_and_imported_is_an_equal_library(
    old: Installation, new: Installation, tmp_path: Path
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
    assert await audited(old) == [("library.exported", str(owner), {"to": f"folder {tmp_path / 'bag'}"})]
    assert await audited(new) == [("library.imported", str(there), {"from": [str(tmp_path / "bag")]})] * 2
    assert again.albums_known == 3


async def test_a_tar_file_moves_every_library_to_the_account_of_the_same_address(
    old: Installation, new: Installation, tmp_path: Path
) -> None:
    anna, bo = await old.somebody(), await old.somebody("bo@example.test")
    await a_library(old, anna)
    await old.photo(bo, a_jpeg(9, 9))
    there = await new.somebody("ANNA@example.test".lower())

    exported = await old.export_tar(tmp_path / "all.tar")
    report = await new.take_in(tmp_path / "all.tar")
    refused = await refusal_of(new.take_in(tmp_path / "all.tar", owner=str(there)))
    with tarfile.open(tmp_path / "all.tar") as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")

    bagit.Bag(str(tmp_path / "unpacked" / "moved")).validate()
    assert (exported.owners, exported.photos) == (2, 6)
    assert (report.imported, report.trashed) == (5, 1)
    assert [told.name for told in report.failed] == ["data/bo@example.test/"]
    assert await library_of(new, there) == await library_of(old, anna)
    assert "anna@example.test, bo@example.test" in refused
    alone = await new.take_in(tmp_path / "all.tar", owner=str(there), of="bo@example.test", dry_run=True)
    assert (alone.imported, alone.failed) == (1, [])


async def test_an_export_that_was_broken_off_goes_on_and_follows_what_changed(
    old: Installation, tmp_path: Path
) -> None:
    owner, bag = await old.somebody(), tmp_path / "bag"
    photos = await a_library(old, owner)

    with pytest.raises(BrokenOff):
        await old.export(bag, told=breaking_off_after(4, "photos"))
    (bag / ".photostore-export" / "unfinished" / "left").write_bytes(b"half a picture")
    half = [(bag / name).exists() for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt")]
    gone_on = await old.export(bag)
    nothing = await old.export(bag)
    before = {path: path.stat().st_ino for path in bag.rglob("*.jpg")}
    await use(old.container, DeletePhoto)(actor=owner, photo_id=photos[0])
    await use(old.container, EditPhoto)(actor=owner, photo_id=photos[2], edit=PhotoEdit(taken_at=TAKEN))
    changed = await old.export(bag)

    assert half == [False, False]
    assert not list((bag / ".photostore-export" / "unfinished").iterdir())
    assert (gone_on.photos, gone_on.written) == (5, 1)
    assert (nothing.photos, nothing.written) == (5, 0)
    assert (changed.photos, changed.written, changed.dropped) == (4, 0, 1)
    bagit.Bag(str(bag)).validate()
    # One is gone, and one was moved, not written anew.
    after = {path.stat().st_ino for path in bag.rglob("*.jpg")}
    assert after < set(before.values())
    assert all(any(folder.iterdir()) for folder in (bag / "data").rglob("*") if folder.is_dir())


async def test_what_was_damaged_since_is_written_again_and_what_the_store_lost_is_told(
    old: Installation, tmp_path: Path
) -> None:
    owner, bag = await old.somebody(), tmp_path / "bag"
    first = await old.photo(owner, a_jpeg(20, 10), "a.jpg")
    await old.photo(owner, a_jpeg(21, 10), "b.jpg")
    await old.export(bag)
    [damaged] = bag.rglob("a.jpg")
    content = damaged.read_bytes()
    damaged.write_bytes(content[:-1] + b"?")

    believed = await old.export(bag)
    mended = await old.export(bag, verify=True)
    mended_bytes = damaged.read_bytes()
    [blob] = [each for each in (tmp_path / "old").rglob("*") if each.is_file() and each.read_bytes() == content]
    blob.write_bytes(content[:-1] + b"?")
    kept = await old.export(bag)
    fresh = await old.export(tmp_path / "fresh")
    tar = await old.export_tar(tmp_path / "all.tar")

    assert (believed.written, mended.written, mended_bytes) == (0, 1, content)
    assert (kept.photos, kept.faults) == (2, [])
    assert (fresh.photos, [fault.photo_id for fault in fresh.faults]) == (1, [first])
    assert [fault.photo_id for fault in tar.faults] == [first]
    assert "fsck" in fresh.faults[0].reason
    bagit.Bag(str(tmp_path / "fresh")).validate()
    names = sorted(path.name for path in (tmp_path / "fresh").rglob("*.jpg*"))
    assert names == ["b.jpg", "b.jpg.json", "b.jpg.xmp"]


async def test_an_import_that_was_broken_off_goes_on(old: Installation, new: Installation, tmp_path: Path) -> None:
    owner, there = await old.somebody(), await new.somebody()
    await a_library(old, owner)
    await old.export(tmp_path / "bag")

    with pytest.raises(BrokenOff):
        await new.take_in(tmp_path / "bag", told=breaking_off_after(3, "imported"))
    report = await new.take_in(tmp_path / "bag")

    assert 1 <= report.known < 5
    assert report.known + report.imported == 5
    assert await library_of(new, there) == await library_of(old, owner)


async def test_what_was_changed_in_an_export_is_told_and_the_rest_comes_in(
    old: Installation, new: Installation, tmp_path: Path
) -> None:
    owner, bag = await old.somebody(), tmp_path / "bag"
    await new.somebody()
    for number, name in enumerate(("a.jpg", "b.jpg", "c.jpg", "d.jpg")):
        await old.photo(owner, a_jpeg(20 + number, 10), name)
    await old.export(bag)
    paths = {path.name: path for path in bag.rglob("*") if path.is_file()}
    paths["a.jpg"].write_bytes(a_jpeg(99, 10))
    paths["b.jpg"].unlink()
    paths["c.jpg.json"].write_text('{"photostore_export": 1, "entity": "photo", "title": "forged"}')

    report = await new.take_in(bag)
    (bag / "manifest-sha256.txt").write_text("")
    refused = await refusal_of(new.take_in(bag))
    shutil.copytree(bag, tmp_path / "several" / "one")
    shutil.copytree(bag, tmp_path / "several" / "two")
    several = await refusal_of(new.take_in(tmp_path / "several"))

    assert report.imported == 2
    assert sorted(told.name.rpartition("/")[2] for told in report.failed) == ["a.jpg", "b.jpg", "c.jpg.json"]
    assert "manifest-sha256.txt" in refused
    assert "one/, two/" in several


async def test_nothing_is_written_into_a_folder_with_something_else_in_it(old: Installation, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")

    refused = await refusal_of(old.export(tmp_path / "full"))
    unknown = await refusal_of(old.export(tmp_path / "bag", "nobody@example.test"))

    assert "something else" in refused
    assert "nobody@example.test" in unknown
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


async def audited(installation: Installation) -> list[tuple[str, str, Mapping[str, object]]]:
    queries = await get(installation.container, AuditQueries)
    found = await queries.list(AuditFilter(), after=None, limit=10)
    return [(each.action, each.target_id, each.details) for each in found]


class BrokenOff(Exception):
    """As when somebody presses Ctrl-C."""


def breaking_off_after(number: int, figure: str) -> Callable[[Any], None]:
    def told(done: Any) -> None:
        if getattr(done, figure) >= number:
            raise BrokenOff

    return told


async def refusal_of(call: Awaitable[object]) -> str:
    with pytest.raises(PhotostoreError) as caught:
        await call
    return caught.value.detail
