"""A clean copy of a WebP (RFC 9649): its pixels, frames and colours, and of EXIF and XMP what may stay."""

from photostore.photo.metadata_policy import CleanCopy, MetadataPolicy
from photostore_adapters.imaging.reading import BrokenPictureError
from photostore_adapters.imaging.stripping.assembling import Assembling
from photostore_adapters.imaging.stripping.blocks import MAX_BLOCK, Cleaned, MetadataBlocks
from photostore_adapters.imaging.stripping.incoming import Incoming, Parsing
from photostore_adapters.imaging.stripping.profiles import HEAD_BYTES, is_profile

_PICTURE = {b"VP8 ", b"VP8L", b"ALPH", b"ANIM"}
_FRAME_HEAD = 16
_EXIF_FLAG, _XMP_FLAG, _PROFILE_FLAG = 0x08, 0x04, 0x20
_FLAGS = {b"EXIF": _EXIF_FLAG, b"XMP ": _XMP_FLAG}


def clean_webp(incoming: Incoming, policy: MetadataPolicy) -> Parsing[CleanCopy]:
    head = yield from incoming.take(12)
    if head[:4] != b"RIFF" or head[8:] != b"WEBP":
        raise BrokenPictureError("it does not begin as a WebP does")
    chunks = _Chunks(policy)
    extended = b""
    end = 8 + int.from_bytes(head[4:8], "little")
    while incoming.position + 8 <= end:
        start = incoming.position
        kind, length = yield from _chunk(incoming, end)
        if kind == b"VP8X" and start == 12 and length >= 10:
            extended = yield from incoming.take(length)
        elif kind in _PICTURE:
            yield from incoming.skip(length)
            chunks.target.copy(start, 8 + length)
        elif kind == b"ICCP" and extended:
            is_one = yield from _read_profile(incoming, length)
            chunks.add_profile(start, length, is_one=is_one)
        elif kind == b"ANMF":
            yield from _check_frame(incoming, incoming.position + length)
            chunks.target.copy(start, 8 + length)
        elif kind in _FLAGS and extended and chunks.wants(kind, length):
            chunks.add(kind, start, (yield from incoming.take(length)))
        else:
            yield from incoming.skip(length)
        yield from _padding(incoming, length, end)
        chunks.pad()
    return _finished(chunks, extended)


def _finished(chunks: "_Chunks", extended: bytes) -> CleanCopy:
    if not chunks.target.byte_size:
        raise BrokenPictureError("it holds no picture")
    first = b""
    if extended:
        flags = (extended[0] & ~(_EXIF_FLAG | _XMP_FLAG | _PROFILE_FLAG)) | chunks.flags
        first = b"VP8X" + (10).to_bytes(4, "little") + bytes([flags]) + extended[1:10]
    size = 4 + len(first) + chunks.target.byte_size
    return chunks.target.finished(head=b"RIFF" + size.to_bytes(4, "little") + b"WEBP" + first)


def _chunk(incoming: Incoming, end: int) -> Parsing[tuple[bytes, int]]:
    head = yield from incoming.take(8)
    length = int.from_bytes(head[4:], "little")
    if incoming.position + length > end:
        raise BrokenPictureError("a part of it ends too late")
    return head[:4], length


def _padding(incoming: Incoming, length: int, end: int) -> Parsing[None]:
    """The last chunk's is left out by some; the copy has it."""
    if length % 2 and incoming.position < end and not (yield from incoming.at_end()):
        yield from incoming.skip(1)


def _read_profile(incoming: Incoming, length: int) -> Parsing[bool]:
    """Whether it is one."""
    head = yield from incoming.take(min(length, HEAD_BYTES))
    yield from incoming.skip(length - len(head))
    return is_profile(head, length)


def _check_frame(incoming: Incoming, end: int) -> Parsing[None]:
    """A frame may hold chunks of any kind. Taking one out would change the frame's size; no encoder writes one."""
    yield from incoming.skip(_FRAME_HEAD)
    while incoming.position + 8 <= end:
        kind, length = yield from _chunk(incoming, end)
        if kind not in _PICTURE:
            raise BrokenPictureError("a frame of it has parts of its own")
        yield from incoming.skip(min(length + length % 2, end - incoming.position))
    yield from incoming.skip(end - incoming.position)


class _Chunks:
    """`flags` are those of the metadata and of the profile that stay."""

    def __init__(self, policy: MetadataPolicy) -> None:
        self.target = Assembling()
        self.flags = 0
        self._blocks = MetadataBlocks(policy)

    def wants(self, kind: bytes, length: int) -> bool:
        """One of a kind at most: the format allows no more."""
        is_first = not self.flags & _FLAGS[kind]
        return is_first and (length <= MAX_BLOCK if kind == b"EXIF" else self._blocks.may_look(length))

    def add(self, kind: bytes, start: int, content: bytes) -> None:
        cleaned: Cleaned = self._blocks.exif(content) if kind == b"EXIF" else self._blocks.xmp(content)
        if isinstance(cleaned, bytes):
            self.target.write(kind + len(cleaned).to_bytes(4, "little") + cleaned)
        elif cleaned is not None:
            self.target.copy(start, 8)
            self.target.copy_patched(start + 8, len(content), cleaned)
        if cleaned is not None:
            self.flags |= _FLAGS[kind]

    def add_profile(self, start: int, length: int, *, is_one: bool) -> None:
        if is_one and not self.flags & _PROFILE_FLAG:
            self.target.copy(start, 8 + length)
            self.flags |= _PROFILE_FLAG

    def pad(self) -> None:
        if self.target.byte_size % 2:
            self.target.write(b"\0")
