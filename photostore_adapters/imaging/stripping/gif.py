"""A clean copy of a GIF (89a): its frames, their timing, loops and colours; of the rest at most comments."""

from photostore.photo.metadata_policy import CleanCopy, MetadataPolicy
from photostore_adapters.imaging.reading import BrokenPictureError
from photostore_adapters.imaging.stripping.assembling import Assembling
from photostore_adapters.imaging.stripping.incoming import Incoming, Parsing
from photostore_adapters.imaging.stripping.profiles import HEAD_BYTES, is_profile

_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_PLAIN_TEXT, _CONTROL, _APPLICATION = 0x01, 0xF9, 0xFF
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_PROFILE = b"ICCRGBG1012"


def clean_gif(incoming: Incoming, policy: MetadataPolicy) -> Parsing[CleanCopy]:
    """Both policies give the same copy: XMP and comments come in pieces of 255 bytes, and are hardly ever there."""
    head = yield from incoming.take(13)
    if head[:6] not in {b"GIF87a", b"GIF89a"}:
        raise BrokenPictureError("it does not begin as a GIF does")
    yield from incoming.skip(_palette(head[10]))
    target = Assembling()
    target.copy(0, incoming.position)
    has_frame = False
    while not (yield from incoming.at_end()):  # many have no trailer
        start = incoming.position
        kind = (yield from incoming.take(1))[0]
        if kind == _TRAILER:
            break
        if kind == _IMAGE:
            yield from _skip_frame(incoming)
            has_frame = is_kept = True
        elif kind == _EXTENSION:
            is_kept = yield from _skip_extension(incoming)
        else:
            raise BrokenPictureError("there is noise where a block should begin")
        if is_kept:
            target.copy(start, incoming.position - start)
    if not has_frame:
        raise BrokenPictureError("it holds no picture")
    target.write(bytes([_TRAILER]))
    return target.finished()


def _skip_frame(incoming: Incoming) -> Parsing[None]:
    descriptor = yield from incoming.take(9)
    yield from incoming.skip(_palette(descriptor[8]) + 1)
    yield from incoming.skip_blocks()


def _skip_extension(incoming: Incoming) -> Parsing[bool]:
    """Whether it stays."""
    label = (yield from incoming.take(1))[0]
    if label == _PLAIN_TEXT:
        raise BrokenPictureError("it writes text over its frames")
    application = b""
    if label == _APPLICATION:
        length = (yield from incoming.take(1))[0]
        application = yield from incoming.take(length)
    if application == _PROFILE:
        return (yield from _read_profile(incoming))
    yield from incoming.skip_blocks()
    return label == _CONTROL or application in _LOOPS


def _read_profile(incoming: Incoming) -> Parsing[bool]:
    """Whether it is one."""
    head, size = b"", 0
    while length := (yield from incoming.take(1))[0]:
        block = yield from incoming.take(length)
        size += length
        if len(head) < HEAD_BYTES:
            head += block
    return is_profile(head, size)


def _palette(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0
