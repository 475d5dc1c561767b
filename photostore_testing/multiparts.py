"""What every blob store promises of uploads in parts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from photostore.shared.blobs import (
    MIN_PART_BYTES,
    BlobExists,
    BlobKey,
    BlobKeyInvalid,
    BlobLengthMismatch,
    BlobStore,
    MultipartBlobStore,
    MultipartId,
    MultipartNotFound,
    PartsMismatch,
    StoredPart,
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

FIRST, LAST = some_bytes(MIN_PART_BYTES), b"the rest"


async def put_part(
    multiparts: MultipartBlobStore, key: BlobKey, multipart_id: MultipartId, number: int, content: bytes
) -> StoredPart:
    return await multiparts.put_part(key, multipart_id, number=number, chunks=chunked(content), length=len(content))


async def pending_keys(multiparts: MultipartBlobStore, prefix: str) -> list[str]:
    return [pending.key async for pending in multiparts.pending(prefix)]


@pytest.mark.asyncio
class MultipartBlobStorePromises:
    """Wants the fixtures `blobs` and `multiparts`, over the same store."""

    async def test_parts_are_joined_by_their_numbers_whatever_their_order_of_arrival(
        self, blobs: BlobStore, multiparts: MultipartBlobStore
    ) -> None:
        key = a_key()
        multipart_id = await multiparts.start(key)
        last = await put_part(multiparts, key, multipart_id, 7, LAST)
        first = await put_part(multiparts, key, multipart_id, 2, FIRST)
        assert list(await multiparts.parts(key, multipart_id)) == [first, last]
        assert not await is_there(blobs, key)

        await multiparts.complete(key, multipart_id, [last, first])

        assert await content_of(blobs, key) == FIRST + LAST
        assert await content_of(blobs, key, offset=MIN_PART_BYTES - 2, length=5) == FIRST[-2:] + LAST[:3]
        assert await pending_keys(multiparts, key) == []

    async def test_a_part_sent_again_replaces_the_first(self, blobs: BlobStore, multiparts: MultipartBlobStore) -> None:
        key = a_key()
        multipart_id = await multiparts.start(key)
        replaced = await put_part(multiparts, key, multipart_id, 1, b"wrong")
        part = await put_part(multiparts, key, multipart_id, 1, b"right!")

        with pytest.raises(PartsMismatch):
            await multiparts.complete(key, multipart_id, [replaced])
        await multiparts.complete(key, multipart_id, [part])

        assert await content_of(blobs, key) == b"right!"

    async def test_parts_that_did_not_arrive_so_are_refused_and_the_others_kept(
        self, blobs: BlobStore, multiparts: MultipartBlobStore
    ) -> None:
        key = a_key()
        multipart_id = await multiparts.start(key)
        part = await put_part(multiparts, key, multipart_id, 1, LAST)
        other = replace(part, etag="0" * 32)

        for wrong in ([], [other], [replace(part, number=2)]):
            with pytest.raises(PartsMismatch):
                await multiparts.complete(key, multipart_id, wrong)

        assert not await is_there(blobs, key)
        assert list(await multiparts.parts(key, multipart_id)) == [part]

    async def test_a_part_before_the_last_that_is_too_small_is_refused(
        self, blobs: BlobStore, multiparts: MultipartBlobStore
    ) -> None:
        key = a_key()
        multipart_id = await multiparts.start(key)
        parts = [await put_part(multiparts, key, multipart_id, number, LAST) for number in (1, 2)]

        with pytest.raises(PartsMismatch):
            await multiparts.complete(key, multipart_id, parts)

        assert not await is_there(blobs, key)

    async def test_completing_over_a_blob_is_refused(self, blobs: BlobStore, multiparts: MultipartBlobStore) -> None:
        key = a_key()
        multipart_id = await multiparts.start(key)
        part = await put_part(multiparts, key, multipart_id, 1, LAST)
        await blobs.put(key, chunked(b"first"), at_most=5)

        with pytest.raises(BlobExists):
            await multiparts.complete(key, multipart_id, [part])

        assert await content_of(blobs, key) == b"first"

    async def test_aborting_removes_what_arrived_and_may_be_repeated(self, multiparts: MultipartBlobStore) -> None:
        key = a_key()
        multipart_id = await multiparts.start(key)
        part = await put_part(multiparts, key, multipart_id, 1, LAST)

        await multiparts.abort(key, multipart_id)
        await multiparts.abort(key, multipart_id)

        assert await pending_keys(multiparts, key) == []
        with pytest.raises(MultipartNotFound):
            await multiparts.parts(key, multipart_id)
        with pytest.raises(MultipartNotFound):
            await put_part(multiparts, key, multipart_id, 1, LAST)
        with pytest.raises(MultipartNotFound):
            await multiparts.complete(key, multipart_id, [part])

    async def test_aborting_what_was_completed_leaves_the_blob(
        self, blobs: BlobStore, multiparts: MultipartBlobStore
    ) -> None:
        key = a_key()
        multipart_id = await multiparts.start(key)
        await multiparts.complete(key, multipart_id, [await put_part(multiparts, key, multipart_id, 1, LAST)])

        await multiparts.abort(key, multipart_id)

        assert await content_of(blobs, key) == LAST

    @pytest.mark.parametrize("unknown", ["nothing", "../../etc", "0" * 32, "a/b?c=d&e"])
    async def test_an_unknown_upload_is_not_found(self, multiparts: MultipartBlobStore, unknown: str) -> None:
        key = a_key()
        multipart_id = MultipartId(unknown)

        with pytest.raises(MultipartNotFound):
            await multiparts.parts(key, multipart_id)
        with pytest.raises(MultipartNotFound):
            await put_part(multiparts, key, multipart_id, 1, LAST)
        await multiparts.abort(key, multipart_id)

    async def test_an_upload_is_found_by_its_own_key_only(self, multiparts: MultipartBlobStore) -> None:
        key = a_key()
        multipart_id = await multiparts.start(key)

        with pytest.raises(MultipartNotFound):
            await multiparts.parts(a_key(), multipart_id)
        await multiparts.abort(a_key(), multipart_id)

        assert list(await multiparts.parts(key, multipart_id)) == []

    @pytest.mark.parametrize("length", [len(LAST) - 1, len(LAST) + 1])
    async def test_a_part_of_another_length_than_was_said_leaves_nothing(
        self, multiparts: MultipartBlobStore, length: int
    ) -> None:
        key = a_key()
        multipart_id = await multiparts.start(key)

        with pytest.raises(BlobLengthMismatch):
            await multiparts.put_part(key, multipart_id, number=1, chunks=chunked(LAST), length=length)

        assert list(await multiparts.parts(key, multipart_id)) == []

    async def test_a_part_whose_source_fails_leaves_nothing(self, multiparts: MultipartBlobStore) -> None:
        key = a_key()
        multipart_id = await multiparts.start(key)

        with pytest.raises(SourceFailed):
            await multiparts.put_part(
                key, multipart_id, number=1, chunks=broken_after(LAST, SourceFailed()), length=len(LAST)
            )

        assert list(await multiparts.parts(key, multipart_id)) == []

    @pytest.mark.parametrize("number", [0, 10_001])
    async def test_a_part_has_a_number_from_1_to_10_000(self, multiparts: MultipartBlobStore, number: int) -> None:
        key = a_key()
        multipart_id = await multiparts.start(key)

        with pytest.raises(PartsMismatch):
            await put_part(multiparts, key, multipart_id, number, LAST)

    async def test_every_upload_under_a_prefix_is_pending_until_it_ends(self, multiparts: MultipartBlobStore) -> None:
        folder = uuid4().hex
        one, two = blob_key(f"{folder}/one"), blob_key(f"{folder}/two")
        started = {await multiparts.start(one): one, await multiparts.start(two): two}

        found = [pending async for pending in multiparts.pending(f"{folder}/")]

        assert {pending.multipart_id: pending.key for pending in found} == started
        assert all(pending.started_at <= datetime.now(UTC) + timedelta(seconds=5) for pending in found)
        assert await pending_keys(multiparts, f"{folder}/o") == [one]

    async def test_a_stream_that_fails_after_several_parts_leaves_none_of_them(
        self, blobs: BlobStore, multiparts: MultipartBlobStore
    ) -> None:
        key = a_key()

        with pytest.raises(SourceFailed):
            await blobs.put(key, broken_after(some_bytes(6 << 20), SourceFailed()))

        assert not await is_there(blobs, key)
        assert await pending_keys(multiparts, key) == []

    async def test_what_is_no_key_is_refused_before_the_store_is_asked(self, multiparts: MultipartBlobStore) -> None:
        for key in NO_KEYS:
            with pytest.raises(BlobKeyInvalid):
                await multiparts.start(BlobKey(key))
