"""Google Takeouts and folders of pictures, taken in by the use cases on fakes."""

import json
import os
import tarfile
import zipfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from dishka import AsyncContainer

from photostore.album.queries import AlbumQueries
from photostore.photo.photo import Photo
from photostore.shared.errors import PhotostoreError
from photostore.shared.ids import UserId
from photostore.transfer.documents import photo_document, written
from photostore.transfer.queries import Membership
from photostore.transfer.xmp import xmp_sidecar
from photostore_adapters.importing import ImportReport, ImportWanted, import_libraries
from tests.albums import shown
from tests.builders import PICTURE_HEAD, a_header, a_picture, a_user
from tests.containers import on_fakes
from tests.core.transfer.views import a_view, at
from tests.fakes.picture_inspector import FakePictureInspector
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW, new_id
from tests.using import get, stored


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def container(store: FakeStore) -> AsyncContainer:
    return on_fakes(store)


@pytest.fixture
async def owner(container: AsyncContainer) -> UserId:
    return (await stored(container, a_user(email="anna@example.test"))).id


async def take_in(container: AsyncContainer, *paths: Path, **wanted: Any) -> ImportReport:
    return await import_libraries(
        container, paths, ImportWanted(owner="anna@example.test", **wanted), lambda report: None
    )


def photos_of(store: FakeStore) -> Mapping[str, Photo]:
    return {photo.filename: photo for photo in store.photos.rows.values()}


def document(title: str, **said: Any) -> bytes:
    return json.dumps({"title": title, "photoTakenTime": {"timestamp": "1689366600"}, **said}).encode()


YEAR, ROME = "Takeout/Google Fotos/Fotos von 2023", "Takeout/Google Fotos/Rom"
LONG = "a-name-that-is-longer-than-google-lets-them-be-and-goes-on.jpg"
TAKEOUT: dict[str, bytes] = {
    f"{YEAR}/IMG_1.jpg": a_picture("1"),
    f"{YEAR}/IMG_1.jpg.supplemental-metadata.json": document("IMG_1.jpg", description="Sea", favorited=True),
    f"{YEAR}/IMG_1(1).jpg": a_picture("1 again"),
    f"{YEAR}/IMG_1.jpg.supplemental-metadata(1).json": document("IMG_1.jpg", description="Other"),
    f"{YEAR}/IMG_1-bearbeitet.jpg": a_picture("1 edited"),
    f"{YEAR}/{LONG[:47]}.jpg": a_picture("long"),
    f"{YEAR}/{LONG[:46]}.json": document(LONG, people=[{"name": "Bo"}]),
    f"{YEAR}/live.HEIC": a_picture("live"),
    f"{YEAR}/live.HEIC.json": document("live.HEIC"),
    f"{YEAR}/live.MP4": b"a video",
    f"{YEAR}/lost.jpg.json": document("lost.jpg"),
    f"{YEAR}/Metadaten.json": json.dumps({"title": "Fotos von 2023"}).encode(),
    f"{ROME}/Metadaten.json": json.dumps({"title": "Rom", "description": "Frühling"}).encode(),
    f"{ROME}/IMG_1.jpg": a_picture("1"),
    f"{ROME}/IMG_1.jpg.json": document("IMG_1.jpg"),
    f"{ROME}/only.jpg": a_picture("only here"),
    "Takeout/Google Fotos/Papierkorb/gone.jpg": a_picture("gone"),
    "Takeout/Google Fotos/Papierkorb/gone.jpg.json": document("gone.jpg", trashed=True),
    "Takeout/Google Fotos/print-subscriptions.json": b"{}",
    "Takeout/archive_browser.html": b"<html>",
}


def in_zips(folder: Path) -> list[Path]:
    """As they are downloaded: documents and pictures are in different parts."""
    paths = [folder / f"takeout-20240501T100000Z-00{number}.zip" for number in (1, 2)]
    for number, path in enumerate(paths):
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in TAKEOUT.items():
                if name.endswith(".json") is bool(number):
                    archive.writestr(name, content)
    return paths


def in_a_folder(folder: Path) -> list[Path]:
    for name, content in TAKEOUT.items():
        (folder / "found" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "found" / name).write_bytes(content)
    return [folder / "found"]


def in_a_tgz(folder: Path) -> list[Path]:
    [found] = in_a_folder(folder)
    with tarfile.open(folder / "takeout.tgz", "w:gz") as archive:
        archive.add(found / "Takeout", "Takeout")
    return [folder / "takeout.tgz"]


@pytest.mark.parametrize("packing", [in_zips, in_a_folder, in_a_tgz])
async def test_a_takeout_comes_in_with_all_that_google_knows(
    container: AsyncContainer, store: FakeStore, owner: UserId, tmp_path: Path, packing: Any
) -> None:
    report = await take_in(container, *packing(tmp_path))
    again = await take_in(container, *packing(tmp_path))

    photos = store.photos.rows.values()
    said = {photo.description: photo for photo in photos if photo.description}
    assert (report.imported, report.known, report.trashed, report.documents) == (7, 1, 1, 1)
    assert (report.failed, again.imported, again.known, again.completed) == ([], 0, 8, 0)
    assert [told.name for told in report.skipped if "video" in told.reason] == [f"{YEAR}/live.MP4"]
    assert sorted(photo.filename for photo in photos) == sorted(
        ["IMG_1.jpg", "IMG_1.jpg", "IMG_1.jpg", LONG, "live.HEIC", "only.jpg", "gone.jpg"]
    )
    assert set(said) == {"Sea", "Other"}
    assert {photo.favorite for photo in photos if photo.description == "Sea"} == {True}
    assert photos_of(store)[LONG].custom == {"takeout": {"people": ["Bo"]}}
    assert photos_of(store)["live.HEIC"].taken_at == at("2023-07-14T20:30:00Z")
    assert photos_of(store)["gone.jpg"].trashed_at is not None
    albums = await (await get(container, AlbumQueries)).list(owner, shared=False, after=None, limit=9)
    assert [(album.name, album.description) for album in albums] == [("Rom", "Frühling")]
    in_rome = {each.filename for each in await shown(container, albums[0].id, owner)}
    assert in_rome == {"IMG_1.jpg", "only.jpg"}


async def test_the_camera_s_own_time_is_believed_unless_it_is_days_off(
    container: AsyncContainer, store: FakeStore, owner: UserId, tmp_path: Path
) -> None:
    taken = at("2023-07-14T22:30:00Z")
    store.inspector = FakePictureInspector(
        {PICTURE_HEAD: a_header(taken_at=taken), b"scanned".ljust(512, b"."): a_header(taken_at=taken - timedelta(400))}
    )
    for name, content in (("near.jpg", a_picture("x")), ("far.jpg", b"scanned".ljust(600, b"."))):
        (tmp_path / name).write_bytes(content)
        (tmp_path / f"{name}.json").write_bytes(document(name))

    await take_in(container, tmp_path)

    assert photos_of(store)["near.jpg"].taken_at == taken
    assert photos_of(store)["far.jpg"].taken_at == at("2023-07-14T20:30:00Z")


async def test_a_folder_s_sidecars_and_folders_are_read(
    container: AsyncContainer, store: FakeStore, owner: UserId, tmp_path: Path
) -> None:
    photo = a_view(title="Sea", description="calm", hashtags=("sea",), favorite=True, taken_at=NOW)
    for name in ("trips/rome/a.jpg", "trips/b.jpg", "c.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(a_picture(name))
    (tmp_path / "trips/rome/a.xmp").write_bytes(xmp_sidecar(photo))
    (tmp_path / "c.jpg.json").write_bytes(
        written(photo_document(a_view(filename="real.jpg", title="Exact"), [Membership(new_id(), new_id(), "Kept")]))
    )
    (tmp_path / "trips/b.jpg.json").write_text("no JSON")
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "broken.jpg").write_text("no picture either")

    plan = await take_in(container, tmp_path, album_from_folders=True, dry_run=True)
    before = len(store.photos.rows), len(store.albums.rows)
    report = await take_in(container, tmp_path, album_from_folders=True)

    assert before == (0, 0)
    assert (plan.imported, plan.albums_created, len(plan.failed)) == (3, 4, 2)
    assert (report.imported, report.albums_created, report.done) == (3, 4, report.pictures + 1)
    assert {album.name for album in store.albums.rows.values()} == {
        "trips / rome",
        "trips",
        "Kept",
        tmp_path.name,
    }
    sea = photos_of(store)["a.jpg"]
    assert (sea.title, sea.description, sea.hashtags, sea.favorite) == ("Sea", "calm", ("sea",), True)
    assert sea.taken_at == NOW
    assert photos_of(store)["real.jpg"].title == "Exact"
    assert [told.name for told in report.skipped] == ["notes.txt"]
    assert sorted(told.name for told in report.failed) == ["broken.jpg", "trips/b.jpg.json"]


async def test_names_that_are_no_text_come_in_as_far_as_they_are(
    container: AsyncContainer, store: FakeStore, owner: UserId, tmp_path: Path
) -> None:
    folder = tmp_path / os.fsdecode(b"Rome\xff")
    folder.mkdir()
    (folder / os.fsdecode(b"a\xfe.jpg")).write_bytes(a_picture("a"))
    (folder / os.fsdecode(b"b\xfe.jpg")).write_text("no picture")

    await take_in(container, folder.parent, album_from_folders=True)
    report = await take_in(container, folder.parent, album_from_folders=True)

    assert [album.name for album in store.albums.rows.values()] == ["Rome"]
    assert [told.name for told in report.failed] == ["Rome?/b?.jpg"]


async def test_what_a_second_file_of_the_same_bytes_says_too_much_is_told_and_the_rest_goes_on(
    container: AsyncContainer, store: FakeStore, owner: UserId, tmp_path: Path
) -> None:
    for name in "ab":
        (tmp_path / f"{name}.jpg").write_bytes(a_picture("same"))
        said = a_view(filename=f"{name}.jpg", custom={name: "x" * 12_000})
        (tmp_path / f"{name}.jpg.json").write_bytes(written(photo_document(said, [])))

    report = await take_in(container, tmp_path)

    assert (report.imported, [told.name for told in report.failed]) == (1, ["b.jpg"])


async def test_a_full_quota_stops_what_is_new_and_completes_what_is_there(tmp_path: Path) -> None:
    store = FakeStore(quota_bytes=2000)
    container = on_fakes(store)
    await stored(container, a_user(email="anna@example.test"))
    (tmp_path / "a.jpg").write_bytes(a_picture("a", byte_size=900))
    first = await take_in(container, tmp_path)
    (tmp_path / "a.jpg.json").write_bytes(document("a.jpg", description="Said later"))
    for name in "bcde":
        (tmp_path / f"{name}.jpg").write_bytes(a_picture(name, byte_size=900))

    report = await take_in(container, tmp_path)

    assert first.imported == 1
    assert (report.imported, report.known, report.completed) == (1, 1, 1)
    assert report.stopped is not None
    assert len(report.failed) + report.not_tried == 3
    assert report.faulty


async def test_it_must_be_said_whose_they_become(container: AsyncContainer, tmp_path: Path) -> None:
    for who in (None, "nobody@example.test", "nobody"):
        with pytest.raises(PhotostoreError):
            await import_libraries(container, [tmp_path], ImportWanted(owner=who), lambda report: None)
