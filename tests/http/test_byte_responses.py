"""Bytes over HTTP: ranges, conditions, headers, and what happens when the store breaks off."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from dishka.integrations.litestar import FromDishka, inject
from litestar import Litestar, Request, get, route
from litestar.response.base import ASGIResponse

from photostore.shared.blobs import BlobKey, BlobStore, blob_key
from photostore.shared.media import MediaUrlInvalid
from photostore_http.byte_responses import ByteRange, Demand, RangeNotSatisfiable, parse_range, serve_blob
from tests.byte_server import byte_app, client_of
from tests.fakes.blob_store import CHUNK_BYTES, FakeBlobStore

KEY = blob_key("a/b")
CONTENT = bytes(range(256)) * 1024  # four chunks of the fake's
MODIFIED = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


async def serve(request: Request[Any, Any, Any], blobs: BlobStore, demand: Demand | None = None) -> ASGIResponse:
    return serve_blob(
        request,
        blobs,
        KEY,
        content_type="image/jpeg",
        etag="tag",
        byte_size=len(CONTENT),
        disposition="inline",
        cache_control="private, max-age=60",
        last_modified=MODIFIED,
        headers={"Vary": "Accept"},
        demand=demand,
    )


@route("/file", http_method=["GET", "HEAD"])
@inject
async def file(request: Request[Any, Any, Any], blobs: FromDishka[BlobStore]) -> ASGIResponse:
    return await serve(request, blobs)


@get("/plain")
@inject
async def plain(request: Request[Any, Any, Any], blobs: FromDishka[BlobStore]) -> ASGIResponse:
    return await serve(request, blobs)


@pytest.fixture
def store() -> FakeBlobStore:
    store = FakeBlobStore()
    store.blobs[KEY] = CONTENT
    return store


@pytest.fixture
def app(store: FakeBlobStore) -> Litestar:
    return byte_app(store, store, store, file, plain)


@pytest.fixture
async def http(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as http:
        http.base_url = httpx.URL("http://photos.test")
        yield http


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None),
        ("bytes=0-0", ByteRange(0, 1)),
        ("bytes=0-9", ByteRange(0, 10)),
        ("bytes=0-99", ByteRange(0, 10)),
        ("bytes=3-", ByteRange(3, 7)),
        ("bytes=9-9", ByteRange(9, 1)),
        ("bytes=-3", ByteRange(7, 3)),
        ("bytes=-99", ByteRange(0, 10)),
        ("BYTES = 1-2", ByteRange(1, 2)),
        ("bytes=, 1-2 ,", ByteRange(1, 2)),
        ("bytes=0-1,3-4", None),
        ("bytes=3-1", None),
        ("bytes=-", None),
        ("bytes=", None),
        ("bytes=a-b", None),
        ("bytes=1", None),
        ("bytes=+1-2", None),
        ("bytes=\u0661-\u0662", None),
        ("bytes 1-2", None),
        ("items=1-2", None),
        (f"bytes={'9' * 5000}-", None),
    ],
)
def test_one_range_is_served_and_anything_else_means_the_whole(header: str, expected: ByteRange | None) -> None:
    assert parse_range(header, 10) == expected


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0", f"bytes={'9' * 18}-"])
def test_a_range_of_no_byte_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable) as refused:
        parse_range(header, 10)

    assert (refused.value.status_code, refused.value.headers) == (416, {"Content-Range": "bytes */10"})


def test_the_end_of_nothing_is_the_whole_of_it() -> None:
    assert parse_range("bytes=-5", 0) is None


async def test_the_whole_blob_comes_with_headers_that_let_no_browser_execute_it(http: httpx.AsyncClient) -> None:
    answer = await http.get("/file")

    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert dict(answer.headers) == {
        "accept-ranges": "bytes",
        "cache-control": "private, max-age=60",
        "content-disposition": "inline",
        "content-length": str(len(CONTENT)),
        "content-security-policy": "default-src 'none'; sandbox",
        "content-type": "image/jpeg",
        "etag": '"tag"',
        "last-modified": "Tue, 03 Feb 2026 04:05:06 GMT",
        "vary": "Accept",
        "x-content-type-options": "nosniff",
    }


@pytest.mark.parametrize("headers", [{}, {"range": "bytes=5-9"}, {"if-none-match": '"tag"'}])
async def test_head_tells_what_get_would(http: httpx.AsyncClient, headers: dict[str, str]) -> None:
    full = await http.get("/file", headers=headers)

    answer = await http.head("/file", headers=headers)

    assert (answer.status_code, answer.headers, answer.content) == (full.status_code, full.headers, b"")


async def test_a_range_comes_as_206(http: httpx.AsyncClient) -> None:
    answer = await http.get("/file", headers={"range": f"bytes=5-{CHUNK_BYTES + 4}"})

    assert (answer.status_code, answer.content) == (206, CONTENT[5 : CHUNK_BYTES + 5])
    assert answer.headers["content-range"] == f"bytes 5-{CHUNK_BYTES + 4}/{len(CONTENT)}"
    assert answer.headers["content-length"] == str(CHUNK_BYTES)


async def test_a_range_past_the_end_is_416_and_tells_the_size(http: httpx.AsyncClient) -> None:
    answer = await http.get("/plain", headers={"range": "bytes=999999-"})

    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"


@pytest.mark.parametrize(
    ("if_range", "status"),
    [
        ('"tag"', 206),
        ("Tue, 03 Feb 2026 04:05:06 GMT", 206),
        ('"other"', 200),
        ('W/"tag"', 200),
        ("Tue, 03 Feb 2026 04:05:07 GMT", 200),
    ],
)
async def test_a_range_is_served_only_of_what_the_client_has_part_of(
    http: httpx.AsyncClient, if_range: str, status: int
) -> None:
    answer = await http.get("/file", headers={"range": "bytes=0-4", "if-range": if_range})

    assert (answer.status_code, len(answer.content)) == (status, 5 if status == 206 else len(CONTENT))


@pytest.mark.parametrize(
    ("if_none_match", "status"),
    [('"tag"', 304), ('"a", W/"tag"', 304), ("*", 304), ('"other"', 200), ("tag", 200)],
)
async def test_what_the_client_has_already_is_304(http: httpx.AsyncClient, if_none_match: str, status: int) -> None:
    answer = await http.get("/file", headers={"if-none-match": if_none_match, "range": "bytes=0-"})

    assert answer.status_code == (206 if status == 200 else 304)
    assert answer.headers["etag"] == '"tag"'
    assert bool(answer.content) is (status == 200)


async def test_a_blob_that_is_not_there_is_told_as_a_problem(http: httpx.AsyncClient, store: FakeBlobStore) -> None:
    store.blobs.clear()
    assert (await http.get("/file")).status_code == 404

    store.failing.add("open")
    assert (await http.get("/file")).status_code == 503


async def test_a_blob_of_another_size_than_was_recorded_is_not_served(
    http: httpx.AsyncClient, store: FakeBlobStore
) -> None:
    store.blobs[KEY] = CONTENT[:-1]

    assert (await http.get("/file")).status_code == 503


class Conversation:
    """The server's side of one GET, spoken without a client between: what was sent, and when the client hangs up."""

    def __init__(self, *, hang_up_after: int | None = None) -> None:
        self.sent: list[Any] = []
        self.gone = asyncio.Event()
        self._hang_up_after = hang_up_after
        self._asked = False

    async def receive(self) -> Any:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(message)
        if len(self.sent) == self._hang_up_after:
            self.gone.set()
        await asyncio.sleep(0)

    async def run(self, app: Litestar) -> None:
        scope: Any = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/file",
            "raw_path": b"/file",
            "root_path": "",
            "query_string": b"",
            "headers": [],
            "client": ("127.0.0.1", 1),
            "server": ("photos.test", 80),
        }
        await app(scope, self.receive, self.send)


async def test_a_store_that_breaks_off_never_ends_the_answer(app: Litestar, store: FakeBlobStore) -> None:
    store.break_after = CHUNK_BYTES + 10
    conversation = Conversation()

    with pytest.raises(Exception, match="after response started"):
        await conversation.run(app)

    assert conversation.sent[0]["status"] == 200
    assert sum(len(message["body"]) for message in conversation.sent[1:]) == CHUNK_BYTES + 10
    assert all(message["more_body"] for message in conversation.sent[1:])


async def test_what_may_no_longer_be_sent_breaks_off_midway(store: FakeBlobStore) -> None:
    asked = 0

    async def ask() -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise MediaUrlInvalid("taken back")

    @get("/file")
    @inject
    async def watched(request: Request[Any, Any, Any], blobs: FromDishka[BlobStore]) -> ASGIResponse:
        return await serve(request, blobs, Demand(ask, every=0))

    conversation = Conversation()

    with pytest.raises(Exception, match="after response started"):
        await conversation.run(byte_app(store, store, store, watched))

    assert sum(len(message["body"]) for message in conversation.sent[1:]) == 2 * CHUNK_BYTES
    assert store.reading == 0


async def test_the_store_is_let_go_when_the_client_hangs_up(app: Litestar, store: FakeBlobStore) -> None:
    conversation = Conversation(hang_up_after=2)

    await conversation.run(app)

    assert 2 <= len(conversation.sent) < 5
    assert store.reading == 0


async def test_a_key_of_a_signed_url_may_hold_anything_a_key_may() -> None:
    store = FakeBlobStore(base_url="http://photos.test")
    key: BlobKey = blob_key("a/.b-c_d/...")
    store.blobs[key] = b"x"
    signed = store.sign_get(key, expires_in=60, content_type="image/png", content_disposition="inline")

    async with client_of(byte_app(store, store, store)) as http:
        answer = await http.get(signed.url)

    assert (answer.status_code, answer.content) == (200, b"x")


async def test_a_put_without_a_length_is_411() -> None:
    store = FakeBlobStore(base_url="http://photos.test")
    signed = store.sign_put(KEY, expires_in=60, byte_size=2, content_type="image/png")

    async def body() -> AsyncIterator[bytes]:
        yield b"12"

    async with client_of(byte_app(store, store, store)) as http:
        answer = await http.put(signed.url, content=body(), headers={"content-type": "image/png"})

    assert answer.status_code == 411
    assert store.blobs == {}


@pytest.mark.parametrize("content", [b"1", b"123"])
async def test_a_put_whose_body_has_another_length_than_it_says_keeps_nothing(content: bytes) -> None:
    store = FakeBlobStore(base_url="http://photos.test")
    signed = store.sign_put(KEY, expires_in=60, byte_size=2, content_type="image/png")

    async with client_of(byte_app(store, store, store)) as http:
        answer = await http.put(signed.url, content=content, headers=signed.headers)

    assert answer.status_code == 422
    assert store.blobs == {}


async def test_a_put_of_many_megabytes_is_taken() -> None:
    store = FakeBlobStore(base_url="http://photos.test")
    content = bytes(20 << 20)
    signed = store.sign_put(KEY, expires_in=60, byte_size=len(content), content_type="image/png")

    async with client_of(byte_app(store, store, store)) as http:
        answer = await http.put(signed.url, content=content, headers=signed.headers)

    assert answer.status_code == 200
    assert len(store.blobs[KEY]) == len(content)
