"""JPEG's markers (ITU-T T.81), up to the first scan."""

from photostore_adapters.imaging.embedded import Block, BlockKind
from photostore_adapters.imaging.exif import ExifTags, exif_of
from photostore_adapters.imaging.parsed import ParsedPicture
from photostore_adapters.imaging.reading import BrokenPictureError, Cursor, ReadBudgetSpent, View, Window, whole
from photostore_adapters.imaging.sniffing import JPEG

_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA, 0xCB}  # the hierarchical ones (C5 to C7, CD to CF) no decoder reads
_PROGRESSIVE = {0xC2, 0xCA}
_ALONE = {0x01, *range(0xD0, 0xD9)}
_SOS, _EOI, _APP1 = 0xDA, 0xD9, 0xE1
_BLOCKS = {0xE1: BlockKind.JPEG_APP1, 0xED: BlockKind.JPEG_APP13}
_MAX_SEGMENTS = 2000
_MAX_GARBAGE = 4096
_SCANNED = 1024 * 1024


def parse_jpeg(view: View) -> ParsedPicture:
    cursor = Cursor(view, 2)
    size: tuple[int, int] | None = None
    progressive = False
    exif: ExifTags | None = None
    blocks: list[Block] = []
    for _ in range(_MAX_SEGMENTS):
        marker = _next_marker(cursor)
        if marker in _ALONE:
            continue
        if marker == _EOI:
            break
        segment = _segment(cursor)
        if marker == _SOS and size is not None:
            scans = _scans(view, cursor.position) if progressive else 1
            return _picture(size, exif or ExifTags(), scans, blocks)
        if marker in _FRAMES and size is None:
            size, progressive = _frame_size(segment), marker in _PROGRESSIVE
        elif marker == _APP1 and exif is None and segment.byte_size > 6 and segment.read(0, 5) == b"Exif\0":
            exif = exif_of(segment)
        elif marker in _BLOCKS:
            blocks.append(Block(_BLOCKS[marker], segment))
    raise BrokenPictureError("it holds no picture")


def _picture(size: tuple[int, int], exif: ExifTags, scans: int, blocks: list[Block]) -> ParsedPicture:
    width, height = size
    return ParsedPicture(
        content_type=JPEG,
        width=width,
        height=height,
        orientation=exif.orientation,
        scans=scans,
        exif=exif,
        blocks=tuple(blocks),
    )


def _next_marker(cursor: Cursor) -> int:
    """Some writers leave a few bytes between segments; decoders skip those."""
    if cursor.remaining >= 2:
        first, marker = cursor.take(2)
        if first == 0xFF and 0 < marker < 0xFF:
            return marker
        cursor.position -= 2
    for _ in range(_MAX_GARBAGE):
        if cursor.number(1) == 0xFF:
            marker = cursor.number(1)
            while marker == 0xFF:
                marker = cursor.number(1)
            if marker:
                return marker
    raise BrokenPictureError("there is noise where a segment should begin")


def _segment(cursor: Cursor) -> Window:
    length = cursor.number(2) - 2
    if length < 0:
        raise BrokenPictureError("a segment has no length")
    segment = whole(cursor.view).inner(cursor.position, length)
    cursor.position += length
    return segment


def _frame_size(segment: Window) -> tuple[int, int]:
    precision, height, width, components = Cursor(segment).fields("BHHB")
    if segment.byte_size != 6 + 3 * components or not 1 <= components <= 4 or not 2 <= precision <= 16:
        raise BrokenPictureError("its frame is malformed")
    if height == 0:
        raise BrokenPictureError("it does not tell its height before its pixels")
    return width, height


def _scans(view: View, position: int) -> int:
    """How many scans begin near the first one, whose data lies at `position`: a bomb has thousands of tiny ones."""
    try:
        content = view.read(position, min(_SCANNED, view.byte_size - position))
    except ReadBudgetSpent:
        return 1
    return 1 + content.count(b"\xff\xda")
