"""Reading an archive of originals: whole, from the middle, with faults."""

import asyncio
import io
import zipfile
from contextlib import aclosing
from datetime import UTC, datetime
from zlib import crc32

import pytest

from photostore.archive.originals import planned
from photostore.shared.blobs import BlobNotFound, BlobStoreUnavailable
from tests.core.archive.archives import Archive, an_archived_photo, in_store
from tests.fakes.blob_store import FakeBlobStore
from tests.fakes.system import NOW

CONTENTS = [bytes(range(256)) * 700, b"second", b"x" * 65_536, b"last one"]


@pytest.fixture
def blobs() -> FakeBlobStore:
    return FakeBlobStore()


async def test_others_read_what_was_put_in(blobs: FakeBlobStore) -> None:
    archive = Archive(blobs, in_store(blobs, CONTENTS))

    content = await archive.content()

    with zipfile.ZipFile(io.BytesIO(content)) as read:
        assert read.testzip() is None
        assert [read.read(each) for each in read.namelist()] == CONTENTS
        assert {each.compress_type for each in read.infolist()} == {zipfile.ZIP_STORED}
    assert len(content) == archive.plan.byte_size
    assert blobs.reading == 0


async def test_an_archive_of_nothing_is_one() -> None:
    content = await Archive(FakeBlobStore(), []).content()

    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == []


async def test_names_are_read_in_every_script_and_times_as_the_camera_showed_them(blobs: FakeBlobStore) -> None:
    taken = datetime(2026, 5, 30, 22, 41, 8, tzinfo=UTC)
    photos = in_store(blobs, [b"1", b"2", b"3"])
    for photo, name in zip(photos, ("夕日.jpg", "CON.jpg", "夕日.jpg"), strict=True):
        photo.filename = name
    photos[0].taken_at, photos[0].taken_at_offset_minutes = taken, 120
    photos[1].taken_at = taken

    with zipfile.ZipFile(io.BytesIO(await Archive(blobs, photos).content())) as read:
        assert read.namelist() == ["夕日.jpg", "_CON.jpg", "夕日 (2).jpg"]
        times = [each.date_time for each in read.infolist()]
    assert times[:2] == [(2026, 5, 31, 0, 41, 8), (2026, 5, 30, 22, 41, 8)]
    assert times[2] == (NOW.year, NOW.month, NOW.day, NOW.hour, NOW.minute, NOW.second // 2 * 2)


@pytest.mark.parametrize("known", [False, True])
async def test_read_from_any_byte_on_it_is_the_same(blobs: FakeBlobStore, *, known: bool) -> None:
    photos = in_store(blobs, [b"abcdef", b"g", b"hijklmnop"])
    if known:
        for photo in photos:
            photo.crc32 = crc32(blobs.blobs[photo.blob_key])  # type: ignore[index]
    archive = Archive(blobs, photos)
    whole = await archive.content()

    for start in range(len(whole)):
        assert await archive.content(start) == whole[start:], start
        assert await archive.content(0, start + 1) == whole[: start + 1], start
        assert await archive.content(start, min(start + 40, len(whole))) == whole[start : start + 40], start


async def test_what_was_found_out_before_is_not_read_again(blobs: FakeBlobStore) -> None:
    photos = in_store(blobs, CONTENTS)
    first = Archive(blobs, photos)
    whole = await first.content()
    for number, found in first.learned.items():
        photos[number].crc32 = found
    again = Archive(blobs, photos)
    start = again.plan.offsets[2] + 5_000

    rest = await again.content(start)

    begin = start - again.plan.offsets[2] - again.plan.entries[2].header_bytes
    assert rest == whole[start:]
    assert again.opened == [(2, begin, len(CONTENTS[2]) - begin), (3, 0, len(CONTENTS[3]))]
    assert again.learned == {}


async def test_what_is_not_known_is_read_for_the_directory_alone(blobs: FakeBlobStore) -> None:
    archive = Archive(blobs, in_store(blobs, CONTENTS))
    whole = await archive.content()
    again = Archive(blobs, archive.photos)

    assert await again.content(len(whole) - 22) == whole[-22:]
    assert again.opened == []
    assert await again.content(again.plan.directory_offset) == whole[again.plan.directory_offset :]
    assert again.learned == archive.learned == dict(enumerate(map(crc32, CONTENTS)))


@pytest.mark.parametrize("fault", ["open", "break", "shorter", "longer", "gone"])
async def test_a_fault_midway_is_told_and_leaves_nothing_open(blobs: FakeBlobStore, fault: str) -> None:
    photos = in_store(blobs, CONTENTS)
    if fault == "break":
        blobs.break_after = 70_000
    elif fault == "gone":
        del blobs.blobs[photos[2].blob_key]  # type: ignore[arg-type]
    elif fault != "open":
        photos[2].byte_size += 1 if fault == "shorter" else -1
    else:
        blobs.failing.add("open")

    with pytest.raises((BlobStoreUnavailable, BlobNotFound)):
        await Archive(blobs, photos).content()

    assert blobs.reading == 0


async def test_whoever_stops_reading_leaves_nothing_open(blobs: FakeBlobStore) -> None:
    archive = Archive(blobs, in_store(blobs, CONTENTS))

    async with aclosing(archive.reading().chunks(0, archive.plan.byte_size)) as chunks:
        await anext(chunks)
        await anext(chunks)
        assert blobs.reading > 0

    assert blobs.reading == 0


async def test_never_more_than_two_files_are_open(blobs: FakeBlobStore) -> None:
    archive = Archive(blobs, in_store(blobs, [bytes(200_000)] * 20))
    most = 0

    async with aclosing(archive.reading().chunks(0, archive.plan.byte_size)) as chunks:
        async for _ in chunks:
            await asyncio.sleep(0)
            most = max(most, blobs.reading)

    assert most == 2


def test_the_tag_follows_all_that_the_bytes_depend_on() -> None:
    one = an_archived_photo("a.jpg", key="originals/1")
    same = planned([one]).tag

    assert planned([one]).tag == same
    assert planned([an_archived_photo("a.jpg", key="originals/1", crc32=7)]).tag == same
    others = [
        [],
        [one, one],
        [an_archived_photo("b.jpg", key="originals/1")],
        [an_archived_photo("a.jpg", key="originals/2")],
        [an_archived_photo("a.jpg", key="originals/1", byte_size=11)],
        [an_archived_photo("a.jpg", key="originals/1", taken_at=datetime(2026, 1, 1, tzinfo=UTC))],
    ]
    tags = {planned(each).tag for each in others}
    assert len(tags) == len(others)
    assert same not in tags
