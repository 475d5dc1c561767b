"""A store that breaks off, lies, hangs or refuses never passes for one that works."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from photostore.shared.blobs import BlobExists, BlobStoreUnavailable, blob_key
from photostore_adapters.s3.blob_store import S3BlobStore
from photostore_adapters.s3.health import S3HealthCheck
from photostore_testing.saying import chunked, content_of
from tests.adapters.lying_store import Asked, lying_store

KEY = blob_key("a/b")
MODIFIED = {"last-modified": "Thu, 01 Jan 2026 00:00:00 GMT"}
TOKEN = "x-amz-meta-photostore-put"


async def test_a_body_that_ends_early_breaks_the_reader() -> None:
    async def answer(asked: Asked) -> None:
        await asked.say("200 OK", b"half", {"content-length": "8"})
        asked.writer.close()

    async with lying_store(answer) as (connection, _):
        with pytest.raises(BlobStoreUnavailable):
            await content_of(S3BlobStore(connection), KEY)


async def test_a_body_that_stalls_breaks_the_reader() -> None:
    async def answer(asked: Asked) -> None:
        await asked.say("200 OK", b"half", {"content-length": "8"})
        await asked.reader.read()

    async with lying_store(answer) as (connection, _):
        with pytest.raises(BlobStoreUnavailable, match="in time"):
            await content_of(S3BlobStore(connection), KEY)


async def test_a_store_that_answers_a_range_with_the_whole_is_understood() -> None:
    async def answer(asked: Asked) -> None:
        await asked.say("200 OK", b"0123456789")

    async with lying_store(answer) as (connection, _):
        store = S3BlobStore(connection)

        assert await content_of(store, KEY, offset=3, length=4) == b"3456"
        assert await content_of(store, KEY, offset=8, length=100) == b"89"
        assert await content_of(store, KEY, offset=10) == b""


@pytest.mark.parametrize("content_range", ["bytes 2-5/10", "bytes 3-6/*", "bytes 3-5/10", "nonsense"])
async def test_another_range_than_was_asked_for_is_refused(content_range: str) -> None:
    async def answer(asked: Asked) -> None:
        await asked.say("206 Partial Content", b"3456", {"content-range": content_range})

    async with lying_store(answer) as (connection, _):
        with pytest.raises(BlobStoreUnavailable):
            await content_of(S3BlobStore(connection), KEY, offset=3, length=4)


async def test_bytes_come_as_they_lie_whatever_encoding_is_claimed() -> None:
    async def answer(asked: Asked) -> None:
        await asked.say("200 OK", b"not gzip", {"content-encoding": "gzip"})

    async with lying_store(answer) as (connection, _):
        assert await content_of(S3BlobStore(connection), KEY) == b"not gzip"


@pytest.mark.parametrize("status", ["500 Internal Server Error", "503 Slow Down", "403 Forbidden"])
async def test_a_refusal_is_told_with_its_code_and_without_secrets(status: str) -> None:
    async def answer(asked: Asked) -> None:
        await asked.read_body()
        await asked.say(status, b"<Error><Code>SomeCode</Code><Message>signature=123</Message></Error>")

    async with lying_store(answer) as (connection, _):
        store = S3BlobStore(connection)
        refusals = []
        for call in (content_of(store, KEY), store.put(KEY, chunked(b"12"), at_most=2), store.delete(KEY)):
            with pytest.raises(BlobStoreUnavailable) as refused:
                await call
            refusals.append(refused.value.detail)

    assert all(re.search(rf"{status[:3]} SomeCode", detail) for detail in refusals)
    assert not any(secret in detail for detail in refusals for secret in ("hush", "ignature", "127.0.0.1"))


async def test_an_answer_that_no_s3_server_gives_is_a_fault() -> None:
    async def answer(asked: Asked) -> None:
        await asked.say("200 OK", b"")

    async with lying_store(answer) as (connection, _):
        with pytest.raises(BlobStoreUnavailable, match="LastModified"):
            await S3BlobStore(connection).head(KEY)


async def test_a_missing_bucket_is_a_fault_and_not_a_missing_blob() -> None:
    async def answer(asked: Asked) -> None:
        await asked.say("404 Not Found", b"<Error><Code>NoSuchBucket</Code></Error>")

    async with lying_store(answer) as (connection, _):
        with pytest.raises(BlobStoreUnavailable):
            await content_of(S3BlobStore(connection), KEY)


async def test_a_store_that_never_answers_a_write_is_given_up() -> None:
    async def answer(asked: Asked) -> None:
        await asked.read_body()
        await asked.reader.read()

    async with lying_store(answer) as (connection, _):
        with pytest.raises(BlobStoreUnavailable, match="in time"):
            await S3BlobStore(connection).put(KEY, chunked(b"12"), at_most=2)


async def test_a_store_that_takes_no_more_bytes_is_given_up() -> None:
    async def answer(asked: Asked) -> None:
        await asyncio.Event().wait() if asked.method == "PUT" else await asked.say("404 Not Found")

    async with lying_store(answer) as (connection, _):
        with pytest.raises(BlobStoreUnavailable, match="in time"):
            await S3BlobStore(connection).put(KEY, chunked(bytes(64 << 20)), at_most=64 << 20)


async def test_a_slow_source_is_not_the_stores_fault() -> None:
    async def answer(asked: Asked) -> None:
        await asked.read_body()
        await asked.say("200 OK", headers={"etag": '"1"'})

    async def slow() -> AsyncIterator[bytes]:
        yield b"1"
        yield b"2"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.6)  # twice as long as the store may take
        yield b"3"

    async with lying_store(answer) as (connection, _):
        assert await S3BlobStore(connection).put(KEY, slow(), at_most=3) == 3


async def test_a_store_that_cannot_be_reached_leaves_the_source_unread() -> None:
    async def answer(asked: Asked) -> None:
        await asked.say("200 OK")

    read: list[bytes] = []

    async def source() -> AsyncIterator[bytes]:
        read.append(b"1")
        yield b"1"

    async with lying_store(answer) as (connection, store):
        pass
    settings = connection.settings
    async with lying_store(answer) as (other, _):
        unreachable = type(other)(
            settings=settings, clock=other.clock, http=other.http, control=other.control, presigner=connection.presigner
        )
        with pytest.raises(BlobStoreUnavailable, match="cannot be reached"):
            await S3BlobStore(unreachable).put(KEY, source(), at_most=1)

    assert read == []
    assert store.requests == []


async def test_a_refusal_before_the_body_was_sent_is_understood() -> None:
    async def answer(asked: Asked) -> None:
        if asked.method == "PUT":
            await asked.say("412 Precondition Failed", b"<Error><Code>PreconditionFailed</Code></Error>")
            asked.writer.close()
        else:
            await asked.say("200 OK", headers={**MODIFIED, TOKEN: "somebody-else"})

    async with lying_store(answer) as (connection, store):
        with pytest.raises(BlobExists):
            await S3BlobStore(connection).put(KEY, chunked(bytes(64 << 20)), at_most=64 << 20)

    assert "DELETE" not in store.methods()


@pytest.mark.parametrize("ours", [True, False])
async def test_of_a_write_whose_answer_is_lost_only_what_was_ours_is_removed(ours: bool) -> None:
    tokens: list[str] = []

    async def answer(asked: Asked) -> None:
        if asked.method == "PUT":
            await asked.read_body()
            tokens.append(asked.headers[TOKEN])
            asked.writer.close()
        elif asked.method == "HEAD":
            token = tokens[-1] if ours else "somebody-else"
            await asked.say("200 OK", headers={**MODIFIED, TOKEN: token})
        else:
            await asked.say("204 No Content")

    async with lying_store(answer, patience=10) as (connection, store):
        with pytest.raises(BlobStoreUnavailable if ours else BlobExists):
            await S3BlobStore(connection).put(KEY, chunked(b"12"), at_most=2)

    assert ("DELETE" in store.methods()) is ours


async def test_the_health_check_does_not_wait_for_a_store_that_hangs() -> None:
    async def hang(asked: Asked) -> None:
        await asked.reader.read()

    async def work(asked: Asked) -> None:
        await asked.say("200 OK")

    async with lying_store(hang) as (connection, _):
        with pytest.raises(BlobStoreUnavailable, match="in time"):
            await S3HealthCheck(connection).check()
    async with lying_store(work, patience=10) as (connection, _):
        await S3HealthCheck(connection).check()
