"""`POST /photos/archive`."""

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from photostore.archive.queries import ArchiveLimits
from photostore.photo.photo import Photo
from photostore.user.user import User
from tests.builders import a_photo
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW
from tests.http.world import World
from tests.using import stored

PATH = "/api/v1/photos/archive"
CONTENTS = (b"first " * 20_000, b"second", b"third")


async def in_store(world: World, ada: User, content: bytes, **told: Any) -> Photo:
    photo = await stored(world.container, a_photo(owner_id=ada.id, byte_size=len(content), **told))
    world.store.blobs.blobs[photo.blob_key] = content
    return photo


@pytest.fixture
async def photos(world: World, ada: User) -> list[Photo]:
    return [
        await in_store(world, ada, content, filename="夕日.jpg", taken_at=datetime(2026, 5, 30, 18, 41, 8, tzinfo=UTC))
        for content in CONTENTS
    ]


def asked(photos: list[Photo]) -> dict[str, Any]:
    return {"photo_ids": [str(each.id) for each in photos]}


def opened(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


async def test_the_originals_come_as_a_zip_whose_length_is_told(as_ada: httpx.AsyncClient, photos: list[Photo]) -> None:
    answer = await as_ada.post(PATH, json=asked(photos))

    assert answer.status_code == 200, answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "transfer-encoding" not in answer.headers
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith('attachment; filename="photos.zip"')
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["x-content-type-options"] == "nosniff"
    with opened(answer.content) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["夕日.jpg", "夕日 (2).jpg", "夕日 (3).jpg"]
        assert tuple(archive.read(each) for each in archive.namelist()) == CONTENTS
        assert archive.infolist()[0].date_time == (2026, 5, 30, 18, 41, 8)


async def test_it_is_in_the_order_asked_and_holds_each_photo_once(
    as_ada: httpx.AsyncClient, photos: list[Photo]
) -> None:
    answer = await as_ada.post(PATH, json=asked([photos[2], photos[0], photos[2]]))

    with opened(answer.content) as archive:
        assert [archive.read(each) for each in archive.namelist()] == [CONTENTS[2], CONTENTS[0]]


async def test_a_download_that_broke_goes_on_where_it_was(
    world: World, as_ada: httpx.AsyncClient, photos: list[Photo]
) -> None:
    whole = await as_ada.post(PATH, json=asked(photos))
    headers = {"range": "bytes=60000-", "if-range": whole.headers["etag"]}

    rest = await as_ada.post(PATH, json=asked(photos), headers=headers)

    size = len(whole.content)
    assert rest.status_code == 206
    assert rest.headers["content-range"] == f"bytes 60000-{size - 1}/{size}"
    assert whole.content[:60_000] + rest.content == whole.content
    assert len(world.store.checksums.rows) == 3


async def test_what_was_sent_before_a_break_is_not_read_again(
    world: World, as_ada: httpx.AsyncClient, photos: list[Photo]
) -> None:
    del world.store.blobs.blobs[photos[2].blob_key]
    with pytest.raises(Exception, match="after response started"):
        await as_ada.post(PATH, json=asked(photos))

    assert set(world.store.checksums.rows) == {photos[0].id, photos[1].id}


@pytest.mark.parametrize("change", ["trash", "order"])
async def test_of_another_set_the_whole_is_sent(
    world: World, as_ada: httpx.AsyncClient, photos: list[Photo], change: str
) -> None:
    before = (await as_ada.post(PATH, json=asked(photos))).headers["etag"]
    now = photos[:2] if change == "trash" else photos[::-1]

    rest = await as_ada.post(PATH, json=asked(now), headers={"range": "bytes=100-", "if-range": before})

    assert rest.status_code == 200
    assert rest.headers["etag"] != before
    assert opened(rest.content).testzip() is None


async def test_a_range_behind_the_end_is_refused_and_the_refusal_is_not_kept(
    as_ada: httpx.AsyncClient, photos: list[Photo]
) -> None:
    key = {"idempotency-key": "one"}
    refused = await as_ada.post(PATH, json=asked(photos), headers={**key, "range": "bytes=900000000-"})

    again = await as_ada.post(PATH, json=asked(photos), headers=key)

    assert (refused.status_code, refused.json()["type"]) == (416, "/problems/range-not-satisfiable")
    assert again.status_code == 200


async def test_under_a_key_it_is_made_anew(world: World, as_ada: httpx.AsyncClient, photos: list[Photo]) -> None:
    answers = [await as_ada.post(PATH, json=asked(photos), headers={"idempotency-key": "one"}) for _ in range(2)]

    assert [each.status_code for each in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert "idempotency-replayed" not in answers[1].headers
    assert world.store.idempotency_keys == {}


async def test_an_archive_is_not_compressed_once_more(as_ada: httpx.AsyncClient, photos: list[Photo]) -> None:
    answer = await as_ada.post(PATH, json=asked(photos), headers={"accept-encoding": "gzip"})

    assert "content-encoding" not in answer.headers


async def test_a_post_is_never_told_that_nothing_changed(as_ada: httpx.AsyncClient, photos: list[Photo]) -> None:
    answer = await as_ada.post(PATH, json=asked(photos), headers={"if-none-match": "*"})

    assert answer.status_code == 200


async def test_photos_that_are_not_the_callers_or_in_the_trash_are_named(
    world: World, ada: User, as_ada: httpx.AsyncClient, photos: list[Photo]
) -> None:
    someone_elses = await stored(world.container, a_photo())
    trashed = await in_store(world, ada, b"trashed", trashed_at=NOW)

    answer = await as_ada.post(PATH, json=asked([photos[0], someone_elses, trashed]))

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/photos-not-archivable")
    errors = answer.json()["errors"]
    assert {each["field"] for each in errors} == {"photo_ids"}
    assert [str(each.id) in error["message"] for each, error in zip((someone_elses, trashed), errors, strict=True)]


@pytest.mark.parametrize("ids", [[], ["x"], ["0190f7f2-7bd4-7c3e-9d53-6a3d9f0c1a2b"] * 1001])
async def test_none_and_more_than_a_thousand_do_not_validate(as_ada: httpx.AsyncClient, ids: list[str]) -> None:
    answer = await as_ada.post(PATH, json={"photo_ids": ids})

    assert answer.status_code in (413, 422)


async def test_more_than_the_operator_allows_is_too_large(
    store: FakeStore, world: World, as_ada: httpx.AsyncClient, photos: list[Photo]
) -> None:
    store.archive_limits = ArchiveLimits(max_photos=2)

    answer = await as_ada.post(PATH, json=asked(photos))

    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/archive-too-large")
    assert "2 photos" in answer.json()["detail"]


async def test_a_store_that_is_away_is_told_before_anything_is_sent(
    world: World, as_ada: httpx.AsyncClient, photos: list[Photo]
) -> None:
    world.store.blobs.failing.add("open")

    answer = await as_ada.post(PATH, json=asked(photos))

    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/blob-store-unavailable")
    assert world.store.blobs.reading == 0


async def test_a_fault_midway_is_no_end(world: World, as_ada: httpx.AsyncClient, photos: list[Photo]) -> None:
    world.store.blobs.break_after = 65_536

    with pytest.raises(Exception, match="after response started"):
        await as_ada.post(PATH, json=asked(photos))

    assert world.store.blobs.reading == 0
