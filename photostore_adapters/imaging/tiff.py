"""TIFF's skeleton (TIFF 6.0, BigTIFF, and what cameras made of it): directories of tags. EXIF is one of these too."""

import math
import struct
from dataclasses import dataclass, field

from photostore_adapters.imaging.reading import BrokenPictureError, InMemory, View, Window
from photostore_adapters.imaging.texts import decoded

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8, 129: 1}
_TEXTS = {1, 2, 7, 129}  # bytes, ASCII, bytes again, and UTF-8 since Exif 3.0
_INTEGERS = {1: "B", 3: "H", 4: "I", 6: "b", 7: "B", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_FRACTIONS = {5: "II", 10: "ii", 11: "f", 12: "d"}
# 42 is TIFF, 43 is BigTIFF; Panasonic and Olympus write letters of their own there.
_MAGIC = {42, 43, 0x55, 0x4F52, 0x5352}
_MAX_ENTRIES = 4096


@dataclass(frozen=True, slots=True)
class Directory:
    """One IFD. A tag that is absent, of the wrong type or out of bounds reads as nothing, as other readers have it."""

    view: View
    order: str
    next_offset: int
    entries: dict[int, tuple[int, int, int]] = field(default_factory=dict)

    def numbers(self, tag: int, *, most: int = 64) -> tuple[int, ...]:
        """The first values of an integer tag."""
        kind, count, _ = self.entries.get(tag, (0, 0, 0))
        if kind not in _INTEGERS:
            return ()
        count = min(count, most)
        content = self._content(tag, count)
        return struct.unpack(f"{self.order}{count}{_INTEGERS[kind]}", content) if content else ()

    def number(self, tag: int) -> int | None:
        values = self.numbers(tag, most=1)
        return values[0] if values else None

    def quantities(self, tag: int, *, most: int = 4) -> tuple[float, ...]:
        """The first values of a tag of fractions or integers; a fraction over nought makes the whole tag nothing."""
        values = self.values(tag, most=most)
        return () if None in values else tuple(value for value in values if value is not None)

    def values(self, tag: int, *, most: int = 4) -> tuple[float | None, ...]:
        """The same, where each may be nothing by itself. So is a number that is not finite."""
        kind, count, _ = self.entries.get(tag, (0, 0, 0))
        if kind not in _FRACTIONS:
            return tuple(float(value) for value in self.numbers(tag, most=most))
        count = min(count, most)
        content = self._content(tag, count)
        halves = struct.unpack(self.order + _FRACTIONS[kind] * count, content) if content else ()
        if kind in {11, 12}:
            return tuple(value if math.isfinite(value) else None for value in halves)
        return tuple(above / below if below else None for above, below in zip(halves[::2], halves[1::2], strict=True))

    def text(self, tag: int) -> str | None:
        kind, count, _ = self.entries.get(tag, (0, 0, 0))
        if kind not in _TEXTS:
            return None
        content = self._content(tag, min(count, 256))
        return decoded(content.split(b"\0")[0]).strip() or None

    def raw(self, tag: int) -> Window | None:
        """The bytes of a tag of any type, unread."""
        if tag not in self.entries:
            return None
        kind, count, position = self.entries[tag]
        length = _SIZES[kind] * count
        return Window(self.view, position, length) if position + length <= self.view.byte_size else None

    def _content(self, tag: int, count: int) -> bytes:
        kind, _, position = self.entries[tag]
        length = _SIZES[kind] * count
        if position + length > self.view.byte_size:
            return b""
        return self.view.read(position, length)


NO_DIRECTORY = Directory(InMemory(b""), "<", 0)


class Tiff:
    """A TIFF-shaped file, or EXIF data. Raise `BrokenPictureError` when it does not begin as one."""

    def __init__(self, view: View) -> None:
        head = view.read(0, 8)
        self.view = view
        self.order = {b"II": "<", b"MM": ">"}.get(head[:2], "")
        if not self.order or self._unpack("H", head[2:4]) not in _MAGIC:
            raise BrokenPictureError("it does not begin as a TIFF does")
        self._big = self._unpack("H", head[2:4]) == 43
        self.first_offset = self._unpack("Q", view.read(8, 8)) if self._big else self._unpack("I", head[4:8])

    def directory(self, offset: int) -> Directory:
        """Raise `TruncatedPicture` when it does not lie within the bytes."""
        count, start = self._count(offset)
        size, layout = (20, "HHQQ") if self._big else (12, "HHII")
        content = self.view.read(start, count * size)
        directory = Directory(self.view, self.order, self._next(start + count * size))
        for index, (tag, kind, length, value) in enumerate(struct.iter_unpack(self.order + layout, content)):
            if kind in _SIZES:
                inline = _SIZES[kind] * length <= (8 if self._big else 4)
                here = start + index * size + size - (8 if self._big else 4)
                directory.entries.setdefault(tag, (kind, length, here if inline else value))
        return directory

    def following(self, offset: int) -> int:
        """Where the directory after the one at `offset` lies; nought after the last."""
        count, start = self._count(offset)
        return self._next(start + count * (20 if self._big else 12))

    def _count(self, offset: int) -> tuple[int, int]:
        size = 8 if self._big else 2
        count = self._unpack("Q" if self._big else "H", self.view.read(offset, size))
        if count > _MAX_ENTRIES:
            raise BrokenPictureError("a directory has too many entries")
        return count, offset + size

    def _next(self, position: int) -> int:
        size = 8 if self._big else 4
        if position + size > self.view.byte_size:
            return 0  # EXIF writers leave it out, some of them
        return self._unpack("Q" if self._big else "I", self.view.read(position, size))

    def _unpack(self, layout: str, content: bytes) -> int:
        (value,) = struct.unpack(self.order + layout, content)
        return int(value)
