"""A clean copy of a JPEG: the segments that its pixels need, and of the others those that are known to tell no place.

Nothing after the end of the picture stays: second pictures, gain maps and films bring metadata of their own.
"""

import re
from contextlib import suppress

from photostore.photo.metadata_policy import CleanCopy, MetadataPolicy
from photostore_adapters.imaging.reading import BrokenPictureError
from photostore_adapters.imaging.stripping.assembling import Assembling
from photostore_adapters.imaging.stripping.blocks import Cleaned, MetadataBlocks
from photostore_adapters.imaging.stripping.incoming import Incoming, Parsing
from photostore_adapters.imaging.stripping.iptc_location import SIGNATURE, copy_blocks
from photostore_adapters.imaging.stripping.profiles import PROFILE_SIGNATURE, ProfileParts

_SOI, _EOI, _SOS, _DNL, _COMMENT = 0xD8, 0xD9, 0xDA, 0xDC, 0xFE
_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_TABLES = {0xC4, 0xCC, 0xDB, 0xDD, _DNL}
_UNREADABLE = {_SOI, 0xC8, 0xDE, 0xDF, 0xF7, 0xF8}  # a picture in a picture, hierarchies, JPEG-LS
_ALONE = {0x01, *range(0xD0, 0xD8)}
_APP0, _APP1, _APP2, _APP12, _APP13, _APP14 = 0xE0, 0xE1, 0xE2, 0xEC, 0xED, 0xEE
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_END_OF_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_MAX_NOISE = 4096


def clean_jpeg(incoming: Incoming, policy: MetadataPolicy) -> Parsing[CleanCopy]:
    if (yield from incoming.take(2)) != b"\xff\xd8":
        raise BrokenPictureError("it does not begin as a JPEG does")
    segments = _Segments(policy)
    has_frame = has_scan = False
    while (marker := (yield from _next_marker(incoming, may_be_noise=not has_scan))) != _EOI:
        start = incoming.position - 2
        if marker in _UNREADABLE:
            raise BrokenPictureError("it is of a kind that no decoder reads")
        if marker in _ALONE:
            continue
        length = yield from _length(incoming)
        if marker in _FRAMES or marker in _TABLES or marker == _SOS:
            segments.end_profile()
            yield from incoming.skip(length)
            segments.target.copy(start, 4 + length)
        elif marker >= _APP0:
            segments.add(marker, start, (yield from incoming.take(length)))
        else:
            yield from incoming.skip(length)
        if marker == _SOS:
            begin = incoming.position
            yield from incoming.skip_to(_END_OF_SCAN)
            segments.target.copy(begin, incoming.position - begin)
        has_frame, has_scan = has_frame or marker in _FRAMES, has_scan or marker == _SOS
    if not (has_frame and has_scan):
        raise BrokenPictureError("it holds no picture")
    segments.target.copy(incoming.position - 2, 2)
    return segments.target.finished(head=b"\xff\xd8")


def _next_marker(incoming: Incoming, *, may_be_noise: bool) -> Parsing[int]:
    """Some writers leave a few bytes between the first segments; decoders skip those, and the copy has none."""
    for _ in range(_MAX_NOISE):
        byte = yield from incoming.take(1)
        if byte == b"\xff":
            while byte == b"\xff":
                byte = yield from incoming.take(1)
            if byte != b"\0":
                return byte[0]
        if not may_be_noise:
            break
    raise BrokenPictureError("there is noise where a segment should begin")


def _length(incoming: Incoming) -> Parsing[int]:
    length = int.from_bytes((yield from incoming.take(2)), "big") - 2
    if length < 0:
        raise BrokenPictureError("a segment has no length")
    return length


class _Segments:
    """The application's segments and comments. Only what is known to be harmless is kept: FLIR, GoPro, Ricoh and others
    write positions into theirs, so does C2PA; and an extended XMP packet is scattered, so that nobody sees it whole."""

    def __init__(self, policy: MetadataPolicy) -> None:
        self.target = Assembling()
        self._blocks = MetadataBlocks(policy)
        self._profile = ProfileParts()

    def add(self, marker: int, start: int, body: bytes) -> None:
        """`start` is where its marker lies in the file."""
        if marker == _APP2 and body.startswith(PROFILE_SIGNATURE):
            self._profile.add(start, body)
            return
        self.end_profile()
        if marker == _APP0 and body.startswith(b"JFIF\0") and len(body) >= 14:
            self._jfif(start, body)
        elif marker == _APP14 and body.startswith(b"Adobe") and len(body) >= 12:
            self._adobe(start, body)
        elif marker == _APP1 and body.startswith(b"Exif\0") and len(body) > 6:
            self._clean(marker, start, body, b"Exif\0\0", self._blocks.exif(body))
        elif marker == _APP1 and body.startswith(_XMP):
            self._xmp(start, body)
        elif marker == _APP13 and body.startswith(SIGNATURE) and self._blocks.may_look(len(body)):
            self._photoshop(start, body)
        elif self._is_harmless(marker, body):
            self._copy(start, body)

    def end_profile(self) -> None:
        """What there is of it so far is all: its parts follow each other, and a copy keeps the order of the file."""
        for start, length in self._profile.take():
            self.target.copy(start, 4 + length)

    def _jfif(self, start: int, body: bytes) -> None:
        if self._blocks.strips_all and (len(body) > 14 or any(body[12:14])):
            self._write(_APP0, body[:12] + b"\0\0")  # without its thumbnail
        else:
            self._copy(start, body)

    def _adobe(self, start: int, body: bytes) -> None:
        if len(body) == 12:
            self._copy(start, body)
        else:
            self._write(_APP14, body[:12])

    def _xmp(self, start: int, body: bytes) -> None:
        patches = self._blocks.xmp(body[len(_XMP) :])
        if patches is not None and not isinstance(patches, bytes):
            self._copy(start, body[: len(_XMP)])
            self.target.copy_patched(start + 4 + len(_XMP), len(body) - len(_XMP), patches)

    def _photoshop(self, start: int, body: bytes) -> None:
        segment = Assembling()
        with suppress(BrokenPictureError):
            copy_blocks(body, start + 4, segment)
            if segment.byte_size > len(SIGNATURE):
                self._head(_APP13, segment.byte_size)
                self.target.append(segment.pieces)

    def _is_harmless(self, marker: int, body: bytes) -> bool:
        if marker == _COMMENT or (marker == _APP12 and body.startswith(b"Ducky")):
            return self._blocks.keeps_text(body)
        return not self._blocks.strips_all and marker == _APP0 and body.startswith(b"JFXX\0")

    def _clean(self, marker: int, start: int, body: bytes, prefix: bytes, cleaned: Cleaned) -> None:
        if isinstance(cleaned, bytes):
            self._write(marker, prefix + cleaned)
        elif cleaned is not None:
            self.target.copy(start, 4)
            self.target.copy_patched(start + 4, len(body), cleaned)

    def _copy(self, start: int, body: bytes) -> None:
        self.target.copy(start, 4 + len(body))

    def _write(self, marker: int, body: bytes) -> None:
        self._head(marker, len(body))
        self.target.write(body)

    def _head(self, marker: int, length: int) -> None:
        self.target.write(bytes([0xFF, marker]) + (length + 2).to_bytes(2, "big"))
