"""What every store promises of putting right what is damaged."""

from collections.abc import AsyncIterator
from hashlib import sha256

import pytest

from photostore.shared.blobs import BlobDamaged, BlobKey, BlobKeyInvalid, BlobStore, MendableBlobStore
from photostore_testing.saying import SourceFailed, a_key, broken_after, chunked, content_of, is_there, some_bytes

RIGHT = some_bytes(300_000)


async def mend(mendable: MendableBlobStore, key: BlobKey, chunks: AsyncIterator[bytes], right: bytes = RIGHT) -> None:
    await mendable.mend(key, chunks, byte_size=len(right), sha256=sha256(right).digest())


@pytest.mark.asyncio
class MendableBlobStorePromises:
    """Wants the fixtures `blobs` and `mendable`, which is the same store for all but one that stands before others."""

    @pytest.mark.parametrize("lying_there", [None, b"", b"too short", RIGHT[:-1] + b"x", RIGHT + b"too long"])
    async def test_the_right_bytes_lie_there_whatever_did_before(
        self, blobs: BlobStore, mendable: MendableBlobStore, lying_there: bytes | None
    ) -> None:
        key = a_key()
        if lying_there is not None:
            await blobs.put(key, chunked(lying_there), at_most=len(lying_there))

        await mend(mendable, key, chunked(RIGHT))
        await mend(mendable, key, chunked(RIGHT))

        assert await content_of(blobs, key) == RIGHT
        assert (await blobs.head(key)).byte_size == len(RIGHT)

    async def test_nothing_at_all_can_be_right_too(self, blobs: BlobStore, mendable: MendableBlobStore) -> None:
        key = a_key()
        await blobs.put(key, chunked(b"something"), at_most=9)

        await mend(mendable, key, chunked(b""), right=b"")

        assert await content_of(blobs, key) == b""

    @pytest.mark.parametrize("wrong", [RIGHT[:-1] + b"x", RIGHT[:-1], RIGHT + b"x", b""])
    async def test_other_bytes_are_refused_and_change_nothing(
        self, blobs: BlobStore, mendable: MendableBlobStore, wrong: bytes
    ) -> None:
        key, empty = a_key(), a_key()
        await blobs.put(key, chunked(b"as it was"), at_most=9)

        with pytest.raises(BlobDamaged):
            await mend(mendable, key, chunked(wrong))
        with pytest.raises(BlobDamaged):
            await mend(mendable, empty, chunked(wrong))

        assert await content_of(blobs, key) == b"as it was"
        assert not await is_there(blobs, empty)

    async def test_a_source_that_fails_changes_nothing_even_at_its_very_end(
        self, blobs: BlobStore, mendable: MendableBlobStore
    ) -> None:
        key = a_key()
        await blobs.put(key, chunked(b"as it was"), at_most=9)

        with pytest.raises(SourceFailed):
            await mend(mendable, key, broken_after(RIGHT, SourceFailed()))

        assert await content_of(blobs, key) == b"as it was"

    async def test_what_is_no_key_is_not_mended(self, mendable: MendableBlobStore) -> None:
        with pytest.raises(BlobKeyInvalid):
            await mend(mendable, BlobKey("../a"), chunked(RIGHT))
