"""`GET /public/{token}/archive`."""

import io
import zipfile

import httpx
import pytest

from photostore.archive.queries import ArchiveLimits
from photostore.user.user import User
from tests.fakes.store import FakeStore
from tests.http.shares import PASSWORD, public, share, shown, unlock
from tests.http.world import World


def names(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return archive.namelist()


async def test_a_share_is_downloaded_whole_or_gone_on_with(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    photos = [await shown(world, ada.id, filename=name) for name in ("b.jpg", "a.jpg")]
    link = await share(as_ada, *photos, name="Wedding", allow_download=True)

    answer = await world.http.get(public(link, "/archive"))
    rest = await world.http.get(public(link, "/archive"), headers={"range": "bytes=500-"})

    assert names(answer) == ["b.jpg", "a.jpg"]
    assert 'filename="Wedding.zip"' in answer.headers["content-disposition"]
    assert rest.content == answer.content[500:]


async def test_where_metadata_are_hidden_no_name_and_no_byte_tells_them(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    photo = await shown(world, ada.id, filename="Ada's flat.jpg", byte_size=25)
    world.store.blobs.blobs[photo.blob_key] = b"the pictureGPS: her flat!"[:15] + b"META DATA!"
    link = await share(as_ada, photo, allow_download=True, hide_metadata=True)

    answer = await world.http.get(public(link, "/archive"))

    assert names(answer) == ["photo-1.jpg"]
    assert b"META" not in answer.content
    assert b"flat" not in answer.content
    assert "content-length" not in answer.headers
    assert "etag" not in answer.headers


async def test_a_share_that_gives_no_originals_away_gives_no_archive(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    link = await share(as_ada, await shown(world, ada.id), allow_download=False)

    answer = await world.http.get(public(link, "/archive"))

    assert answer.status_code == 403


async def test_the_password_stands_before_the_archive_too(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    link = await share(as_ada, await shown(world, ada.id), allow_download=True, password=PASSWORD)

    refused = await world.http.get(public(link, "/archive"))
    answer = await world.http.get(public(link, "/archive"), headers=await unlock(world.http, link))

    assert (refused.status_code, refused.json()["type"]) == (401, "/problems/password-required")
    assert len(names(answer)) == 1


@pytest.mark.parametrize("count", [1, 2])
async def test_a_share_may_hold_more_than_an_archive(
    store: FakeStore, world: World, ada: User, as_ada: httpx.AsyncClient, count: int
) -> None:
    store.archive_limits = ArchiveLimits(max_photos=1)
    link = await share(as_ada, *[await shown(world, ada.id) for _ in range(count)], allow_download=True)

    answer = await world.http.get(public(link, "/archive"))

    assert answer.status_code == (200 if count == 1 else 413)
