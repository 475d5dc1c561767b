"""Photoshop's blocks (APP13) and the IPTC data among them (IIM 4.2), without what tells a place."""

from collections.abc import Iterator
from typing import NamedTuple

from photostore_adapters.imaging.reading import BrokenPictureError, TruncatedPicture
from photostore_adapters.imaging.stripping.assembling import Assembling
from photostore_adapters.imaging.stripping.places import mentions_place, tells_place

SIGNATURE = b"Photoshop 3.0\0"
_IPTC, _IPTC_DIGEST = 0x0404, 0x0425
_NEVER = {0x0422, 0x0423, 0x0424}  # EXIF and XMP
# Content location, city, sublocation, province, country; by IIM's numbers of record 2.
_PLACES = {26, 27, 90, 92, 95, 100, 101}


class _Block(NamedTuple):
    """A resource: `head` to `start` is its type, number, name and size; `stop` to `end` its padding."""

    number: int
    head: int
    start: int
    stop: int
    end: int


def copy_blocks(segment: bytes, offset: int, target: Assembling) -> None:
    """The blocks of an APP13 `segment`, which lies at `offset`. Raise `BrokenPictureError` when it cannot be read."""
    blocks = list(_blocks(segment))
    has_places = any(block.number == _IPTC and _tells_places(segment[block.start : block.stop]) for block in blocks)
    target.copy(offset, len(SIGNATURE))
    for block in blocks:
        if block.number == _IPTC and has_places:
            _copy_iptc(segment, block, offset, target)
        elif block.number in _NEVER or (block.number == _IPTC_DIGEST and has_places):
            continue  # a digest of what was there would have readers distrust what is
        elif not mentions_place(segment[block.start : block.stop]):
            target.copy(offset + block.head, block.end - block.head)


def _blocks(segment: bytes) -> Iterator[_Block]:
    position = len(SIGNATURE)
    while position + 12 <= len(segment):
        if segment[position : position + 4] != b"8BIM":
            raise BrokenPictureError("there is noise where a block should begin")
        number = int.from_bytes(segment[position + 4 : position + 6], "big")
        size_at = position + 6 + _even(1 + segment[position + 6])
        start = size_at + 4
        stop = start + int.from_bytes(segment[size_at:start], "big")
        if start > len(segment) or stop > len(segment):
            raise TruncatedPicture("a block ends in another segment")
        end = min(start + _even(stop - start), len(segment))
        yield _Block(number, position, start, stop, end)
        position = end


def _copy_iptc(segment: bytes, block: _Block, offset: int, target: Assembling) -> None:
    data = segment[block.start : block.stop]
    kept = [(start, end) for start, end, is_place in _datasets(data) if not is_place]
    size = sum(end - start for start, end in kept)
    target.copy(offset + block.head, block.start - 4 - block.head)
    target.write(size.to_bytes(4, "big"))
    for start, end in kept:
        target.copy(offset + block.start + start, end - start)
    target.write(b"\0" * (size % 2))


def _tells_places(data: bytes) -> bool:
    return any(is_place for _, _, is_place in _datasets(data))


def _datasets(data: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where each begins and ends, and whether it tells a place."""
    position = 0
    while position + 5 <= len(data) and data[position] == 0x1C:
        record, number = data[position + 1], data[position + 2]
        length = int.from_bytes(data[position + 3 : position + 5], "big")
        end = position + 5 + length
        if length & 0x8000 or end > len(data):
            raise BrokenPictureError("its IPTC data cannot be read")
        is_place = (record == 2 and number in _PLACES) or tells_place(data[position + 5 : end])
        yield position, end, is_place
        position = end
    if data[position:].strip(b"\0"):
        raise BrokenPictureError("its IPTC data cannot be read")


def _even(length: int) -> int:
    return length + length % 2
