"""HEIC, HEIF and AVIF: stills with their transformations, and image sequences.

Orientation comes from the properties `irot` and `imir` alone; EXIF's repeats it, or is wrong (ISO/IEC 23008-12, A.2.1).
"""

from photostore_adapters.imaging.boxes import boxes, find
from photostore_adapters.imaging.embedded import Block, BlockKind
from photostore_adapters.imaging.exif import ExifTags, exif_of
from photostore_adapters.imaging.heif_items import ItemTables
from photostore_adapters.imaging.parsed import ParsedPicture
from photostore_adapters.imaging.reading import BrokenPictureError, Cursor, InMemory, View, Window, whole
from photostore_adapters.imaging.sniffing import HEAD, SEQUENCE_BRANDS, brands, sniff

_MAX_EXIF = 256 * 1024
_XMP = b"application/rdf+xml"


def parse_heif(view: View) -> ParsedPicture:
    file = whole(view)
    head = view.read(0, min(HEAD, view.byte_size))
    major, every = brands(head)
    meta, movie = _top_level(file, sequence=bool(every & SEQUENCE_BRANDS))
    size, frames = _sequence(movie) if movie else ((0, 0), 1)
    exif = ExifTags()
    blocks: tuple[Block, ...] = ()
    if meta is not None and (major not in SEQUENCE_BRANDS or not any(size)):
        tables = ItemTables(file, meta)
        size, exif, blocks = _still_size(tables), _exif(tables), _blocks(tables)
    width, height = size
    return ParsedPicture(content_type=sniff(head), width=width, height=height, frames=frames, exif=exif, blocks=blocks)


def _top_level(file: Window, *, sequence: bool) -> tuple[Window | None, Window | None]:
    """A still's `meta` box comes first, as a rule; a sequence needs its `moov` box too."""
    meta: Window | None = None
    movie: Window | None = None
    for kind, content in boxes(file):
        if kind == b"meta" and meta is None:
            meta = content
        elif kind == b"moov" and sequence and movie is None:
            movie = content
        if meta and (movie or not sequence):
            break
    if meta is None and movie is None:
        raise BrokenPictureError("it holds no picture")
    return meta, movie


def _still_size(tables: ItemTables) -> tuple[int, int]:
    primary = tables.primary()
    if primary not in tables.kinds():
        raise BrokenPictureError("its primary item is missing")
    place = tables.places({primary}).get(primary)
    if place:
        tables.check(place)
    width, height = 0, 0
    for kind, content in tables.properties(primary):
        if kind == b"ispe":
            width, height = Cursor(content, 4).fields("II")
        elif kind == b"clap":
            width, height = _clean_aperture(content, width, height)
        elif kind == b"irot" and content.read(0, 1)[0] & 1:
            width, height = height, width
    return width, height


def _clean_aperture(content: Window, width: int, height: int) -> tuple[int, int]:
    across, across_over, down, down_over = Cursor(content).fields("IIII")
    if not across_over or not down_over:
        raise BrokenPictureError("its clean aperture is malformed")
    return min(width, across // across_over), min(height, down // down_over)


def _exif(tables: ItemTables) -> ExifTags:
    """As with any EXIF: when it is broken, the picture has none."""
    try:
        item = next((item for item, kind in tables.kinds().items() if kind == b"Exif"), None)
        place = tables.places({item}).get(item) if item is not None else None
        if place is None:
            return ExifTags()
        content = InMemory(tables.bytes_of(place, most=_MAX_EXIF))
        start = 4 + Cursor(content).number(4)
        return exif_of(Window(content, start, content.byte_size - start))
    except BrokenPictureError:
        return ExifTags()


def _blocks(tables: ItemTables) -> tuple[Block, ...]:
    try:
        places = tables.places(set(tables.of_mime_type(_XMP)))
        windows = [tables.window_of(place) for place in places.values()]
    except BrokenPictureError:
        return ()
    return tuple(Block(BlockKind.XMP, window) for window in windows if window is not None)


def _sequence(movie: Window) -> tuple[tuple[int, int], int]:
    """Size and number of frames of the first track of pictures."""
    for kind, track in boxes(movie):
        handler = find(track, b"mdia", b"hdlr") if kind == b"trak" else None
        if handler is None or handler.read(8, 4) not in {b"pict", b"vide"}:
            continue
        header, samples = find(track, b"tkhd"), find(track, b"mdia", b"minf", b"stbl", b"stsz")
        if header is not None and samples is not None:
            width, height = Cursor(header, header.byte_size - 8).fields("II")
            return (width >> 16, height >> 16), Cursor(samples, 8).number(4)
    return (0, 0), 1
