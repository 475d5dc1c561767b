"""`GET /albums/{id}/archive`."""

import io
import zipfile
from typing import Any

import httpx
import pytest

from photostore.album.roles import Role
from photostore.archive.queries import ArchiveLimits
from photostore.photo.photo import Photo
from photostore.photo.queries import PhotoFilter
from photostore.shared.ids import UserId
from photostore.user.user import User
from tests.albums import a_person, an_album, put, share
from tests.builders import a_photo
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW
from tests.http.world import World
from tests.using import stored


async def in_store(world: World, owner: UserId, content: bytes, **told: Any) -> Photo:
    photo = await stored(world.container, a_photo(owner_id=owner, byte_size=len(content), **told))
    world.store.blobs.blobs[photo.blob_key] = content
    return photo


def contents(answer: httpx.Response) -> list[bytes]:
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return [archive.read(each) for each in archive.namelist()]


async def test_members_get_everybodys_photos_in_the_albums_order(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    friend = await a_person(world.container)
    mine = [await in_store(world, ada.id, content) for content in (b"first", b"second")]
    theirs = await in_store(world, friend, b"third")
    album_id = await an_album(world.container, friend, theirs)
    await share(world.container, album_id, friend, ada.id, Role.CONTRIBUTOR)
    await put(world.container, album_id, *mine[::-1])

    answer = await as_ada.get(f"/api/v1/albums/{album_id}/archive")

    assert contents(answer) == [b"third", b"second", b"first"]
    assert 'filename="Holiday.zip"' in answer.headers["content-disposition"]


async def test_an_unchanged_album_is_not_sent_again_and_a_part_of_it_is(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    album_id = await an_album(world.container, ada.id, await in_store(world, ada.id, b"first"))
    path = f"/api/v1/albums/{album_id}/archive"
    whole = await as_ada.get(path)

    unchanged = await as_ada.get(path, headers={"if-none-match": whole.headers["etag"]})
    rest = await as_ada.get(path, headers={"range": "bytes=7-", "if-range": whole.headers["etag"]})
    head = await as_ada.head(path)

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert (rest.status_code, rest.content) == (206, whole.content[7:])
    assert head.headers["content-length"] == str(len(whole.content))


async def test_an_album_by_query_holds_what_it_finds_and_nothing_of_the_trash(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    told: dict[str, Any]
    for content, told in ((b"first", {"favorite": True}), (b"other", {}), (b"second", {"favorite": True})):
        await in_store(world, ada.id, content, **told)
    await in_store(world, ada.id, b"trashed", favorite=True, trashed_at=NOW)
    album_id = await an_album(world.container, ada.id, query=PhotoFilter(favorite=True))

    answer = await as_ada.get(f"/api/v1/albums/{album_id}/archive")

    assert contents(answer) == [b"second", b"first"]


@pytest.mark.parametrize("by_query", [False, True])
async def test_an_album_of_too_many_photos_is_too_large(
    store: FakeStore, world: World, ada: User, as_ada: httpx.AsyncClient, *, by_query: bool
) -> None:
    store.archive_limits = ArchiveLimits(max_photos=1)
    photos = [await in_store(world, ada.id, content) for content in (b"1", b"2")]
    query = PhotoFilter() if by_query else None
    album_id = await an_album(world.container, ada.id, *([] if by_query else photos), query=query)

    answer = await as_ada.get(f"/api/v1/albums/{album_id}/archive")

    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/archive-too-large")


async def test_an_empty_album_is_an_empty_archive(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    album_id = await an_album(world.container, ada.id)

    assert contents(await as_ada.get(f"/api/v1/albums/{album_id}/archive")) == []
