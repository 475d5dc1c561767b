"""tus 1.0, as clients see it."""

from base64 import b64encode
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

import httpx
import pytest

from photostore.user.user import User
from tests.builders import a_picture
from tests.fakes.jobs import run_jobs
from tests.fakes.store import FakeQuota, FakeStore
from tests.http.forms import send_pieces
from tests.http.world import World, world_of
from tests.http_settings import http_settings

TUS = "/api/v1/uploads/tus"
PICTURE = a_picture("a", byte_size=2000)
SPOKEN = {"Tus-Resumable": "1.0.0"}
PIECE = {**SPOKEN, "Content-Type": "application/offset+octet-stream"}
Start = Callable[..., Awaitable[str]]


def base64(value: bytes | str) -> str:
    return b64encode(value.encode() if isinstance(value, str) else value).decode()


def metadata(**told: str) -> str:
    return ",".join(f"{name} {base64(value)}" for name, value in told.items())


@pytest.fixture
def start(as_ada: httpx.AsyncClient) -> Start:
    async def start(byte_size: int | None = len(PICTURE), **told: str) -> str:
        """Where it is."""
        length = {"Upload-Defer-Length": "1"} if byte_size is None else {"Upload-Length": str(byte_size)}
        headers = {**SPOKEN, **length, "Upload-Metadata": metadata(**told)}
        answer = await as_ada.post(TUS, headers=headers)
        assert answer.status_code == 201, answer.text
        return answer.headers["location"]

    return start


async def send(http: httpx.AsyncClient, url: str, offset: int, content: bytes, **headers: str) -> httpx.Response:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return await http.patch(url, headers={**PIECE, "Upload-Offset": str(offset), **told}, content=content)


async def look(http: httpx.AsyncClient, url: str) -> httpx.Response:
    return await http.head(url, headers=SPOKEN)


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"]


async def test_anybody_is_told_what_is_spoken(world: World) -> None:
    answer = await world.http.options(TUS)

    assert answer.status_code == 204
    assert answer.headers["tus-resumable"] == answer.headers["tus-version"] == "1.0.0"
    assert answer.headers["tus-max-size"] == str(world.store.limits.max_bytes)
    assert answer.headers["tus-checksum-algorithm"] == "sha256"
    extensions = "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination"
    assert answer.headers["tus-extension"] == extensions
    assert (await world.http.options("/api/v1/uploads")).status_code == 405


async def test_a_photo_comes_in_pieces(
    as_ada: httpx.AsyncClient, start: Start, store: FakeStore, ada: User, world: World
) -> None:
    said = {"filename": "früh.jpg", "title": "Sea", "hashtags": "#sea, sun", "relativePath": "null"}
    url = await start(filetype="image/jpeg", **said)

    first = await send(as_ada, url, 0, PICTURE[:1500])
    seen = await look(as_ada, url)
    last = await send(as_ada, url, 1500, PICTURE[1500:])

    assert url.startswith(f"{TUS}/")
    assert (first.status_code, first.headers["upload-offset"]) == (204, "1500")
    assert (await as_ada.get(url, headers=SPOKEN)).content == b""
    assert "photostore-photo-id" not in first.headers
    assert (seen.status_code, seen.headers["upload-offset"], seen.headers["upload-length"]) == (200, "1500", "2000")
    assert seen.headers["upload-metadata"] == metadata(filetype="image/jpeg", **said)
    assert (seen.headers["cache-control"], seen.headers["tus-resumable"]) == ("no-store", "1.0.0")
    assert seen.headers["upload-expires"].endswith(" GMT")
    assert (last.status_code, last.headers["upload-offset"]) == (204, "2000")
    photo = (await as_ada.get(f"/api/v1/photos/{last.headers['photostore-photo-id']}")).json()
    assert (photo["filename"], photo["title"], photo["hashtags"]) == ("früh.jpg", "Sea", ["sea", "sun"])
    assert photo["sha256"] == sha256(PICTURE).hexdigest()
    assert store.quotas.rows[ada.id] == FakeQuota(None, used=len(PICTURE), photos=1)
    assert world.requests.uploads == [("tus", "created", len(PICTURE))]


async def test_an_answer_that_was_lost_is_told_again(as_ada: httpx.AsyncClient, start: Start) -> None:
    url = await start()
    done = await send(as_ada, url, 0, PICTURE)

    seen, again = await look(as_ada, url), await send(as_ada, url, 2000, b"")
    shown = (await as_ada.get(url.replace("/tus", ""))).json()
    listed = (await as_ada.get("/api/v1/uploads")).json()["items"]

    photo_id = done.headers["photostore-photo-id"]
    assert seen.headers["upload-offset"] == seen.headers["upload-length"] == "2000"
    assert seen.headers["photostore-photo-id"] == again.headers["photostore-photo-id"] == photo_id
    assert (shown["state"], shown["photo"]["id"]) == ("completed", photo_id)
    assert [each["photo_id"] for each in listed] == [photo_id]


async def test_the_bytes_may_come_with_the_creation(as_ada: httpx.AsyncClient, world: World) -> None:
    headers = {**PIECE, "Upload-Length": "2000", "Upload-Metadata": metadata(name="a.jpg", type="image/jpeg")}

    some = await as_ada.post(TUS, headers=headers, content=PICTURE[:100])
    rest = await send(as_ada, some.headers["location"], 100, PICTURE[100:])
    other = await as_ada.post(TUS, headers=headers, content=a_picture("b", byte_size=2000))

    assert (some.status_code, some.headers["upload-offset"], rest.status_code) == (201, "100", 204)
    assert (other.status_code, other.headers["upload-offset"]) == (201, "2000")
    assert other.headers["photostore-photo-id"] != rest.headers["photostore-photo-id"]
    assert [each[:2] for each in world.requests.uploads] == [("tus", "created")] * 2


async def test_the_length_may_come_later(as_ada: httpx.AsyncClient, start: Start) -> None:
    url = await start(None)

    await send(as_ada, url, 0, PICTURE[:100])
    before = await look(as_ada, url)
    done = await send(as_ada, url, 100, PICTURE[100:], Upload_Length="2000")

    assert (before.headers["upload-defer-length"], "upload-length" in before.headers) == ("1", False)
    assert done.headers["photostore-photo-id"]


async def test_bytes_that_are_known_need_not_be_sent(as_ada: httpx.AsyncClient, start: Start) -> None:
    photo_id = (await send(as_ada, await start(), 0, PICTURE)).headers["photostore-photo-id"]
    headers = {**SPOKEN, "Upload-Length": "2000", "Upload-Metadata": metadata(sha256=sha256(PICTURE).hexdigest())}

    answer = await as_ada.post(TUS, headers=headers)

    assert (answer.status_code, answer.headers["upload-offset"]) == (201, "2000")
    assert answer.headers["photostore-photo-id"] == photo_id
    assert (await look(as_ada, answer.headers["location"])).headers["photostore-photo-id"] == photo_id


async def test_a_checksum_decides_whether_bytes_are_kept(as_ada: httpx.AsyncClient, start: Start) -> None:
    url = await start()

    wrong = await send(as_ada, url, 0, PICTURE, Upload_Checksum=f"sha256 {base64(bytes(32))}")
    kept = (await look(as_ada, url)).headers["upload-offset"]
    right = await send(as_ada, url, 0, PICTURE, Upload_Checksum=f"sha256 {base64(sha256(PICTURE).digest())}")

    assert (problem(wrong), kept) == ((460, "/problems/piece-checksum-mismatch"), "0")
    assert right.status_code == 204
    for told in ("md5 AAAA", "sha256", "sha256 AAAA", f"sha256 {base64(bytes(31))}"):
        refused = await send(as_ada, url, 0, PICTURE, Upload_Checksum=told)
        assert problem(refused) == (400, "/problems/upload-checksum-invalid")


@pytest.mark.parametrize(
    ("headers", "status", "kind"),
    [
        ({"Upload-Length": "2000", "Tus-Resumable": "0.2.2"}, 412, "tus-version-unsupported"),
        ({}, 400, "upload-length-invalid"),
        ({"Upload-Length": "2000", "Upload-Defer-Length": "1"}, 400, "upload-length-invalid"),
        ({"Upload-Defer-Length": "2"}, 400, "upload-length-invalid"),
        ({"Upload-Length": "-1"}, 400, "upload-length-invalid"),
        ({"Upload-Length": "junk"}, 400, "upload-length-invalid"),
        ({"Upload-Length": "0"}, 422, "upload-invalid"),
        ({"Upload-Length": str(1 << 40)}, 413, "upload-too-large"),
        ({"Upload-Length": "20", "Upload-Metadata": "filename !"}, 400, "upload-metadata-invalid"),
        ({"Upload-Length": "20", "Upload-Metadata": "a YQ==,a YQ=="}, 400, "upload-metadata-invalid"),
        ({"Upload-Length": "20", "Upload-Metadata": "a YQ==,,"}, 400, "upload-metadata-invalid"),
        ({"Upload-Length": "20", "Upload-Metadata": metadata(hashtags="!")}, 422, "not-a-hashtag"),
        ({"Upload-Length": "20", "Upload-Metadata": metadata(sha256="no")}, 422, "upload-invalid"),
        ({"Upload-Length": "20", "Upload-Metadata": metadata(filetype="text/html")}, 415, "unsupported-image"),
        ({"Upload-Length": "20", "Content-Length": "20"}, 415, "piece-type-unsupported"),
    ],
)
async def test_what_cannot_be_taken_is_refused_at_the_beginning(
    as_ada: httpx.AsyncClient, store: FakeStore, headers: dict[str, str], status: int, kind: str
) -> None:
    content = b"." * 20 if "Content-Length" in headers else None

    answer = await as_ada.post(TUS, headers=SPOKEN | headers, content=content)

    assert problem(answer) == (status, f"/problems/{kind}")
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert ("tus-version" in answer.headers) == (status == 412)
    assert not store.uploads.rows


async def test_who_does_not_say_that_they_speak_it_is_told_the_version(as_ada: httpx.AsyncClient, start: Start) -> None:
    url = await start()

    for method in ("PATCH", "GET", "DELETE"):
        answer = await as_ada.request(method, url)
        assert problem(answer) == (412, "/problems/tus-version-unsupported")
        assert answer.headers["tus-version"] == "1.0.0"


async def test_pieces_that_do_not_fit_are_refused(as_ada: httpx.AsyncClient, start: Start) -> None:
    url = await start()

    assert problem(await send(as_ada, url, 1, PICTURE[1:])) == (409, "/problems/upload-offset-mismatch")
    assert problem(await send(as_ada, url, 0, PICTURE + b".")) == (413, "/problems/upload-too-large")
    typed = await send(as_ada, url, 0, PICTURE, Content_Type="image/jpeg")
    assert problem(typed) == (415, "/problems/piece-type-unsupported")
    without = await as_ada.patch(url, headers=PIECE, content=PICTURE)
    assert problem(without) == (400, "/problems/upload-length-invalid")
    assert (await look(as_ada, url)).headers["upload-offset"] == "0"


async def test_bytes_that_are_no_picture_are_refused_with_the_last_of_them(
    as_ada: httpx.AsyncClient, start: Start, store: FakeStore, world: World, ada: User
) -> None:
    url = await start(1000)

    refused = await send(as_ada, url, 0, bytes(1000))
    shown = (await as_ada.get(url.replace("/tus", ""))).json()
    await run_jobs(world.container, store)

    assert problem(refused) == (415, "/problems/unsupported-image")
    assert (await look(as_ada, url)).status_code == 404
    assert (shown["state"], bool(shown["reason"])) == ("rejected", True)
    assert (store.blobs.blobs, store.blobs.multiparts) == ({}, {})
    assert store.quotas.rows[ada.id] == FakeQuota(None)
    assert world.requests.uploads == [("tus", "unsupported-image", 0)]


async def test_bytes_other_than_declared_are_refused(as_ada: httpx.AsyncClient, start: Start) -> None:
    url = await start(sha256="00" * 32)

    assert problem(await send(as_ada, url, 0, PICTURE)) == (422, "/problems/checksum-mismatch")


async def test_what_is_taken_back_leaves_nothing(
    as_ada: httpx.AsyncClient, start: Start, store: FakeStore, world: World, ada: User
) -> None:
    url = await start()
    await send(as_ada, url, 0, PICTURE[:100])

    gone = await as_ada.delete(url, headers=SPOKEN)
    await run_jobs(world.container, store)

    assert (gone.status_code, gone.headers["tus-resumable"]) == (204, "1.0.0")
    assert (await look(as_ada, url)).status_code == 404
    assert problem(await send(as_ada, url, 100, PICTURE[100:])) == (404, "/problems/upload-not-found")
    assert (store.blobs.blobs, store.blobs.multiparts) == ({}, {})
    assert store.quotas.rows[ada.id] == FakeQuota(None)


async def test_past_the_quota_nothing_is_begun(as_ada: httpx.AsyncClient, store: FakeStore, ada: User) -> None:
    store.quotas.rows[ada.id].quota = 1999

    answer = await as_ada.post(TUS, headers={**SPOKEN, "Upload-Length": "2000"})

    assert problem(answer) == (507, "/problems/quota-exceeded")
    assert store.blobs.multiparts == {}


async def test_bytes_of_a_creation_that_fails_leave_no_upload_open(
    as_ada: httpx.AsyncClient, store: FakeStore, ada: User, world: World
) -> None:
    headers = {**PIECE, "Upload-Length": "2000", "Upload-Checksum": f"sha256 {base64(bytes(32))}"}

    answer = await as_ada.post(TUS, headers=headers, content=PICTURE)
    await run_jobs(world.container, store)

    assert answer.status_code == 460
    assert store.quotas.rows[ada.id] == FakeQuota(None)
    assert store.blobs.multiparts == {}


async def test_a_creation_that_is_sent_again_under_its_key_is_one_upload(
    as_ada: httpx.AsyncClient, store: FakeStore
) -> None:
    headers = {**SPOKEN, "Upload-Length": "2000", "Idempotency-Key": "one"}

    first, again = await as_ada.post(TUS, headers=headers), await as_ada.post(TUS, headers=headers)
    other = await as_ada.post(TUS, headers={**headers, "Upload-Length": "2001"})

    assert again.headers["idempotency-replayed"] == "true"
    for name in ("location", "upload-offset", "upload-expires", "tus-resumable"):
        assert again.headers[name] == first.headers[name]
    assert problem(other) == (422, "/problems/idempotency-key-reused")
    assert len(store.uploads.rows) == 1


async def test_a_connection_that_breaks_keeps_what_came(store: FakeStore) -> None:
    async with world_of(store) as world:
        http = await world.as_user(await world.user())
        url = (await http.post(TUS, headers={**SPOKEN, "Upload-Length": "2000"})).headers["location"]

        status = await broken_patch(world, http, url, PICTURE[:700])
        seen = await look(http, url)
        rest = await send(http, url, 700, PICTURE[700:])

    assert (status, seen.headers["upload-offset"]) == (400, "700")
    assert rest.headers["photostore-photo-id"]
    assert ("tus", "upload-interrupted", 0) in world.requests.uploads


async def test_a_client_that_says_nothing_more_is_let_go_and_keeps_what_came(store: FakeStore) -> None:
    async with world_of(store, stall_seconds=0.02) as world:
        http = await world.as_user(await world.user())
        url = (await http.post(TUS, headers={**SPOKEN, "Upload-Length": "2000"})).headers["location"]

        status = await broken_patch(world, http, url, PICTURE[:700], then="silence")

        assert (status, (await look(http, url)).headers["upload-offset"]) == (408, "700")


async def broken_patch(
    world: World, http: httpx.AsyncClient, url: str, content: bytes, *, then: str = "disconnect"
) -> int:
    """All of `content` is sent, then nothing, though more was announced."""
    headers = {**PIECE, "Upload-Offset": "0", "Content-Length": "2000", "Authorization": http.headers["authorization"]}
    return (await send_pieces(world.app, "PATCH", url, headers, [content], then=then))[0]


async def test_pages_of_other_origins_may_send_and_read_its_headers(store: FakeStore) -> None:
    settings = http_settings(cors_origins=("https://app.example.test",))
    asked = {
        "Origin": "https://app.example.test",
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "tus-resumable,upload-offset,authorization,content-type",
    }

    async with world_of(store, settings=settings) as world:
        preflight = await world.http.options(TUS, headers=asked)
        answer = await world.http.post(TUS, headers={"Origin": asked["Origin"]})

    assert preflight.status_code == 204
    assert "PATCH" in preflight.headers["access-control-allow-methods"]
    allowed = preflight.headers["access-control-allow-headers"].lower()
    assert {"tus-resumable", "upload-offset"} <= {name.strip() for name in allowed.split(",")}
    exposed = answer.headers["access-control-expose-headers"]
    assert {"Upload-Offset", "Upload-Length", "Location", "Photostore-Photo-Id"} <= set(exposed.split(", "))


async def test_an_upload_through_another_door_is_none_of_these(as_ada: httpx.AsyncClient) -> None:
    file = {"filename": "a.jpg", "content_type": "image/jpeg", "byte_size": 2000}
    upload: dict[str, Any] = (await as_ada.post("/api/v1/uploads", json=file)).json()

    for answer in (await look(as_ada, f"{TUS}/{upload['id']}"), await send(as_ada, f"{TUS}/{upload['id']}", 0, b"")):
        assert answer.status_code == 404


async def test_another_method_can_be_meant_by_a_post(as_ada: httpx.AsyncClient, start: Start) -> None:
    url, other = await start(), await start()
    meant = {**PIECE, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}

    sent = await as_ada.post(url, headers=meant, content=PICTURE)
    taken_back = await as_ada.post(other, headers={**SPOKEN, "X-HTTP-Method-Override": "delete"})
    unknown = await as_ada.post(other, headers={**SPOKEN, "X-HTTP-Method-Override": "PUT"})
    elsewhere = await as_ada.post(TUS, headers={**SPOKEN, "X-HTTP-Method-Override": "DELETE"})

    assert (sent.status_code, sent.headers["upload-offset"]) == (204, str(len(PICTURE)))
    assert sent.headers["photostore-photo-id"]
    assert (taken_back.status_code, (await look(as_ada, other)).status_code) == (204, 404)
    assert (unknown.status_code, elsewhere.status_code) == (405, 400)


async def test_a_content_digest_decides_like_a_checksum(as_ada: httpx.AsyncClient, start: Start) -> None:
    url = await start()
    digest = {"Content_Digest": f"sha-256=:{base64(sha256(PICTURE[:1500]).digest())}:"}

    wrong = await send(as_ada, url, 0, PICTURE[:1400], **digest)
    after_wrong = await look(as_ada, url)
    right = await send(as_ada, url, 0, PICTURE[:1500], **digest)

    assert problem(wrong) == (422, "/problems/digest-mismatch")
    assert after_wrong.headers["upload-offset"] == "0"
    assert (right.status_code, right.headers["upload-offset"]) == (204, "1500")


async def test_the_digest_of_the_file_may_stand_in_a_header(as_ada: httpx.AsyncClient) -> None:
    photo = (await as_ada.post("/api/v1/photos", files={"file": ("a.jpg", PICTURE)})).json()
    of_file = {"Repr-Digest": f"sha-256=:{base64(sha256(PICTURE).digest())}:"}
    begin = {**SPOKEN, "Upload-Length": str(len(PICTURE))}

    known = await as_ada.post(TUS, headers={**begin, **of_file})
    differing = await as_ada.post(TUS, headers={**begin, **of_file, "Upload-Metadata": metadata(sha256="ab" * 32)})

    assert known.headers["photostore-photo-id"] == photo["id"]
    assert differing.status_code == 422


async def test_an_upload_in_pieces_can_refuse_what_was_deleted(as_ada: httpx.AsyncClient) -> None:
    photo = (await as_ada.post("/api/v1/photos", files={"file": ("a.jpg", PICTURE)})).json()
    await as_ada.delete(f"/api/v1/photos/{photo['id']}")
    refuse = {**SPOKEN, "If-Previously-Deleted": "refuse"}
    begin, later = {**refuse, "Upload-Length": str(len(PICTURE))}, {**refuse, "Upload-Defer-Length": "1"}
    known = {"Upload-Metadata": metadata(sha256=sha256(PICTURE).hexdigest())}

    at_once = await as_ada.post(TUS, headers={**begin, **known})
    without_length = await as_ada.post(TUS, headers={**later, **known})
    begun = await as_ada.post(TUS, headers=begin)
    at_last = await send(as_ada, begun.headers["location"], 0, PICTURE)

    assert problem(at_once) == problem(at_last) == (409, "/problems/previously-deleted")
    assert problem(without_length) == problem(at_once)
