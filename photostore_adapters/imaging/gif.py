"""GIF's blocks (GIF89a). Frames are counted by stepping over their data."""

from contextlib import suppress

from photostore_adapters.imaging.parsed import ParsedPicture
from photostore_adapters.imaging.reading import BrokenPictureError, Cursor, ReadBudgetSpent, View
from photostore_adapters.imaging.sniffing import GIF

_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B


def parse_gif(view: View) -> ParsedPicture:
    head = view.read(6, 7)
    width, height = _two(head[0:2], head[2:4])
    position = 13 + _palette(head[4])
    walk = _Walk(view, position)
    with suppress(ReadBudgetSpent):  # a large animation: the decoder counts the rest
        walk.to_end()
    if walk.frames == 0:
        raise BrokenPictureError("it holds no picture")
    first_width, first_height = walk.first_size
    return ParsedPicture(
        content_type=GIF,
        width=width or first_width,
        height=height or first_height,
        frames=walk.frames,
        frame_pixels=walk.frame_pixels,
    )


class _Walk:
    def __init__(self, view: View, position: int) -> None:
        self._cursor = Cursor(view, position)
        self.frames = 0
        self.frame_pixels = 0
        self.first_size = (0, 0)

    def to_end(self) -> None:
        """Files without a trailer are common; files that end inside a block are cut short."""
        while self._cursor.remaining:
            kind = self._cursor.number(1)
            if kind == _IMAGE:
                self._frame()
            elif kind == _EXTENSION:
                self._cursor.take(1)
                self._skip_data()
            elif kind == _TRAILER or self.frames:
                return  # decoders take noise after a frame for the end
            else:
                raise BrokenPictureError("there is noise where a block should begin")

    def _frame(self) -> None:
        descriptor = self._cursor.take(9)
        width, height = _two(descriptor[4:6], descriptor[6:8])
        if self.frames == 0:
            self.first_size = (width, height)
        self.frames += 1
        self.frame_pixels = max(self.frame_pixels, width * height)
        self._cursor.position += _palette(descriptor[8]) + 1
        self._skip_data()

    def _skip_data(self) -> None:
        while length := self._cursor.number(1):
            self._cursor.position += length


def _palette(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _two(first: bytes, second: bytes) -> tuple[int, int]:
    return int.from_bytes(first, "little"), int.from_bytes(second, "little")
