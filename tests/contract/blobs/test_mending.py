"""What every store promises of putting right what is damaged."""

from collections.abc import AsyncIterator
from hashlib import sha256

import pytest

from photostore.shared.blobs import BlobDamaged, BlobKey, BlobKeyInvalid
from tests.contract.blobs.stores import Stores, a_key, broken_after, chunked, content_of, is_there, some_bytes

RIGHT = some_bytes(300_000)


class SourceFailed(Exception):
    pass


async def mend(stores: Stores, key: BlobKey, chunks: AsyncIterator[bytes], right: bytes = RIGHT) -> None:
    await stores.mendable.mend(key, chunks, byte_size=len(right), sha256=sha256(right).digest())


@pytest.mark.parametrize("lying_there", [None, b"", b"too short", RIGHT[:-1] + b"x", RIGHT + b"too long"])
async def test_the_right_bytes_lie_there_whatever_did_before(stores: Stores, lying_there: bytes | None) -> None:
    key = a_key()
    if lying_there is not None:
        await stores.blobs.put(key, chunked(lying_there), at_most=len(lying_there))

    await mend(stores, key, chunked(RIGHT))
    await mend(stores, key, chunked(RIGHT))

    assert await content_of(stores.blobs, key) == RIGHT
    assert (await stores.blobs.head(key)).byte_size == len(RIGHT)


async def test_nothing_at_all_can_be_right_too(stores: Stores) -> None:
    key = a_key()
    await stores.blobs.put(key, chunked(b"something"), at_most=9)

    await mend(stores, key, chunked(b""), right=b"")

    assert await content_of(stores.blobs, key) == b""


@pytest.mark.parametrize("wrong", [RIGHT[:-1] + b"x", RIGHT[:-1], RIGHT + b"x", b""])
async def test_other_bytes_are_refused_and_change_nothing(stores: Stores, wrong: bytes) -> None:
    key, empty = a_key(), a_key()
    await stores.blobs.put(key, chunked(b"as it was"), at_most=9)

    with pytest.raises(BlobDamaged):
        await mend(stores, key, chunked(wrong))
    with pytest.raises(BlobDamaged):
        await mend(stores, empty, chunked(wrong))

    assert await content_of(stores.blobs, key) == b"as it was"
    assert not await is_there(stores.blobs, empty)


async def test_a_source_that_fails_changes_nothing_even_at_its_very_end(stores: Stores) -> None:
    key = a_key()
    await stores.blobs.put(key, chunked(b"as it was"), at_most=9)

    with pytest.raises(SourceFailed):
        await mend(stores, key, broken_after(RIGHT, SourceFailed()))

    assert await content_of(stores.blobs, key) == b"as it was"


async def test_what_is_no_key_is_not_mended(stores: Stores) -> None:
    with pytest.raises(BlobKeyInvalid):
        await mend(stores, BlobKey("../a"), chunked(RIGHT))
