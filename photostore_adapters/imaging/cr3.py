"""Canon's CR3: an ISO base media file with TIFFs of tags in a box of Canon's own."""

from photostore_adapters.imaging.boxes import boxes
from photostore_adapters.imaging.embedded import Block, BlockKind
from photostore_adapters.imaging.exif import ExifDirectories, tags_of
from photostore_adapters.imaging.parsed import ParsedPicture
from photostore_adapters.imaging.reading import BrokenPictureError, View, Window, whole
from photostore_adapters.imaging.sniffing import CR3
from photostore_adapters.imaging.tiff import NO_DIRECTORY, Directory, Tiff

_CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def parse_cr3(view: View) -> ParsedPicture:
    """`CMT1` is the picture's directory; `CMT2` the camera's and `CMT4` the GPS receiver's, which stand by themselves."""
    movie, blocks = _top_level(view)
    tags: dict[bytes, Window] = {}
    for kind, content in boxes(movie) if movie else ():
        if kind == b"uuid" and content.byte_size > 16 and content.read(0, 16) == _CANON:
            tags.update(boxes(content, start=16))
    if b"CMT1" not in tags:
        raise BrokenPictureError("it holds no picture")
    tiff = Tiff(tags[b"CMT1"])
    first = tiff.directory(tiff.first_offset)
    exif = tags_of(ExifDirectories(first=first, camera=_directory(tags, b"CMT2"), position=_directory(tags, b"CMT4")))
    return ParsedPicture(
        content_type=CR3,
        width=first.number(0x100) or 0,
        height=first.number(0x101) or 0,
        orientation=exif.orientation,
        exif=exif,
        blocks=blocks,
    )


def _top_level(view: View) -> tuple[Window | None, tuple[Block, ...]]:
    """XMP lies between the tags and the sensor's data."""
    movie: Window | None = None
    blocks: list[Block] = []
    for kind, content in boxes(whole(view)):
        if kind == b"moov" and movie is None:
            movie = content
        elif kind == b"uuid" and content.byte_size > 16 and content.read(0, 16) == _XMP:
            blocks.append(Block(BlockKind.XMP, content.inner(16, content.byte_size - 16)))
        elif kind == b"mdat" and movie:
            break
    return movie, tuple(blocks)


def _directory(tags: dict[bytes, Window], kind: bytes) -> Directory:
    if kind not in tags:
        return NO_DIRECTORY
    try:
        tiff = Tiff(tags[kind])
        return tiff.directory(tiff.first_offset)
    except BrokenPictureError:
        return NO_DIRECTORY
