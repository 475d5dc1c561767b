"""The rows of EXIF's directories, each where it stands: what edits them in place needs to know more than a reader."""

import struct
from typing import NamedTuple

from photostore_adapters.imaging.reading import BrokenPictureError, TruncatedPicture

TEXTS = {1, 2, 7, 129}  # bytes, ASCII, anything, UTF-8
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 129: 1}
_POINTERS = {4, 13}


class Row(NamedTuple):
    """`values` is how many there are, `size` their bytes in all, `start` where they lie: in the row itself when they fit."""

    raw: bytes
    tag: int
    kind: int
    values: int
    start: int
    size: int

    @property
    def is_known(self) -> bool:
        return self.kind in _SIZES or not any(self.raw)


class ExifBytes:
    """A TIFF in memory. Raise `BrokenPictureError` when it does not begin as one."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._order = {b"II": "<", b"MM": ">"}.get(content[:2], "")
        if not self._order or len(content) < 8 or self._number("H", 2) != 42:
            raise BrokenPictureError("it does not begin as EXIF does")
        self.first_offset = self._number("I", 4)

    def rows(self, offset: int) -> list[Row]:
        """Of the directory at `offset`; `TruncatedPicture` when it does not lie within."""
        if not 8 <= offset <= len(self.content) - 2:
            raise TruncatedPicture("a directory lies outside")
        count = self._number("H", offset)
        if offset + 2 + 12 * count > len(self.content):
            raise TruncatedPicture("a directory ends outside")
        return [self._row(offset + 2 + 12 * index) for index in range(count)]

    def next_after(self, position: int) -> int:
        """The number where a directory's rows end: the next one's offset. Some writers leave it out."""
        return self._number("I", position) if position + 4 <= len(self.content) else 0

    def packed(self, count: int) -> bytes:
        return struct.pack(self._order + "H", count)

    def value(self, row: Row) -> bytes:
        """Empty when it does not lie within."""
        return self.content[row.start : row.start + row.size] if self.holds(row) else b""

    def holds(self, row: Row) -> bool:
        return row.start + row.size <= len(self.content)

    def pointers(self, row: Row) -> tuple[int, ...]:
        """The offsets of other directories; `BrokenPictureError` when they are none."""
        if row.kind not in _POINTERS or not 1 <= row.values <= 16 or not self.holds(row):
            raise BrokenPictureError("a directory's offset is none")
        return struct.unpack(f"{self._order}{row.values}I", self.value(row))

    def _row(self, position: int) -> Row:
        raw = self.content[position : position + 12]
        tag, kind, count, value = struct.unpack(self._order + "HHII", raw)
        size = _SIZES.get(kind, 0) * count
        return Row(raw, tag, kind, count, position + 8 if size <= 4 else value, size)

    def _number(self, layout: str, position: int) -> int:
        (number,) = struct.unpack_from(self._order + layout, self.content, position)
        return int(number)
