"""PNG's chunks (W3C PNG, third edition). Nothing is inflated: neither pixels nor text nor profiles."""

from collections.abc import Iterator
from contextlib import suppress
from zlib import crc32

from photostore_adapters.imaging.embedded import Block, BlockKind
from photostore_adapters.imaging.exif import ExifTags, exif_of
from photostore_adapters.imaging.parsed import ParsedPicture
from photostore_adapters.imaging.reading import (
    BrokenPictureError,
    Cursor,
    InMemory,
    TruncatedPicture,
    View,
    Window,
    whole,
)
from photostore_adapters.imaging.sniffing import PNG

_DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
_TEXTS = {b"iTXt", b"zTXt", b"tEXt"}
_AFTER_PIXELS = {b"eXIf", *_TEXTS}
_MAX_CHUNKS = 4096
_TAIL = 64 * 1024


def parse_png(view: View, *, to_the_end: bool = False) -> ParsedPicture:
    """What follows the pixels is looked for in the file's last bytes, or, `to_the_end`, from chunk to chunk."""
    width, height, interlaced = _header(view)
    exif: ExifTags | None = None
    blocks: list[Block] = []
    frames = 1
    for kind, content in _chunks(view, to_the_end=to_the_end):
        if kind == b"eXIf" and exif is None:
            exif = exif_of(content)
        elif kind == b"acTL":
            frames = Cursor(content).number(4)
        elif kind in _TEXTS:
            blocks.append(Block(BlockKind.PNG_TEXT, content, kind))
    exif = exif or _exif_in_tail(view)
    return ParsedPicture(
        content_type=PNG,
        width=width,
        height=height,
        orientation=exif.orientation,
        frames=frames,
        interlaced_png=interlaced,
        exif=exif,
        blocks=tuple(blocks),
    )


def _header(view: View) -> tuple[int, int, bool]:
    content = view.read(8, 25)
    if content[:8] != b"\0\0\0\x0dIHDR" or crc32(content[4:21]) != int.from_bytes(content[21:], "big"):
        raise BrokenPictureError("it does not begin with its dimensions")
    width, height, depth, colour, compression, filtering, interlace = Cursor(InMemory(content), 8).fields("IIBBBBB")
    if depth not in _DEPTHS.get(colour, set()) or compression or filtering or interlace > 1:
        raise BrokenPictureError("its kind of pixels does not exist")
    return width, height, interlace == 1


def _chunks(view: View, *, to_the_end: bool) -> Iterator[tuple[bytes, Window]]:
    position = 33
    for _ in range(_MAX_CHUNKS):
        head = view.read(position, 8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if not kind.isalpha():
            raise BrokenPictureError("there is noise where a chunk should begin")
        content = whole(view).inner(position + 8, length)
        if kind == b"IDAT":
            if to_the_end:
                yield from _chunks_after(view, position)
            return
        yield kind, content
        position += length + 12
    raise BrokenPictureError("it has too many chunks before its pixels")


def _chunks_after(view: View, position: int) -> Iterator[tuple[bytes, Window]]:
    """Whatever is wrong there, the picture before it is whole."""
    with suppress(BrokenPictureError):
        while True:
            head = view.read(position, 8)
            length, kind = int.from_bytes(head[:4], "big"), head[4:]
            if kind in _AFTER_PIXELS:
                yield kind, whole(view).inner(position + 8, length)
            position += length + 12


def _exif_in_tail(view: View) -> ExifTags:
    """EXIF may also follow the pixels; the checksum tells a chunk from bytes that look like one."""
    start = max(0, view.byte_size - _TAIL)
    tail = view.read(start, view.byte_size - start)
    position = tail.rfind(b"eXIf")
    if position < 4:
        return ExifTags()
    length = int.from_bytes(tail[position - 4 : position], "big")
    content = InMemory(tail[position : position + length + 8])
    try:
        checksum = int.from_bytes(content.read(length + 4, 4), "big")
    except TruncatedPicture:
        return ExifTags()
    if crc32(content.read(0, length + 4)) != checksum:
        return ExifTags()
    return exif_of(Window(content, 4, length))
