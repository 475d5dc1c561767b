"""WebP's chunks (RFC 9649)."""

from collections.abc import Iterator

from photostore_adapters.imaging.embedded import Block, BlockKind
from photostore_adapters.imaging.exif import ExifTags, exif_of
from photostore_adapters.imaging.parsed import ParsedPicture
from photostore_adapters.imaging.reading import BrokenPictureError, ReadBudgetSpent, View, Window, whole
from photostore_adapters.imaging.sniffing import WEBP

_MAX_CHUNKS = 20_000


def parse_webp(view: View) -> ParsedPicture:
    end = int.from_bytes(view.read(4, 4), "little") + 8
    body = whole(view).inner(12, end - 12)  # a file shorter than it says is cut short
    kind, first = next(_chunks(body), (b"", body))
    if kind == b"VP8X":
        return _extended(first, body)
    width, height = _bitstream_size(kind, first)
    return ParsedPicture(content_type=WEBP, width=width, height=height)


def _extended(header: Window, body: Window) -> ParsedPicture:
    content = header.read(0, 10)
    width, height = 1 + int.from_bytes(content[4:7], "little"), 1 + int.from_bytes(content[7:10], "little")
    frames = 0
    exif: ExifTags | None = None
    blocks: list[Block] = []
    try:
        for kind, chunk in _chunks(body):
            if kind == b"ANMF":
                frames += 1
            elif kind in {b"VP8 ", b"VP8L"}:
                frames += 1
                _hold(_bitstream_size(kind, chunk) == (width, height), "its frame is not of its size")
            elif kind == b"EXIF" and exif is None:
                exif = exif_of(chunk)
            elif kind == b"XMP ":
                blocks.append(Block(BlockKind.XMP, chunk))
    except ReadBudgetSpent:
        pass  # a large animation: the decoder counts the rest
    _hold(frames > 0, "it holds no picture")
    exif = exif or ExifTags()
    return ParsedPicture(
        content_type=WEBP,
        width=width,
        height=height,
        orientation=exif.orientation,
        frames=frames,
        exif=exif,
        blocks=tuple(blocks),
    )


def _chunks(body: Window) -> Iterator[tuple[bytes, Window]]:
    position = 0
    for _ in range(_MAX_CHUNKS):
        if position + 8 > body.byte_size:
            return
        head = body.read(position, 8)
        length = int.from_bytes(head[4:], "little")
        yield head[:4], body.inner(position + 8, length)
        position += 8 + length + length % 2
    raise BrokenPictureError("it has too many chunks")


def _bitstream_size(kind: bytes, chunk: Window) -> tuple[int, int]:
    if kind == b"VP8 ":
        head = chunk.read(0, 10)
        _hold(head[0] & 1 == 0 and head[3:6] == b"\x9d\x01\x2a", "it does not begin with a whole frame")
        return int.from_bytes(head[6:8], "little") & 0x3FFF, int.from_bytes(head[8:10], "little") & 0x3FFF
    _hold(kind == b"VP8L", "it does not begin with a picture")
    head = chunk.read(0, 5)
    _hold(head[0] == 0x2F, "its lossless frame has no signature")
    bits = int.from_bytes(head[1:], "little")
    return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)


def _hold(condition: bool, reason: str) -> None:
    if not condition:
        raise BrokenPictureError(reason)
