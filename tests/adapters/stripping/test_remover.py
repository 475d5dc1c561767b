"""The remover whole: what it asks of the store, what it keeps, and what it costs."""

import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from struct import pack

import pytest

from photostore.photo.metadata_policy import CannotClean, CleanCopy, CopiedRange
from photostore.shared.blobs import BlobKey, BlobNotFound, BlobStoreUnavailable, OpenBlob, blob_key
from photostore_adapters.imaging.stripping.plans import RecentPlans
from photostore_adapters.imaging.stripping.remover import StreamingMetadataRemover
from tests.adapters.stripping.cleaning import (
    KEEP,
    KEY,
    NO_LOCATION,
    NONE,
    a_store,
    cleaned,
    jpeg_with,
    located_exif,
    plan_of,
    segment,
)
from tests.fakes.blob_store import FakeBlobStore
from tests.pictures import a_jpeg, a_png, png_chunk

MIB = 1 << 20


class HugeBlobs(FakeBlobStore):
    """One blob: `head`, then `body` again and again, then `tail`; never in memory as a whole."""

    def __init__(self, head: bytes, body: bytes, times: int, tail: bytes) -> None:
        super().__init__()
        self._parts = head, body, times, tail
        self.byte_size = len(head) + len(body) * times + len(tail)

    @asynccontextmanager
    async def open(self, key: BlobKey, *, offset: int = 0, length: int | None = None) -> AsyncIterator[OpenBlob]:
        yield OpenBlob(byte_size=self.byte_size, chunks=self._stream())

    async def _stream(self) -> AsyncIterator[bytes]:
        head, body, times, tail = self._parts
        yield head
        for _ in range(times):
            yield memoryview(body).tobytes()  # new ones each time, as from a socket
        yield tail


async def plan_of_huge(store: HugeBlobs, content_type: str) -> tuple[CleanCopy, int]:
    """The copy, and the most memory that was taken meanwhile."""
    remover = StreamingMetadataRemover(store)
    tracemalloc.start()
    try:
        copy = await remover.clean_copy(KEY, content_type=content_type, byte_size=store.byte_size, policy=NO_LOCATION)
        return copy, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


async def test_a_jpeg_of_200_mib_costs_less_than_4() -> None:
    plain = a_jpeg(exif=located_exif())
    scan = plain.index(b"\xff\xda") + 14
    store = HugeBlobs(plain[:scan], b"\x5a\xff\0\xff\xd0" * (MIB // 5), 200, b"\xff\xd9")

    copy, peak = await plan_of_huge(store, "image/jpeg")

    assert copy.byte_size == store.byte_size
    assert peak < 4 * MIB


async def test_a_png_with_a_chunk_of_200_mib_costs_less_than_4() -> None:
    head = a_png()[:33] + pack(">I", 200 * MIB) + b"tEXt"
    store = HugeBlobs(head, bytes(MIB), 200, b"crc!" + a_png()[33:])

    copy, peak = await plan_of_huge(store, "image/png")

    assert copy.byte_size == len(a_png())
    assert peak < 4 * MIB


async def test_pieces_without_number_are_refused() -> None:
    step = png_chunk(b"prVt", b"") + png_chunk(b"tRNS", b"")
    content = a_png()[:33] + step * 20_001 + a_png()[33:]

    with pytest.raises(CannotClean, match="too many"):
        await plan_of(content, "image/png", NONE)


async def test_segments_without_number_are_refused() -> None:
    content = jpeg_with(segment(0xE7, b"") * 100_000)

    with pytest.raises(CannotClean, match="too many"):
        await plan_of(content, "image/jpeg", NONE)


async def test_metadata_without_number_are_not_looked_at() -> None:
    content = jpeg_with(segment(0xFE, b"made by hand") * 300)

    assert await cleaned(content, "image/jpeg", NO_LOCATION) == jpeg_with(segment(0xFE, b"made by hand") * 256)


async def test_the_original_is_its_own_copy_with_all_of_its_metadata() -> None:
    assert await plan_of(b"whatever", "image/tiff", KEEP) == CleanCopy(pieces=(CopiedRange(0, 8),), byte_size=8)


@pytest.mark.parametrize("content_type", ["image/heic", "image/avif", "image/tiff", "image/x-adobe-dng", "text/html"])
async def test_other_formats_are_refused_without_asking_the_store(content_type: str) -> None:
    store = a_store(b"whatever")
    store.failing = {"open"}

    with pytest.raises(CannotClean, match=content_type):
        await StreamingMetadataRemover(store).clean_copy(KEY, content_type=content_type, byte_size=8, policy=NONE)


async def test_an_absent_blob_is_not_found() -> None:
    remover = StreamingMetadataRemover(FakeBlobStore())

    with pytest.raises(BlobNotFound):
        await remover.clean_copy(KEY, content_type="image/jpeg", byte_size=8, policy=NONE)


async def test_a_store_that_fails_is_told_and_asked_again() -> None:
    content = a_jpeg()
    store = a_store(content)
    remover = StreamingMetadataRemover(store)

    store.failing = {"open"}
    with pytest.raises(BlobStoreUnavailable):
        await remover.clean_copy(KEY, content_type="image/jpeg", byte_size=len(content), policy=NONE)
    store.failing, store.break_after = set(), 100
    with pytest.raises(BlobStoreUnavailable):
        await remover.clean_copy(KEY, content_type="image/jpeg", byte_size=len(content), policy=NONE)
    store.break_after = None
    copy = await remover.clean_copy(KEY, content_type="image/jpeg", byte_size=len(content), policy=NONE)

    assert copy.byte_size == len(content)
    assert store.reading == 0


async def test_a_blob_of_another_size_is_the_stores_fault() -> None:
    remover = StreamingMetadataRemover(a_store(a_jpeg()))

    with pytest.raises(BlobStoreUnavailable):
        await remover.clean_copy(KEY, content_type="image/jpeg", byte_size=8, policy=NONE)


async def test_what_was_worked_out_is_not_worked_out_again() -> None:
    store = a_store(jpeg_with(segment(0xE1, located_exif())))
    remover = StreamingMetadataRemover(store)
    size = len(store.blobs[KEY])

    first = await remover.clean_copy(KEY, content_type="image/jpeg", byte_size=size, policy=NONE)
    store.failing = {"open"}

    assert await remover.clean_copy(KEY, content_type="image/jpeg", byte_size=size, policy=NONE) is first
    with pytest.raises(BlobStoreUnavailable):
        await remover.clean_copy(KEY, content_type="image/jpeg", byte_size=size, policy=NO_LOCATION)


async def test_that_a_file_is_malformed_is_not_found_out_again() -> None:
    store = a_store(b"no JPEG")
    remover = StreamingMetadataRemover(store)

    for failing in (set(), {"open"}):
        store.failing = failing
        with pytest.raises(CannotClean):
            await remover.clean_copy(KEY, content_type="image/jpeg", byte_size=7, policy=NONE)


def a_plan(pieces: int = 1, own_bytes: int = 1) -> CleanCopy:
    return CleanCopy(pieces=(bytes(own_bytes),) * pieces, byte_size=pieces * own_bytes)


def test_plans_are_bounded_in_number_and_the_least_used_go() -> None:
    plans = RecentPlans(most=2)

    plans.keep((blob_key("a"), "", NONE), a_plan())
    plans.keep((blob_key("b"), "", NONE), a_plan())
    plans.get((blob_key("a"), "", NONE))
    plans.keep((blob_key("c"), "", NONE), a_plan())

    assert len(plans) == 2
    assert plans.get((blob_key("b"), "", NONE)) is None


@pytest.mark.parametrize("plan", [a_plan(pieces=60), a_plan(own_bytes=6000)], ids=["pieces", "bytes"])
def test_plans_are_bounded_in_pieces_and_bytes(plan: CleanCopy) -> None:
    plans = RecentPlans(most_pieces=150)

    for number in range(10):
        plans.keep((blob_key(f"{number}"), "", NONE), plan)
    plans.keep((blob_key("9"), "", NONE), plan)

    assert len(plans) == 2
