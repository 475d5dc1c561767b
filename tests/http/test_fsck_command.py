"""What `photostore fsck` tells people and scripts, and its exit code's number."""

import json
from typing import Any

import pytest
from click import UsageError
from dishka import AsyncContainer

from photostore.check.finding import Kind
from photostore.check.run import CheckScope
from photostore.photo.photo import Photo
from photostore.photo.renditions import original_of
from photostore.shared.blobs import BlobKey
from photostore.shared.ids import UserId
from photostore.user.errors import UserNotFound
from photostore_adapters.checking import Checking, Wanted
from photostore_http.commands.checking import Fsck
from tests.checking import a_whole_photo
from tests.containers import on_fakes
from tests.fakes.store import FakeStore
from tests.fakes.system import new_id

STRAY = BlobKey("originals/ab/left")


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def container(store: FakeStore) -> AsyncContainer:
    return on_fakes(store)


@pytest.fixture
async def photo(container: AsyncContainer, store: FakeStore) -> Photo:
    return await a_whole_photo(container, store)


def lose_something(store: FakeStore, photo: Photo) -> None:
    del store.blobs.blobs[photo.renditions[0].blob_key]
    store.blobs.blobs[STRAY] = b"left by a crash"


def fsck(container: AsyncContainer, *, repair: bool = False, yes: bool = False, as_json: bool = False) -> Fsck:
    return Fsck(Checking(container), Wanted(scope=CheckScope(), repair=repair), yes=yes, as_json=as_json)


def documents(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


async def test_a_sound_library_is_a_line(
    container: AsyncContainer, photo: Photo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await fsck(container).run() == 0

    assert capsys.readouterr().out == "1 photos looked at, 0 findings.\n"


async def test_an_owner_who_is_nobody_is_not_told_that_all_is_well(container: AsyncContainer, photo: Photo) -> None:
    with pytest.raises(UserNotFound):
        await Checking(container).photos(CheckScope(owner=UserId(new_id())))


async def test_people_are_told_what_was_found_and_what_repairing_would_do(
    container: AsyncContainer, store: FakeStore, photo: Photo, capsys: pytest.CaptureFixture[str]
) -> None:
    lose_something(store, photo)
    before = dict(store.blobs.blobs)

    assert await fsck(container).run() == 2

    told = capsys.readouterr().out
    assert all(
        words in told for words in ("rendition_missing", str(photo.id), "have it made again", "Nothing was changed")
    )
    assert all(words in told for words in ("blob_unreferenced", STRAY, "remove the bytes", "2 findings"))
    assert store.blobs.blobs == before


async def test_scripts_are_told_line_by_line(
    container: AsyncContainer, store: FakeStore, photo: Photo, capsys: pytest.CaptureFixture[str]
) -> None:
    lose_something(store, photo)

    assert await fsck(container, as_json=True).run() == 2

    *findings, last = documents(capsys.readouterr().out)
    assert {each["kind"] for each in findings} == {Kind.RENDITION_MISSING, Kind.BLOB_UNREFERENCED}
    [missing] = [each for each in findings if each["kind"] == "rendition_missing"]
    assert (missing["owner_id"], missing["id"]) == (str(photo.owner_id), str(photo.id))
    assert original_of(BlobKey(missing["key"])) == photo.blob_key
    assert (missing["found"], missing["repair"], missing["outcome"]) == ("nothing", "have it made again", None)
    assert last["summary"] | {"photos": 1, "found": 2, "mended": 0, "wrong": 2} == last["summary"]


async def test_repairing_tells_what_became_of_each(
    container: AsyncContainer, store: FakeStore, photo: Photo, capsys: pytest.CaptureFixture[str]
) -> None:
    lose_something(store, photo)

    assert await fsck(container, repair=True, yes=True, as_json=True).run() == 0

    captured = capsys.readouterr()
    told = documents(captured.out)
    assert "2 findings are looked at once more" in captured.err
    assert {(each["mended"], each["outcome"]) for each in told[2:-1]} == {
        (Kind.RENDITION_MISSING, "mended"),
        (Kind.BLOB_UNREFERENCED, "mended"),
    }
    assert told[-1]["summary"]["wrong"] == 0
    assert STRAY not in store.blobs.blobs


async def test_what_cannot_be_mended_is_still_wrong(
    container: AsyncContainer, store: FakeStore, photo: Photo, capsys: pytest.CaptureFixture[str]
) -> None:
    del store.blobs.blobs[photo.blob_key]

    assert await fsck(container, repair=True, yes=True).run() == 1

    assert "0 mended, 0 gone, 1 told, 0 left" in capsys.readouterr().out


async def test_nothing_is_mended_where_there_is_nobody_to_ask(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    lose_something(store, photo)

    with pytest.raises(UsageError):
        await fsck(container, repair=True).run()

    assert STRAY in store.blobs.blobs
