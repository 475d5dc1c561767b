"""Digests of RFC 9530 on what clients send: what is not as it was sent is refused, and nothing of it is kept."""

from base64 import b64encode
from hashlib import sha256
from typing import Any

import httpx
import pytest

from photostore.user.user import User
from photostore_http.digests import DigestMalformed, parsed_sha256
from tests.builders import a_picture
from tests.fakes.jobs import run_jobs
from tests.fakes.store import FakeQuota, FakeStore
from tests.http.forms import END, FORM, field_part, file_part
from tests.http.world import API, World

PICTURE = a_picture("digest", byte_size=3000)
BODY = file_part(PICTURE) + field_part("title", b"Sea") + END
HASHTAG = b'{"name": "sea"}'


def digest_of(content: bytes) -> str:
    return f"sha-256=:{b64encode(sha256(content).digest()).decode()}:"


@pytest.fixture
def store() -> FakeStore:
    store = FakeStore()
    store.blobs.lead_to("http://photos.test")
    return store


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (digest_of(b"a"), sha256(b"a").digest()),
        (f'md5=:AAAA:, {digest_of(b"a")};q=1;w="a,b";x , sha-512=:AA==:', sha256(b"a").digest()),
        (f"{digest_of(b'b')},{digest_of(b'a')}", sha256(b"a").digest()),
        ("sha-512=:AA==:", None),
        ("", None),
    ],
)
def test_of_all_digests_the_last_sha_256_is_taken(value: str, told: bytes | None) -> None:
    assert parsed_sha256("Content-Digest", value) == told


@pytest.mark.parametrize(
    "value",
    [
        "sha-256",
        "sha-256=abc",
        "sha-256=:AAAA:",
        "sha-256=:A:",
        "SHA-256=:AAAA:",
        "sha-512=1",
        f"{digest_of(b'a')},",
        f"{digest_of(b'a')} md5=:AA==:",
        f"{digest_of(b'a')};q=",
        "sha-256=:" + "A" * 42 + "*=:",
    ],
)
def test_what_is_no_digest_is_malformed(value: str) -> None:
    with pytest.raises(DigestMalformed):
        parsed_sha256("Content-Digest", value)


@pytest.mark.parametrize(
    ("digest", "status", "kind"),
    [
        (digest_of(HASHTAG), 201, None),
        ("sha-512=:AA==:", 201, None),
        (digest_of(b"else"), 422, "/problems/digest-mismatch"),
        ("sha-256=x", 400, "/problems/digest-malformed"),
    ],
)
async def test_json_is_what_its_digest_says_or_refused(
    as_ada: httpx.AsyncClient, digest: str, status: int, kind: str | None
) -> None:
    headers = {"content-digest": digest, "content-type": "application/json"}

    answer = await as_ada.post(f"{API}/hashtags", content=HASHTAG, headers=headers)

    assert (answer.status_code, answer.json().get("type")) == (status, kind)


async def test_a_body_that_nobody_reads_is_checked_too(as_ada: httpx.AsyncClient) -> None:
    headers = {"content-digest": digest_of(b"else")}

    answer = await as_ada.put(f"{API}/photos/{'0' * 8}-0000-7000-8000-{'0' * 12}/hashtags/sea", headers=headers)

    assert answer.json()["type"] == "/problems/digest-mismatch"


@pytest.mark.parametrize("after", [b"", b"what follows the closing boundary"])
async def test_a_form_is_what_its_digest_says(as_ada: httpx.AsyncClient, after: bytes) -> None:
    headers = {"content-type": FORM, "content-digest": digest_of(BODY + after)}

    answer = await as_ada.post(f"{API}/photos", content=BODY + after, headers=headers)

    assert (answer.status_code, answer.json()["title"]) == (201, "Sea")


async def test_of_a_form_that_came_otherwise_nothing_is_kept(
    as_ada: httpx.AsyncClient, world: World, store: FakeStore, ada: User
) -> None:
    headers = {"content-type": FORM, "content-digest": digest_of(BODY[:-1]), "idempotency-key": "a"}

    refused = await as_ada.post(f"{API}/photos", content=BODY, headers=headers)
    await run_jobs(world.container, store)
    kept, quota = set(store.originals), store.quotas.rows[ada.id]
    again = await as_ada.post(f"{API}/photos", content=BODY, headers={**headers, "content-digest": digest_of(BODY)})

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/digest-mismatch")
    assert (kept, quota) == (set(), FakeQuota(None))
    assert again.status_code == 201


async def announced(http: httpx.AsyncClient) -> dict[str, Any]:
    file = {"filename": "a.jpg", "content_type": "image/jpeg", "byte_size": len(PICTURE)}
    part: dict[str, Any] = (await http.post(f"{API}/uploads", json=file)).json()["parts"][0]
    return part


@pytest.mark.parametrize("header", ["content-digest", "repr-digest"])
async def test_bytes_sent_to_the_store_are_what_their_digest_says(
    as_ada: httpx.AsyncClient, store: FakeStore, header: str
) -> None:
    part = await announced(as_ada)

    refused = await as_ada.put(
        part["url"], content=PICTURE, headers={**part["headers"], header: digest_of(PICTURE[:-1])}
    )
    kept = set(store.originals)
    taken = await as_ada.put(part["url"], content=PICTURE, headers={**part["headers"], header: digest_of(PICTURE)})

    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/digest-mismatch")
    assert kept == set()
    assert taken.status_code == 200


async def test_a_digest_of_the_whole_says_nothing_of_a_part(as_ada: httpx.AsyncClient) -> None:
    file = {"filename": "a.jpg", "content_type": "image/jpeg", "byte_size": len(PICTURE), "part_bytes": 5 << 20}
    part = (await as_ada.post(f"{API}/uploads", json=file)).json()["parts"][0]

    answer = await as_ada.put(
        part["url"], content=PICTURE, headers={**part["headers"], "repr-digest": digest_of(b"the whole")}
    )

    assert answer.status_code == 200


async def test_what_is_downloaded_tells_the_digest_of_the_whole(as_ada: httpx.AsyncClient) -> None:
    url = (await as_ada.post(f"{API}/photos", files={"file": ("a.jpg", PICTURE)})).headers["location"] + "/file"

    answers = [
        await as_ada.get(url),
        await as_ada.get(url, headers={"range": "bytes=0-9"}),
        await as_ada.head(url),
    ]

    assert [answer.status_code for answer in answers] == [200, 206, 200]
    assert {answer.headers["repr-digest"] for answer in answers} == {digest_of(PICTURE)}


async def test_a_form_may_tell_the_digest_of_its_file_in_a_header(as_ada: httpx.AsyncClient) -> None:
    files = {"file": ("sea.jpg", PICTURE)}
    told = {"Repr-Digest": digest_of(PICTURE)}

    wrong = await as_ada.post(f"{API}/photos", files=files, headers={"Repr-Digest": digest_of(b"other")})
    kept = await as_ada.get(f"{API}/photos")
    right = await as_ada.post(f"{API}/photos", files=files, headers=told)
    two = await as_ada.post(f"{API}/photos", files=files, data={"sha256": "ab" * 32}, headers=told)

    assert (wrong.status_code, wrong.json()["type"]) == (422, "/problems/checksum-mismatch")
    assert kept.json()["items"] == []
    assert right.status_code == 201
    assert [each["field"] for each in two.json()["errors"]] == ["sha256"]


async def test_a_file_may_be_announced_with_its_digest_in_a_header(as_ada: httpx.AsyncClient) -> None:
    photo = (await as_ada.post(f"{API}/photos", files={"file": ("sea.jpg", PICTURE)})).json()
    file = {"filename": "sea.jpg", "content_type": "image/jpeg", "byte_size": len(PICTURE)}

    known = await as_ada.post(f"{API}/uploads", json=file, headers={"Repr-Digest": digest_of(PICTURE)})

    assert (known.status_code, known.json()["photo"]["id"]) == (200, photo["id"])
