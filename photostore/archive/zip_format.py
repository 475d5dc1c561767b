"""The bytes of a ZIP file around the files themselves (APPNOTE 6.3.10), for files that are stored as they are.

A file's CRC-32 always stands behind it, never before it: so the bytes are the same whoever knew it when.
"""

from dataclasses import dataclass
from datetime import datetime
from struct import Struct

_32_BITS = 0xFFFF_FFFF
_16_BITS = 0xFFFF
_PLAIN, _ZIP64 = 20, 45  # the versions of the format that a reader must know
_UNIX = 3 << 8
_FLAGS = 1 << 11 | 1 << 3  # names are UTF-8; sizes and CRC-32 follow the file
_PLAIN_FILE = 0o100644 << 16

_LOCAL = Struct("<4s5H3L2H")
_LOCAL_ZIP64 = Struct("<2H2Q")
_DESCRIPTOR = Struct("<4s3L")
_DESCRIPTOR_ZIP64 = Struct("<4sL2Q")
_CENTRAL = Struct("<4s6H3L5H2L")
_END = Struct("<4s4H2LH")
_END_ZIP64 = Struct("<4sQ2H2L4Q")
_LOCATOR = Struct("<4sLQL")


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """A file: its name in UTF-8, its size, and `modified` as `dos_time` writes it."""

    name: bytes
    byte_size: int
    modified: int

    @property
    def is_large(self) -> bool:
        return self.byte_size >= _32_BITS

    @property
    def header_bytes(self) -> int:
        return _LOCAL.size + len(self.name) + (_LOCAL_ZIP64.size if self.is_large else 0)

    @property
    def descriptor_bytes(self) -> int:
        return (_DESCRIPTOR_ZIP64 if self.is_large else _DESCRIPTOR).size

    @property
    def total_bytes(self) -> int:
        return self.header_bytes + self.byte_size + self.descriptor_bytes

    def record_bytes(self, offset: int) -> int:
        """The length of its record in the directory, when the file begins at `offset`."""
        wide = 2 * self.is_large + (offset >= _32_BITS)
        return _CENTRAL.size + len(self.name) + (4 + 8 * wide if wide else 0)


def dos_time(moment: datetime) -> int:
    """As ZIP files tell time: no zone, even seconds, from 1980 to 2107; what lies outside is brought to its edge."""
    if moment.year < 1980:
        return 1 << 21 | 1 << 16
    if moment.year > 2107:
        return 127 << 25 | 12 << 21 | 31 << 16 | 23 << 11 | 59 << 5 | 29
    date = (moment.year - 1980) << 9 | moment.month << 5 | moment.day
    return date << 16 | moment.hour << 11 | moment.minute << 5 | moment.second // 2


def local_header(entry: ZipEntry) -> bytes:
    """What stands before the file."""
    time, date = entry.modified & _16_BITS, entry.modified >> 16
    # The sizes follow the file. Where they need 64 bits there, this is how it is told.
    size, extra, version = 0, b"", _PLAIN
    if entry.is_large:
        size, extra, version = _32_BITS, _LOCAL_ZIP64.pack(1, 16, 0, 0), _ZIP64
    named = (len(entry.name), len(extra))
    return _LOCAL.pack(b"PK\3\4", version, _FLAGS, 0, time, date, 0, size, size, *named) + entry.name + extra


def data_descriptor(entry: ZipEntry, crc32: int) -> bytes:
    """What stands behind the file."""
    form = _DESCRIPTOR_ZIP64 if entry.is_large else _DESCRIPTOR
    return form.pack(b"PK\7\x08", crc32, entry.byte_size, entry.byte_size)


def central_record(entry: ZipEntry, offset: int, crc32: int) -> bytes:
    """What the directory tells of the file that begins at `offset`."""
    time, date = entry.modified & _16_BITS, entry.modified >> 16
    wide = [entry.byte_size, entry.byte_size] if entry.is_large else []
    wide += [offset] if offset >= _32_BITS else []
    extra = Struct(f"<2H{len(wide)}Q").pack(1, 8 * len(wide), *wide) if wide else b""
    version, size = _ZIP64 if wide else _PLAIN, min(entry.byte_size, _32_BITS)
    told = (b"PK\1\2", _UNIX | version, version, _FLAGS, 0, time, date, crc32, size, size, len(entry.name), len(extra))
    return _CENTRAL.pack(*told, 0, 0, 0, _PLAIN_FILE, min(offset, _32_BITS)) + entry.name + extra


def end_records(*, count: int, directory_offset: int, directory_bytes: int) -> bytes:
    """The end of the file, which says where the directory is."""
    large = count >= _16_BITS or max(directory_offset, directory_bytes) >= _32_BITS
    wide = b""
    if large:
        place = directory_offset + directory_bytes
        wide = _END_ZIP64.pack(
            b"PK\6\6",
            _END_ZIP64.size - 12,
            _UNIX | _ZIP64,
            _ZIP64,
            0,
            0,
            count,
            count,
            directory_bytes,
            directory_offset,
        ) + _LOCATOR.pack(b"PK\6\7", 0, place, 1)
    files, size, offset = min(count, _16_BITS), min(directory_bytes, _32_BITS), min(directory_offset, _32_BITS)
    return wide + _END.pack(b"PK\5\6", 0, 0, files, files, size, offset, 0)
