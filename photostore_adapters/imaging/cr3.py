"""Canon's CR3: an ISO base media file with TIFFs of tags in a box of Canon's own."""

from photostore_adapters.imaging.boxes import boxes, find
from photostore_adapters.imaging.exif import ExifTags, exif_in
from photostore_adapters.imaging.parsed import ParsedPicture
from photostore_adapters.imaging.reading import BrokenPictureError, View, Window, whole
from photostore_adapters.imaging.sniffing import CR3
from photostore_adapters.imaging.tiff import Tiff

_CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")


def parse_cr3(view: View) -> ParsedPicture:
    """`CMT1` is the picture's directory; `CMT2` the camera's, which is EXIF's but stands by itself."""
    movie = find(whole(view), b"moov")
    tags: dict[bytes, Window] = {}
    for kind, content in boxes(movie) if movie else ():
        if kind == b"uuid" and content.byte_size > 16 and content.read(0, 16) == _CANON:
            tags.update(boxes(content, start=16))
    if b"CMT1" not in tags:
        raise BrokenPictureError("it holds no picture")
    first = Tiff(tags[b"CMT1"])
    directory = first.directory(first.first_offset)
    orientation = exif_in(first, directory).orientation
    exif = ExifTags()
    if b"CMT2" in tags:
        second = Tiff(tags[b"CMT2"])
        exif = exif_in(second, second.directory(second.first_offset))
    return ParsedPicture(
        content_type=CR3,
        width=directory.number(0x100) or 0,
        height=directory.number(0x101) or 0,
        orientation=orientation,
        exif=exif,
    )
