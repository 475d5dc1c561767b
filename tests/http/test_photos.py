"""Photos over HTTP: read, list, edit, tag, delete, and get the bytes."""

from base64 import b64encode
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest

from photostore.photo.photo import Photo
from photostore.user.user import User
from tests.builders import a_photo
from tests.fakes.jobs import run_jobs
from tests.http.test_problems import problem
from tests.http.world import World
from tests.using import stored

PHOTOS = "/api/v1/photos"
FIELDS = {
    *("id", "owner_id", "filename", "title", "description", "content_type", "byte_size", "sha256", "width", "height"),
    *("taken_at", "taken_at_offset_minutes", "camera", "location", "hashtags", "favorite", "custom", "status"),
    *("failure", "placeholder", "renditions", "file_url", "urls_expire_at", "version", "duplicate", "trashed_at"),
    *("created_at", "updated_at"),
}


@pytest.fixture
async def photo(world: World, ada: User) -> Photo:
    photo = await stored(world.container, a_photo(owner_id=ada.id, title="Pier", hashtags=["sea"], filename="früh.jpg"))
    world.store.blobs.blobs[photo.blob_key] = bytes(range(250)) * 4
    return photo


@pytest.fixture
def at(photo: Photo) -> str:
    return f"{PHOTOS}/{photo.id}"


async def test_a_photo_has_every_field_of_the_contract(as_ada: httpx.AsyncClient, photo: Photo, at: str) -> None:
    answer = await as_ada.get(at)

    told = answer.json()
    assert set(told) == FIELDS
    assert (told["id"], told["sha256"], told["hashtags"]) == (str(photo.id), photo.sha256.hex(), ["sea"])
    assert (told["camera"], told["location"], told["trashed_at"], told["renditions"]) == (None, None, None, [])
    assert told["created_at"] == "2026-06-01T12:00:00Z"
    assert answer.headers["etag"] == '"1"'


async def test_an_unchanged_photo_is_not_sent_again(as_ada: httpx.AsyncClient, at: str) -> None:
    same = await as_ada.get(at, headers={"if-none-match": '"1"'})
    other = await as_ada.get(at, headers={"if-none-match": '"2"'})

    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", '"1"')
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("patch", "changed"),
    [
        ({}, {}),
        ({"title": "Sunset"}, {"title": "Sunset"}),
        ({"title": None}, {"title": None}),
        ({"hashtags": ["#Sun", "sun", "ﬁne"]}, {"hashtags": ["sun", "fine"]}),
        ({"hashtags": None}, {"hashtags": []}),
        ({"favorite": True}, {"favorite": True}),
        ({"favorite": None}, {"favorite": False}),
        ({"custom": {"a": {"b": 1}}}, {"custom": {"a": {"b": 1}}}),
        (
            {"taken_at": "2020-01-01T12:00:00+02:00"},
            {"taken_at": "2020-01-01T10:00:00Z", "taken_at_offset_minutes": 120},
        ),
        ({"description": "Late."}, {"description": "Late."}),
    ],
)
async def test_a_patch_changes_what_it_names(as_ada: httpx.AsyncClient, at: str, patch: Any, changed: Any) -> None:
    before = (await as_ada.get(at)).json()

    answer = await as_ada.patch(at, json=patch, headers={"if-match": '"1"'})

    version = 2 if patch else 1
    assert answer.status_code == 200, answer.text
    assert answer.json() == {**before, **changed, "version": version}
    assert answer.headers["etag"] == f'"{version}"'


async def test_custom_data_are_merged(as_ada: httpx.AsyncClient, at: str) -> None:
    await as_ada.patch(at, json={"custom": {"keep": 1, "drop": 2, "in": {"a": 1, "b": 2}}})

    merged = await as_ada.patch(at, json={"custom": {"drop": None, "in": {"b": None, "c": 3}}})
    emptied = await as_ada.patch(at, json={"custom": None})

    assert merged.json()["custom"] == {"keep": 1, "in": {"a": 1, "c": 3}}
    assert emptied.json()["custom"] == {}


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"title": "x" * 501}, "title"),
        ({"title": 7}, "title"),
        ({"hashtags": ["two words"]}, "hashtags"),
        ({"hashtags": "sun"}, "hashtags"),
        ({"favorite": "yes"}, "favorite"),
        ({"favorite": 1}, "favorite"),
        ({"taken_at": "yesterday"}, "taken_at"),
        ({"taken_at": 0}, "taken_at"),
        ({"custom": []}, "custom"),
        ({"custom": {"a": "\0"}}, "custom"),
        ({"custom": {"a\0": 1}}, "custom"),
        ({"version": 2}, "version"),
        ({"id": str(UUID(int=1))}, "id"),
    ],
)
async def test_what_does_not_validate_changes_nothing(
    as_ada: httpx.AsyncClient, at: str, patch: Any, field: str
) -> None:
    answer = await as_ada.patch(at, json=patch)

    assert problem(answer)[0] == 422
    assert [each["field"].partition("[")[0] for each in answer.json()["errors"]] == [field]
    assert (await as_ada.get(at)).json()["version"] == 1


@pytest.mark.parametrize("header", ['"2"', 'W/"1"', '"none"', "1", f'"{"9" * 40}"', '"²"'])
async def test_a_change_of_another_version_fails(as_ada: httpx.AsyncClient, at: str, header: str) -> None:
    headers = {b"if-match": header.encode("latin-1")}

    answers = [await as_ada.patch(at, json={"title": "x"}, headers=headers), await as_ada.delete(at, headers=headers)]

    assert [problem(answer) for answer in answers] == [(412, "precondition-failed")] * 2


@pytest.mark.parametrize("header", ['"1"', "*"])
async def test_a_deleted_photo_is_gone_with_its_bytes(
    world: World, as_ada: httpx.AsyncClient, at: str, header: str
) -> None:
    answer = await as_ada.delete(at, headers={"if-match": header})
    await run_jobs(world.container, world.store)

    assert (answer.status_code, answer.content) == (204, b"")
    assert problem(await as_ada.get(at)) == (404, "photo-not-found")
    assert problem(await as_ada.delete(at)) == (404, "photo-not-found")
    assert world.store.blobs.blobs == {}


@pytest.mark.parametrize("name", ["Straße", "#北京", "日本_2026", "İstanbul"])
async def test_tagging_twice_is_tagging_once(as_ada: httpx.AsyncClient, at: str, name: str) -> None:
    tag = f"{at}/hashtags/{quote(name, safe='')}"

    put = [(await as_ada.put(tag)).status_code for _ in range(2)]
    tagged = (await as_ada.get(at)).json()
    removed = [(await as_ada.delete(tag)).status_code for _ in range(2)]
    untagged = (await as_ada.get(at)).json()

    assert (put, removed) == ([204, 204], [204, 204])
    assert (len(tagged["hashtags"]), untagged["hashtags"]) == (2, ["sea"])
    assert (tagged["version"], untagged["version"]) == (2, 3)


@pytest.mark.parametrize("name", ["two words", "_", "a" * 65, "%00", "%FF%FE", "🌊"])
async def test_what_is_no_hashtag_tags_nothing(as_ada: httpx.AsyncClient, at: str, name: str) -> None:
    assert problem(await as_ada.put(f"{at}/hashtags/{name}")) == (422, "not-a-hashtag")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["c", "b", "a"]),
        ("sort=created_at", ["a", "b", "c"]),
        ("sort=taken_at", ["b", "a", "c"]),
        ("sort=-taken_at", ["a", "b", "c"]),
        ("hashtag=x", ["b", "a"]),
        ("hashtag=x&hashtag=%23Y", ["b"]),
        ("favorite=true", ["c"]),
        ("favorite=false", ["b", "a"]),
        ("q=B", ["b"]),
        ("q=", ["c", "b", "a"]),
        ("q=holiday.jpg", ["c", "b", "a"]),
        ("taken_after=2020-01-01T00:00:00Z", ["b", "a"]),
        ("taken_after=2020-01-01T00:00:00Z&taken_before=2021-01-01T00:00:00Z", ["b"]),
        ("taken_after=2021-01-01T01:00:00%2B01:00", ["a"]),
        ("taken_after=2021-01-01T00:00:00", ["a"]),
        ("taken_after=9999-12-31T23:59:59-14:00", []),
        ("taken_before=0001-01-01T00:00:00%2B14:00", []),
        ("status=ready", ["c", "b", "a"]),
        ("status=failed", []),
        ("limit=2", ["c", "b"]),
    ],
)
async def test_photos_are_found(
    world: World, ada: User, as_ada: httpx.AsyncClient, query: str, found: list[str]
) -> None:
    told: dict[str, Any] = {
        "a": {"hashtags": ["x"], "taken_at": "2021-01-01T00:00:00+00:00"},
        "b": {"hashtags": ["x", "y"], "taken_at": "2020-01-01T00:00:00+00:00"},
        "c": {"favorite": True},
    }
    for title, each in told.items():
        made = await stored(world.container, a_photo(owner_id=ada.id, title=title))
        assert (await as_ada.patch(f"{PHOTOS}/{made.id}", json=each)).status_code == 200
    await stored(world.container, a_photo(title="someone else's"))

    answer = await as_ada.get(f"{PHOTOS}?{query}")

    assert [each["title"] for each in answer.json()["items"]] == found
    assert all(set(each) == FIELDS for each in answer.json()["items"])


async def test_a_cursor_belongs_to_its_order(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    for _ in range(2):
        await stored(world.container, a_photo(owner_id=ada.id))
    cursor = (await as_ada.get(PHOTOS, params={"limit": 1})).json()["next_cursor"]

    answer = await as_ada.get(PHOTOS, params={"limit": 1, "cursor": cursor, "sort": "taken_at"})

    assert problem(answer) == (400, "bad-cursor")


async def test_the_original_comes_whole_or_in_part(as_ada: httpx.AsyncClient, photo: Photo, at: str) -> None:
    whole = await as_ada.get(f"{at}/file")
    part = await as_ada.get(f"{at}/file", headers={"range": "bytes=10-19"})
    same = await as_ada.get(f"{at}/file", headers={"if-none-match": whole.headers["etag"]})
    saved = await as_ada.get(f"{at}/file?download=1")

    assert (whole.status_code, whole.content) == (200, bytes(range(250)) * 4)
    assert whole.headers["content-type"] == "image/jpeg"
    assert whole.headers["etag"] == f'"{photo.sha256.hex()}"'
    assert whole.headers["repr-digest"] == f"sha-256=:{b64encode(photo.sha256).decode()}:"
    assert whole.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert whole.headers["content-disposition"] == "inline; filename=\"fr_h.jpg\"; filename*=UTF-8''fr%C3%BCh.jpg"
    assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
    assert part.headers["content-range"] == "bytes 10-19/1000"
    assert (same.status_code, same.content) == (304, b"")
    assert saved.headers["content-disposition"].startswith("attachment; ")


async def test_a_signed_url_needs_no_header(world: World, as_ada: httpx.AsyncClient, at: str) -> None:
    url = (await as_ada.get(at)).json()["file_url"]

    answer = await world.http.get(url)
    part = await world.http.get(url, headers={"range": "bytes=-4"})
    forged = await world.http.get(url.replace("a=user", "a=nobody"))
    longer = await world.http.get(f"{url}0")

    assert (answer.status_code, len(answer.content)) == (200, 1000)
    assert "immutable" in answer.headers["cache-control"]
    assert (part.status_code, part.content) == (206, bytes(range(246, 250)))
    assert [problem(each) for each in (forged, longer)] == [(404, "media-url-invalid")] * 2


async def test_a_signed_url_dies_with_the_photo(world: World, as_ada: httpx.AsyncClient, at: str) -> None:
    url = (await as_ada.get(at)).json()["file_url"]
    await as_ada.delete(at)
    await run_jobs(world.container, world.store)

    assert problem(await world.http.get(url)) == (404, "media-url-invalid")


async def test_a_download_leads_straight_to_the_blob_store(world: World, as_ada: httpx.AsyncClient, at: str) -> None:
    answer = await as_ada.get(f"{at}/download")

    location = httpx.URL(answer.headers["location"])
    saved = await world.http.get(location.raw_path.decode())
    assert (answer.status_code, answer.headers["cache-control"]) == (307, "no-store")
    assert location.host == "blobs.test"
    assert (saved.status_code, len(saved.content)) == (200, 1000)
    assert saved.headers["content-disposition"].startswith("attachment; ")
