"""TIFF, and the camera formats that are TIFFs inside: DNG, and most RAWs."""

from photostore_adapters.imaging.embedded import Block, BlockKind
from photostore_adapters.imaging.exif import ExifTags, exif_in
from photostore_adapters.imaging.parsed import ParsedPicture
from photostore_adapters.imaging.reading import BrokenPictureError, ReadBudgetSpent, View
from photostore_adapters.imaging.sniffing import CR2, DNG, HEAD, ORF, RW2, TIFF, sniff
from photostore_adapters.imaging.tiff import Directory, Tiff

_SUBFILE, _WIDTH, _HEIGHT, _COMPRESSION, _PHOTOMETRIC, _MAKE = 0xFE, 0x100, 0x101, 0x103, 0x106, 0x10F
_STRIPS, _TILES, _OLD_JPEG = 0x111, 0x144, 0x201
_SUB_DIRECTORIES, _DNG_VERSION, _CROP = 0x14A, 0xC612, 0xC620
_SENSOR = {32803, 34892}  # a colour filter array, and linear values of one
_SENSOR_COMPRESSION = {32767, 34713, 65535}  # Sony's, Nikon's, Pentax'
_BLOCKS = ((0x2BC, BlockKind.XMP), (0x83BB, BlockKind.IPTC), (0x8649, BlockKind.PHOTOSHOP))
_CAMERA_FORMATS = (
    ("NIKON", "image/x-nikon-nef"),
    ("SONY", "image/x-sony-arw"),
    ("PENTAX", "image/x-pentax-pef"),
    ("RICOH", "image/x-pentax-pef"),
    ("OLYMPUS", ORF),
    ("OM DIGITAL", ORF),
    ("PANASONIC", RW2),
    ("LEICA", RW2),
    ("SAMSUNG", "image/x-samsung-srw"),
    ("HASSELBLAD", "image/x-hasselblad-3fr"),
    ("EPSON", "image/x-epson-erf"),
    ("KODAK", "image/x-kodak-dcr"),
    ("EASTMAN", "image/x-kodak-dcr"),
    ("MAMIYA", "image/x-mamiya-mef"),
    ("PHASE ONE", "image/x-phaseone-iiq"),
    ("LEAF", "image/x-leaf-mos"),
)
_OTHER_CAMERA = "image/x-raw"
_READ_DIRECTORIES = 8
_MAX_DIRECTORIES = 20_000


def parse_tiff(view: View) -> ParsedPicture:
    tiff = Tiff(view)
    pages, frames = _pages(tiff)
    directories = pages + _sub_directories(tiff, pages)
    content_type = _content_type(view, pages[0], directories)
    exif = exif_in(tiff, pages[0])
    if content_type == TIFF:
        _check_pixels_are_there(pages[0])
        width, height = _size(pages[0])
    else:
        width, height = _camera_size(content_type, directories, exif)
        frames = 1
    return ParsedPicture(
        content_type=content_type,
        width=width,
        height=height,
        orientation=exif.orientation,
        frames=frames,
        exif=exif,
        blocks=_blocks(pages[0]),
    )


def _blocks(first: Directory) -> tuple[Block, ...]:
    found = ((kind, first.raw(tag)) for tag, kind in _BLOCKS)
    return tuple(Block(kind, content) for kind, content in found if content is not None)


def _pages(tiff: Tiff) -> tuple[list[Directory], int]:
    """The first directories, and how many there are in all; a chain that returns to itself ends there."""
    pages: list[Directory] = []
    seen: set[int] = set()
    offset = tiff.first_offset
    try:
        while offset and offset not in seen and len(seen) < _MAX_DIRECTORIES:
            seen.add(offset)
            if len(pages) < _READ_DIRECTORIES:
                pages.append(tiff.directory(offset))
                offset = pages[-1].next_offset
            else:
                offset = tiff.following(offset)
    except ReadBudgetSpent:
        pass  # pages far apart: the decoder counts the rest
    except BrokenPictureError:
        if not pages:
            raise
        seen.discard(offset)
    if not pages:
        raise BrokenPictureError("it holds no picture")
    return pages, len(seen)


def _sub_directories(tiff: Tiff, pages: list[Directory]) -> list[Directory]:
    found: list[Directory] = []
    for page in pages:
        for offset in page.numbers(_SUB_DIRECTORIES, most=_READ_DIRECTORIES):
            try:
                found.append(tiff.directory(offset))
            except BrokenPictureError:
                continue
    return found


def _content_type(view: View, first: Directory, directories: list[Directory]) -> str:
    sniffed = sniff(view.read(0, min(HEAD, view.byte_size)))
    if sniffed != TIFF:
        return sniffed
    if _DNG_VERSION in first.entries:
        return DNG
    if not any(_is_sensor(directory) for directory in directories):
        return TIFF
    make = (first.text(_MAKE) or "").upper()
    return next((name for maker, name in _CAMERA_FORMATS if make.startswith(maker)), _OTHER_CAMERA)


def _is_sensor(directory: Directory) -> bool:
    return directory.number(_PHOTOMETRIC) in _SENSOR or directory.number(_COMPRESSION) in _SENSOR_COMPRESSION


def _size(directory: Directory) -> tuple[int, int]:
    return directory.number(_WIDTH) or 0, directory.number(_HEIGHT) or 0


def _camera_size(content_type: str, directories: list[Directory], exif: ExifTags) -> tuple[int, int]:
    """What a converter makes of it: the default crop, else the largest picture that is no preview."""
    if content_type == RW2:
        top, left, bottom, right = (directories[0].number(tag) or 0 for tag in (4, 5, 6, 7))
        if right > left and bottom > top:
            return right - left, bottom - top
    if content_type == CR2:
        return max(_size(directories[0]), (exif.pixel_width, exif.pixel_height))
    full = [directory for directory in directories if not (directory.number(_SUBFILE) or 0) & 1]
    sensors = [directory for directory in full if _is_sensor(directory)]
    chosen = max(sensors or full or directories, key=lambda directory: _area(_size(directory)))
    crop = tuple(int(side) for side in chosen.quantities(_CROP, most=2))
    return (crop[0], crop[1]) if len(crop) == 2 and min(crop) > 0 else _size(chosen)


def _area(size: tuple[int, int]) -> int:
    return size[0] * size[1]


def _check_pixels_are_there(page: Directory) -> None:
    """The first strips or tiles begin inside the file. (That they also end there is the decoder's to find.)"""
    offsets = page.numbers(_STRIPS) or page.numbers(_TILES) or page.numbers(_OLD_JPEG)
    if not offsets:
        raise BrokenPictureError("it holds no pixels")
    if max(offsets) >= page.view.byte_size:
        raise BrokenPictureError("its pixels lie past its end")
