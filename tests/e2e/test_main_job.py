"""What photostore is for, from the first request to the last byte, on a server with nothing set and on one with all."""

from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

import httpx2
import pytest

from tests.callers import caller
from tests.e2e.behind import Behind
from tests.e2e.people import API, Person, bearer, register, sign_in, somebody
from tests.e2e.servers import ServerProcess
from tests.fixtures.oidc import CertifiedProvider
from tests.pictures import a_jpeg, an_avif
from tests.waiting import eventually

REAL = {
    path.name: path.read_bytes()
    for path in (Path(__file__).parents[1] / "real_pictures").iterdir()
    if path.suffix in (".heic", ".avif")
}
NO_PICTURES = {
    "plain text": b"not a photo, whatever its name says\n" * 20,
    "PDF": b"%PDF-1.7\n" + bytes(2000),
    "HTML": b"<!DOCTYPE html><script>alert(1)</script>",
    "JPEG": a_jpeg(800, 600)[:300],
}
OWNED = ("photos", "uploads", "quotas", "photo_hashtags", "owner_hashtags")


@pytest.fixture
async def person(server: ServerProcess) -> AsyncIterator[Person]:
    async with somebody(server.url) as person:
        yield person


async def test_sign_in_at_the_provider_with_a_browser(
    outfitted_server: ServerProcess, oidc_provider: CertifiedProvider
) -> None:
    async with caller(outfitted_server.url) as http:
        begun = await http.get(f"{API}/auth/login")
        callback = await oidc_provider.sign_in(begun.headers["Location"])
        stolen = httpx2.get(callback, timeout=30)
        tokens = await http.get(callback)

    assert begun.status_code == 302
    assert {"HttpOnly", "SameSite=lax"} <= set(begun.headers["Set-Cookie"].split("; "))
    assert stolen.status_code == 400, "another browser has no cookie of this sign-in"
    assert tokens.status_code == 200, tokens.text
    assert tokens.json().keys() == {"access_token", "token_type", "expires_in", "refresh_token"}
    async with bearer(outfitted_server.url, tokens.json()["access_token"]) as alice:
        assert alice.email == "alice@example.test"
        photo = await alice.uploaded(a_jpeg(31, 17))
        assert [each["id"] for each in await alice.photos()] == [photo["id"]]


async def test_real_pictures_come_back_as_they_were(person: Person) -> None:
    for name, content in REAL.items():
        photo = await person.uploaded(content, name)
        answer = await person.http.get(f"{API}/photos/{photo['id']}/file")

        assert answer.content == content, name
        assert answer.headers["Content-Type"] == photo["content_type"] == f"image/{name.rpartition('.')[2]}"
        assert min(photo["width"], photo["height"]) > 0, name


async def test_a_photo_from_upload_to_deletion(person: Person, behind: Behind, large_jpeg: bytes) -> None:
    tag = f"sunset_{uuid4().hex[:12]}"
    photo = await person.uploaded(large_jpeg, "Tōkyō.jpg", hashtags=f"#{tag.upper()}", title="The tower")
    assert (photo["width"], photo["height"], photo["byte_size"]) == (8064, 6048, len(large_jpeg))
    assert photo["sha256"] == sha256(large_jpeg).hexdigest()
    assert photo["hashtags"] == [tag]

    at = f"{API}/photos/{photo['id']}"
    await person.http.put(f"{at}/hashtags/evening_{tag}")
    found = await person.photos(hashtag=f"evening_{tag}")
    assert [(each["id"], each["title"]) for each in found] == [(photo["id"], "The tower")]
    assert await uses_of(person, tag) == await uses_of(person, f"evening_{tag}") == 1

    assert (await person.http.get(f"{at}/file")).content == large_jpeg
    part = await person.http.get(f"{at}/file", headers={"Range": "bytes=1000000-1000999"})
    assert (part.status_code, part.content) == (206, large_jpeg[1_000_000:1_001_000])
    assert part.headers["Content-Range"] == f"bytes 1000000-1000999/{len(large_jpeg)}"
    async with caller() as anyone:
        assert (await anyone.get(photo["file_url"])).content == large_jpeg
        redirect = await person.http.get(f"{at}/download")
        assert redirect.status_code == 307
        downloaded = await anyone.get(urljoin(str(redirect.url), redirect.headers["Location"]))
        assert downloaded.content == large_jpeg
        assert downloaded.headers["Content-Disposition"].startswith("attachment")

        kept = await behind.blobs(person.id)
        assert kept == await behind.named_blobs(person.id) != set()
        assert await behind.quota(person.id) == quota(len(large_jpeg), photos=1)

        assert (await person.http.delete(at)).status_code == 204
        assert (await person.http.get(at)).status_code == 404
        assert (await person.http.get(f"{at}/file")).status_code == 404
        await eventually(lambda: not behind.has_any(kept), what="the blob to be deleted")
        assert (await anyone.get(photo["file_url"])).status_code == 404

    assert await uses_of(person, tag) == await uses_of(person, f"evening_{tag}") == 0
    assert await behind.quota(person.id) == quota(0, photos=0)
    assert await person.photos() == []


async def test_the_same_bytes_again_are_the_same_photo(person: Person, behind: Behind, example_photo: bytes) -> None:
    photo = await person.uploaded(example_photo, "example.jpg")

    again = await person.upload(example_photo, "another-name.jpg")

    assert again.status_code == 200
    assert again.json()["id"] == photo["id"]
    assert again.json()["duplicate"] is True
    assert await behind.quota(person.id) == quota(len(example_photo), photos=1)
    await behind.settled(person.id)


async def test_a_file_that_broke_off_behind_a_good_header_is_kept_as_it_is(person: Person, large_jpeg: bytes) -> None:
    part = large_jpeg[: len(large_jpeg) // 3]

    photo = await person.uploaded(part, "part.jpg")

    assert (photo["width"], photo["height"]) == (8064, 6048)
    assert (await person.http.get(f"{API}/photos/{photo['id']}/file")).content == part


async def test_what_is_no_picture_is_told_what_it_was(person: Person, behind: Behind) -> None:
    for named, content in NO_PICTURES.items():
        answer = await person.upload(content, "holiday.jpg")

        assert answer.status_code == 415
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert named in answer.json()["detail"]
    await behind.settled(person.id)
    assert await behind.blobs(person.id) == set()


async def test_a_closed_account_leaves_nothing_and_its_address_is_free(server: ServerProcess, behind: Behind) -> None:
    async with somebody(server.url) as person:
        urls = [(await person.uploaded(a_jpeg(20 + side, 20)))["file_url"] for side in range(3)]
        urls.append((await person.uploaded(an_avif()))["file_url"])
        kept = await behind.blobs(person.id)
        assert len(kept) == 4

        assert (await person.http.delete(f"{API}/auth/me")).status_code == 204

        async def is_refused() -> bool:
            return (await person.http.get(f"{API}/photos")).status_code == 401

        await eventually(is_refused, what="the session to be refused everywhere")
        await eventually(lambda: not behind.has_any(kept), what="the blobs to be deleted")
        await eventually(lambda: is_erased(behind, person.id), what="the account to be erased")
    async with caller(server.url) as http:
        assert {urlsplit(url).scheme for url in urls} == {"http"}

        async def have_ended() -> bool:
            return [(await http.get(url)).status_code for url in urls] == [404] * 4

        await eventually(have_ended, within=60, what="every URL to end everywhere")
        assert (await register(http, person.email)).status_code == 201
        token = await sign_in(http, person.email)
    async with bearer(server.url, token) as newcomer:
        assert newcomer.id != person.id
        assert await newcomer.photos() == []


async def is_erased(behind: Behind, user: str) -> bool:
    rows = [await behind.rows(f"SELECT FROM {table} WHERE owner_id = $1", user) for table in OWNED]
    return not any(rows) and not await behind.rows("SELECT FROM users WHERE id = $1", user)


async def uses_of(person: Person, tag: str) -> int:
    """How many photos have it, as anyone is told."""
    answer = await person.http.get(f"{API}/hashtags/search", params={"q": tag})
    return sum(item["photo_count"] for item in answer.json()["items"] if item["name"] == tag)


def quota(used: int, *, photos: int) -> dict[str, int]:
    return {"used_bytes": used, "reserved_bytes": 0, "photo_count": photos}
