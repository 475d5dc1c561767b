"""A clean copy is a file like any other: any range of it can be asked for, and read from the store."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photostore.photo.metadata_policy import CleanCopy, CopiedRange, Piece, open_pieces, size_of
from photostore.shared.blobs import BlobKey, BlobNotFound, BlobStoreUnavailable, blob_key
from tests.fakes.blob_store import FakeBlobStore

KEY = blob_key("a/photo")
ORIGINAL = bytes(range(256)) * 1000


@st.composite
def copies(draw: st.DrawFn) -> CleanCopy:
    """Ranges of the original in its order, some touching, with bytes of their own between them."""
    bounds = sorted(draw(st.lists(st.integers(0, len(ORIGINAL)), max_size=12)))
    pieces: list[Piece] = []
    for start, stop in zip(bounds[::2], bounds[1::2], strict=False):
        if own := draw(st.binary(max_size=20)):
            pieces.append(own)
        if start < stop:
            pieces.append(CopiedRange(start, stop - start))
    return CleanCopy(pieces=pieces, byte_size=sum(map(size_of, pieces)))


def a_store() -> FakeBlobStore:
    store = FakeBlobStore()
    store.blobs[KEY] = ORIGINAL
    return store


async def read(store: FakeBlobStore, pieces: list[Piece], *, key: BlobKey = KEY) -> bytes:
    async with open_pieces(store, key, pieces) as chunks:
        return b"".join([chunk async for chunk in chunks])


def put_together(copy: CleanCopy) -> bytes:
    return b"".join(
        piece if isinstance(piece, bytes) else ORIGINAL[piece.offset : piece.offset + piece.length]
        for piece in copy.pieces
    )


@given(copy=copies(), offset=st.integers(0, 300_000), length=st.integers(0, 300_000))
@settings(deadline=None)
async def test_any_range_of_a_copy_is_that_slice_of_the_whole(copy: CleanCopy, offset: int, length: int) -> None:
    found = await read(a_store(), list(copy.range(offset, length)))

    assert found == put_together(copy)[offset : offset + length]


@given(copy=copies(), offset=st.integers(0, 1000), length=st.integers(0, 1000))
async def test_no_piece_of_a_range_is_empty(copy: CleanCopy, offset: int, length: int) -> None:
    assert all(size_of(piece) > 0 for piece in copy.range(offset, length))


async def test_pieces_come_from_one_reading_of_the_store_which_ends_with_the_last() -> None:
    store = a_store()

    async with open_pieces(store, KEY, [CopiedRange(10, 5), b"own", CopiedRange(200_000, 2)]) as chunks:
        content = b"".join([chunk async for chunk in chunks])
        open_meanwhile = store.reading

    assert content == ORIGINAL[10:15] + b"own" + ORIGINAL[200_000:200_002]
    assert (open_meanwhile, store.reading) == (1, 0)


async def test_ranges_that_go_backwards_are_refused_instead_of_read_for_ever() -> None:
    with pytest.raises(ValueError, match="in the order of the blob"):
        await read(a_store(), [CopiedRange(200_000, 2), CopiedRange(10, 5), CopiedRange(230_000, 1)])


async def test_pieces_of_an_absent_blob_are_not_found() -> None:
    with pytest.raises(BlobNotFound):
        await read(a_store(), [CopiedRange(0, 5)], key=blob_key("absent"))


async def test_a_fault_midway_is_told() -> None:
    store = a_store()
    store.break_after = 100_000

    with pytest.raises(BlobStoreUnavailable):
        await read(store, [CopiedRange(0, 200_000)])


async def test_a_blob_that_ends_too_early_is_never_taken_for_the_whole() -> None:
    store = a_store()

    with pytest.raises(BlobStoreUnavailable, match="fewer bytes"):
        await read(store, [CopiedRange(len(ORIGINAL) - 5, 10)])
