"""Fujifilm's RAF: a JPEG with the EXIF, then directories of the sensor, then its data."""

from dataclasses import replace

from photostore_adapters.imaging.jpeg import parse_jpeg
from photostore_adapters.imaging.parsed import ParsedPicture
from photostore_adapters.imaging.reading import BrokenPictureError, Cursor, View, whole
from photostore_adapters.imaging.sniffing import RAF

_MAX_TAGS = 255
# The picture cropped to what is shown, else the whole sensor.
_SIZES = (0x111, 0x121, 0x100)


def parse_raf(view: View) -> ParsedPicture:
    preview_at, preview_size, tags_at, tags_size = Cursor(view, 84).fields("IIII")
    preview = parse_jpeg(whole(view).inner(preview_at, preview_size))
    sizes = _sizes(Cursor(whole(view).inner(tags_at, tags_size)))
    chosen = next((sizes[tag] for tag in _SIZES if tag in sizes), None)
    if chosen is None:
        raise BrokenPictureError("it does not tell its size")
    height, width = chosen
    return replace(preview, content_type=RAF, width=width, height=height, scans=1)


def _sizes(cursor: Cursor) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    count = cursor.number(4)
    for _ in range(min(count, _MAX_TAGS)):
        tag, length = cursor.fields("HH")
        content = cursor.take(length)
        if tag in _SIZES and length == 4:
            found[tag] = (int.from_bytes(content[:2], "big"), int.from_bytes(content[2:], "big"))
    return found
