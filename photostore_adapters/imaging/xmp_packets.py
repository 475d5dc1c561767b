"""XMP packets as they are found in files, whole again (XMP specification, part 3)."""

from collections.abc import Iterator, Sequence
from itertools import islice

from photostore_adapters.imaging.embedded import Block, BlockKind
from photostore_adapters.imaging.png_texts import XMP, profiles_in
from photostore_adapters.imaging.reading import BrokenPictureError
from photostore_adapters.imaging.xmp import EXTENDED, MAX_PACKET, Properties, properties_of

_STANDARD = b"http://ns.adobe.com/xap/1.0/\0"
_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
_MAX_PACKETS = 16
_MAX_PARTS = 64


def xmp_in(blocks: Sequence[Block]) -> Properties:
    packets = list(_packets(blocks))
    properties = properties_of(packets)
    identities = properties.get(EXTENDED, ())
    if not identities:
        return properties
    return properties_of([*packets, _extended(blocks, identities[0])])


def _packets(blocks: Sequence[Block]) -> Iterator[bytes]:
    yield from islice((packet for packet in map(_packet, blocks) if packet), _MAX_PACKETS)
    yield from profiles_in(blocks, XMP)


def _packet(block: Block) -> bytes:
    try:
        if block.kind is BlockKind.XMP:
            return block.read(most=MAX_PACKET)
        if block.kind is BlockKind.JPEG_APP1 and _begins(block, _STANDARD):
            return block.read(most=MAX_PACKET)[len(_STANDARD) :]
    except BrokenPictureError:
        pass  # the others may be whole
    return b""


def _begins(block: Block, name: bytes) -> bool:
    return block.view.byte_size > len(name) and block.view.read(0, len(name)) == name


def _extended(blocks: Sequence[Block], identity: str) -> bytes:
    """What did not fit into JPEG's first segment, in parts with an identity, the whole length and an offset each."""
    wanted = identity.encode()
    whole = b""
    try:
        parts = [block for block in blocks if block.kind is BlockKind.JPEG_APP1 and _begins(block, _EXTENSION)]
        read = [part.read(most=MAX_PACKET)[len(_EXTENSION) :] for part in parts[:_MAX_PARTS]]
    except BrokenPictureError:
        return b""
    for part in sorted((part for part in read if part[:32] == wanted), key=lambda part: part[36:40]):
        if int.from_bytes(part[36:40], "big") == len(whole):
            whole += part[40:]
    return whole
