"""What every blob store promises: bytes in, bytes out."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from photostore.shared.blobs import (
    BlobExists,
    BlobKey,
    BlobKeyInvalid,
    BlobLengthMismatch,
    BlobNotFound,
    BlobStore,
    blob_key,
)
from photostore_testing.saying import (
    NO_KEYS,
    SourceFailed,
    a_key,
    broken_after,
    chunked,
    content_of,
    is_there,
    some_bytes,
)

MIB = 1 << 20


@pytest.mark.asyncio
class BlobStorePromises:
    """Wants the fixture `blobs`: the store, which need not be empty."""

    @pytest.mark.parametrize("size", [0, 1, 100_000, 6 * MIB])
    async def test_a_stream_of_known_length_comes_back_as_it_was(self, blobs: BlobStore, size: int) -> None:
        key, content = a_key(), some_bytes(size)

        written = await blobs.put(key, chunked(content), at_most=size)

        assert written == size
        assert await content_of(blobs, key) == content

    @pytest.mark.parametrize("size", [0, 10, 5 * MIB, 12 * MIB + 3])
    async def test_a_stream_of_unknown_length_comes_back_as_it_was(self, blobs: BlobStore, size: int) -> None:
        key, content = a_key(), some_bytes(size)

        written = await blobs.put(key, chunked(content))

        assert written == size
        assert await content_of(blobs, key) == content

    @pytest.mark.parametrize(("size", "at_most"), [(0, 500), (10, 500), (100_000, 6 * MIB), (6 * MIB, 6 * MIB + 700)])
    async def test_a_stream_shorter_than_was_said_is_kept_at_its_own_length(
        self, blobs: BlobStore, size: int, at_most: int
    ) -> None:
        key, content = a_key(), some_bytes(size)

        written = await blobs.put(key, chunked(content), at_most=at_most)

        assert written == size
        assert (await blobs.head(key)).byte_size == size
        assert await content_of(blobs, key) == content

    @pytest.mark.parametrize(("size", "at_most"), [(1, 0), (101, 100), (200_000, 100_000), (65_537, 65_536)])
    async def test_a_stream_longer_than_was_said_is_refused_and_leaves_nothing(
        self, blobs: BlobStore, size: int, at_most: int
    ) -> None:
        key = a_key()

        with pytest.raises(BlobLengthMismatch):
            await blobs.put(key, chunked(some_bytes(size)), at_most=at_most)

        assert not await is_there(blobs, key)

    @pytest.mark.parametrize("at_most", [None, 300_000, 200_000])
    async def test_a_source_that_fails_leaves_nothing_even_when_it_fails_at_its_very_end(
        self, blobs: BlobStore, at_most: int | None
    ) -> None:
        key = a_key()

        with pytest.raises(SourceFailed):
            await blobs.put(key, broken_after(some_bytes(200_000), SourceFailed()), at_most=at_most)

        assert not await is_there(blobs, key)

    async def test_a_source_that_fails_after_several_parts_leaves_nothing(self, blobs: BlobStore) -> None:
        key = a_key()

        with pytest.raises(SourceFailed):
            await blobs.put(key, broken_after(some_bytes(6 * MIB), SourceFailed()))

        assert not await is_there(blobs, key)

    @pytest.mark.parametrize("at_most", [None, 1000])
    async def test_a_cancelled_write_leaves_nothing_and_stops_reading(
        self, blobs: BlobStore, at_most: int | None
    ) -> None:
        key, waiting, left = a_key(), asyncio.Event(), asyncio.Event()

        async def never_ending() -> AsyncIterator[bytes]:
            yield b"first"
            yield b"second"
            waiting.set()
            try:
                await asyncio.Event().wait()
            finally:
                left.set()

        write = asyncio.create_task(blobs.put(key, never_ending(), at_most=at_most))
        await waiting.wait()
        write.cancel()
        with pytest.raises(asyncio.CancelledError):
            await write

        assert left.is_set()
        assert not await is_there(blobs, key)

    @pytest.mark.parametrize("size", [10, 6 * MIB])
    async def test_a_key_that_is_taken_is_refused_and_keeps_its_bytes(self, blobs: BlobStore, size: int) -> None:
        key = a_key()
        await blobs.put(key, chunked(b"the first"), at_most=9)

        with pytest.raises(BlobExists):
            await blobs.put(key, chunked(some_bytes(size)), at_most=size)
        with pytest.raises(BlobExists):
            await blobs.put(key, chunked(some_bytes(size)))

        assert await content_of(blobs, key) == b"the first"

    async def test_of_several_writers_of_one_key_exactly_one_wins(self, blobs: BlobStore) -> None:
        key = a_key()
        contents = [some_bytes(100_000 + number) for number in range(8)]

        outcomes = await asyncio.gather(
            *(blobs.put(key, chunked(content), at_most=len(content)) for content in contents),
            return_exceptions=True,
        )

        won = [outcome for outcome in outcomes if isinstance(outcome, int)]
        assert len(won) == 1
        assert sum(isinstance(outcome, BlobExists) for outcome in outcomes) == len(contents) - 1
        assert len(await content_of(blobs, key)) == won[0]

    async def test_any_range_gives_the_bytes_there_are(self, blobs: BlobStore) -> None:
        key, content = a_key(), b"0123456789"
        await blobs.put(key, chunked(content), at_most=len(content))

        ranges = [(0, None), (0, 0), (0, 1), (3, 4), (9, 1), (9, 100), (10, 1), (10, None), (100, 5), (0, 10), (0, 11)]
        for offset, length in ranges:
            async with blobs.open(key, offset=offset, length=length) as blob:
                found = b"".join([chunk async for chunk in blob.chunks])

            end = None if length is None else offset + length
            assert (blob.byte_size, found) == (len(content), content[offset:end]), (offset, length)

    async def test_a_range_of_an_empty_blob_is_empty(self, blobs: BlobStore) -> None:
        key = a_key()
        await blobs.put(key, chunked(b""), at_most=0)

        assert await content_of(blobs, key, offset=0, length=5) == b""
        assert await content_of(blobs, key, offset=5) == b""

    async def test_no_chunk_is_larger_than_a_mebibyte(self, blobs: BlobStore) -> None:
        key, content = a_key(), some_bytes(3 * MIB)
        await blobs.put(key, chunked(content, size=3 * MIB), at_most=len(content))

        async with blobs.open(key) as blob:
            sizes = [len(chunk) async for chunk in blob.chunks]

        assert 0 < max(sizes) <= MIB

    async def test_a_reader_may_leave_before_the_end(self, blobs: BlobStore) -> None:
        key, content = a_key(), some_bytes(2 * MIB)
        await blobs.put(key, chunked(content), at_most=len(content))

        async with blobs.open(key) as blob:
            await anext(blob.chunks)

        assert await content_of(blobs, key, offset=2 * MIB - 5) == content[-5:]

    async def test_the_head_tells_size_and_time(self, blobs: BlobStore) -> None:
        key = a_key()
        await blobs.put(key, chunked(b"0123456789"), at_most=10)

        info = await blobs.head(key)

        assert (info.key, info.byte_size) == (key, 10)
        assert info.modified_at.utcoffset() == timedelta(0)
        assert info.modified_at <= datetime.now(UTC) + timedelta(seconds=5)

    async def test_what_is_absent_is_not_found(self, blobs: BlobStore) -> None:
        key = a_key()

        with pytest.raises(BlobNotFound):
            await blobs.head(key)
        with pytest.raises(BlobNotFound):
            await content_of(blobs, key)
        with pytest.raises(BlobNotFound):
            await content_of(blobs, key, offset=3, length=4)
        with pytest.raises(BlobNotFound):
            await content_of(blobs, key, offset=3, length=0)

    async def test_deleting_twice_is_no_error(self, blobs: BlobStore) -> None:
        key = a_key()
        await blobs.put(key, chunked(b"bytes"), at_most=5)

        await blobs.delete(key)
        await blobs.delete(key)

        assert not await is_there(blobs, key)

    async def test_every_blob_under_a_prefix_is_listed_and_no_other(self, blobs: BlobStore) -> None:
        folder = uuid4().hex
        kept = [f"{folder}/a", f"{folder}/b/c", f"{folder}/b/d/e", f"{folder}/bb"]
        for name in kept:
            await blobs.put(blob_key(name), chunked(b"12345"), at_most=5)

        async def listed(prefix: str) -> list[str]:
            return sorted([info.key async for info in blobs.list(prefix)])

        assert await listed(f"{folder}/") == kept
        assert await listed(f"{folder}/b") == [f"{folder}/b/c", f"{folder}/b/d/e", f"{folder}/bb"]
        assert await listed(f"{folder}/b/") == [f"{folder}/b/c", f"{folder}/b/d/e"]
        assert await listed(f"{folder}/nothing") == []
        assert [info.byte_size async for info in blobs.list(f"{folder}/a")] == [5]

    async def test_blobs_are_listed_by_their_keys_and_from_any_place_on(self, blobs: BlobStore) -> None:
        folder = uuid4().hex
        # A dot and a hyphen stand before the slash, digits and letters behind it.
        keys = [f"{folder}/{name}" for name in ("B", "a-b", "a.b/c", "a/b", "a/c/d", "a/c0", "a0", "aa/b")]
        for key in reversed(keys):
            await blobs.put(blob_key(key), chunked(b"1"), at_most=1)

        listed = {
            after: [info.key async for info in blobs.list(f"{folder}/", after=after)]
            for after in ("", *keys, f"{folder}/a", f"{folder}/a/c/", f"{folder}/a/c/e", f"{folder}/zz", "0")
        }

        assert listed == {after: [key for key in keys if key > after] for after in listed}

    @pytest.mark.parametrize("key", NO_KEYS)
    async def test_what_is_no_key_is_refused_before_the_store_is_asked(self, blobs: BlobStore, key: str) -> None:
        wrong = BlobKey(key)

        with pytest.raises(BlobKeyInvalid):
            await blobs.put(wrong, chunked(b"x"), at_most=1)
        with pytest.raises(BlobKeyInvalid):
            await blobs.head(wrong)
        with pytest.raises(BlobKeyInvalid):
            await content_of(blobs, wrong)
        with pytest.raises(BlobKeyInvalid):
            await blobs.delete(wrong)

    @pytest.mark.parametrize("name", ["...", ".hidden", "a.b-c_d", "-", "..a", "a..", "A", "x" * 200, "d/" * 236 + "e"])
    async def test_every_odd_key_that_is_one_is_kept(self, blobs: BlobStore, name: str) -> None:
        key = blob_key(f"{uuid4().hex}/{name}")

        await blobs.put(key, chunked(b"odd"), at_most=3)

        assert await content_of(blobs, key) == b"odd"
        assert [info.key async for info in blobs.list(key)] == [key]
        await blobs.delete(key)
        assert not await is_there(blobs, key)

    async def test_the_longest_key_is_kept(self, blobs: BlobStore) -> None:
        folder = uuid4().hex
        key = blob_key(f"{folder}/{'x' * 200}/{'y' * 200}/{'z' * (512 - 32 - 403)}")
        assert len(key) == 512

        await blobs.put(key, chunked(b"long"), at_most=4)

        assert await content_of(blobs, key) == b"long"
