"""The bytes around the files, as Python's own reader and the format itself have them."""

import io
import struct
import zipfile
from datetime import UTC, datetime
from functools import partial

import pytest

from photostore.archive.plan import ZipPlan
from photostore.archive.zip_format import (
    ZipEntry,
    central_record,
    data_descriptor,
    dos_time,
    end_records,
    local_header,
)

GIB = 1 << 30
utc = partial(datetime, tzinfo=UTC)
TIME = dos_time(utc(2026, 5, 30, 18, 41, 7))


@pytest.mark.parametrize(
    ("moment", "read"),
    [
        (utc(2026, 5, 30, 18, 41, 7), (2026, 5, 30, 18, 41, 6)),
        (utc(1980, 1, 1), (1980, 1, 1, 0, 0, 0)),
        (utc(2107, 12, 31, 23, 59, 59), (2107, 12, 31, 23, 59, 58)),
        (utc(1826, 6, 1), (1980, 1, 1, 0, 0, 0)),
        (utc(2108, 1, 1), (2107, 12, 31, 23, 59, 58)),
    ],
)
def test_time_is_told_as_the_clock_showed_it(moment: datetime, read: tuple[int, ...]) -> None:
    entry = ZipEntry(b"a", 0, dos_time(moment))
    content = local_header(entry) + data_descriptor(entry, 0)
    record = central_record(entry, 0, 0)
    content += record + end_records(count=1, directory_offset=len(content), directory_bytes=len(record))

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.infolist()[0].date_time == read


@pytest.mark.parametrize("byte_size", [0, 1, 0xFFFF_FFFE, 0xFFFF_FFFF, 5 * GIB])
@pytest.mark.parametrize("offset", [0, 0xFFFF_FFFE, 0xFFFF_FFFF, 9 * GIB])
def test_every_length_is_as_it_was_said_beforehand(byte_size: int, offset: int) -> None:
    entry = ZipEntry("ä.jpg".encode(), byte_size, TIME)

    assert len(local_header(entry)) == entry.header_bytes
    assert len(data_descriptor(entry, 1)) == entry.descriptor_bytes
    assert len(central_record(entry, offset, 1)) == entry.record_bytes(offset)


def test_a_file_of_more_than_4_gib_tells_its_size_in_64_bits() -> None:
    entry = ZipEntry(b"a.dng", 5 * GIB, TIME)

    header, descriptor = local_header(entry), data_descriptor(entry, 7)

    assert struct.unpack("<H", header[4:6]) == (45,)
    assert struct.unpack("<2L", header[18:26]) == (0xFFFF_FFFF, 0xFFFF_FFFF)
    assert header.endswith(struct.pack("<2H2Q", 1, 16, 0, 0))
    assert descriptor == b"PK\7\x08" + struct.pack("<L2Q", 7, 5 * GIB, 5 * GIB)


def test_an_ordinary_file_has_nothing_in_its_header_that_only_its_end_can_tell() -> None:
    header = local_header(ZipEntry("ä.jpg".encode(), 1000, TIME))

    version, flags, method = struct.unpack("<3H", header[4:10])
    assert (version, flags, method) == (20, 0x0808, 0)
    assert header[14:26] == bytes(12)


def test_the_directory_of_sizes_and_places_beyond_32_bits_is_read_by_others() -> None:
    entries = [ZipEntry(b"large", 6 * GIB, TIME), ZipEntry(b"far", 3, TIME)]
    plan = ZipPlan(entries)

    archive = zipfile.ZipFile(_Sparse(plan))

    large, far = archive.infolist()
    assert (large.filename, large.file_size, large.header_offset) == ("large", 6 * GIB, 0)
    assert (far.filename, far.file_size, far.header_offset) == ("far", 3, plan.offsets[1])
    assert far.header_offset > 6 * GIB
    assert large.compress_type == zipfile.ZIP_STORED


@pytest.mark.parametrize("count", [0, 1, 65_534, 65_535, 65_536, 70_000])
def test_any_number_of_files_is_counted(count: int) -> None:
    plan = ZipPlan([ZipEntry(b"%d" % number, 0, TIME) for number in range(count)])

    archive = zipfile.ZipFile(_Sparse(plan))

    assert len(archive.infolist()) == count
    assert (b"PK\6\6" in plan.end) is (count >= 65_535)


def test_what_lies_where_is_known_beforehand() -> None:
    plan = ZipPlan([ZipEntry(b"a", 100, TIME), ZipEntry(b"bb", 50, TIME)])

    assert list(plan.offsets) == [0, 31 + 100 + 16]
    assert [plan.entry_at(offset) for offset in (0, 146, 147, 10_000)] == [0, 0, 1, 1]
    assert plan.directory_offset == 147 + 32 + 50 + 16
    assert plan.byte_size == plan.directory_offset + (46 + 1) + (46 + 2) + 22


class _Sparse(io.BytesIO):
    """Looks like the archive of a plan whose files are all zeros, and holds its directory alone."""

    def __init__(self, plan: ZipPlan) -> None:
        records = [central_record(entry, offset, 0) for entry, offset in zip(plan.entries, plan.offsets, strict=True)]
        super().__init__(b"".join(records) + plan.end)
        self._before = plan.directory_offset

    def seek(self, offset: int, whence: int = 0) -> int:
        found = super().seek(offset - self._before if whence == 0 else offset, whence)
        return found + self._before

    def tell(self) -> int:
        return super().tell() + self._before
