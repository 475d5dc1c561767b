"""XMP in GIF (XMP specification, part 3): an extension whose data is the packet itself, not cut into blocks."""

from dataclasses import replace

from photostore_adapters.imaging.embedded import Block, BlockKind
from photostore_adapters.imaging.gif import parse_gif
from photostore_adapters.imaging.parsed import ParsedPicture
from photostore_adapters.imaging.reading import InMemory, View

_BEGINS = b"\x21\xff\x0bXMP DataXMP"
_ENDS = b"\x01\xff\xfe\xfd\xfc"  # leads a reader of blocks past a packet that is not made of them
_SEARCHED = 2 * 1024 * 1024


def parse_gif_with_xmp(view: View) -> ParsedPicture:
    """Looked for near the beginning, where programs write it: the frames of an animation are not walked for it."""
    head = view.read(0, min(view.byte_size, _SEARCHED))
    parsed = parse_gif(view)
    _, found, rest = head.partition(_BEGINS)
    packet, ended, _ = rest.partition(_ENDS)
    if not (found and ended):
        return parsed
    return replace(parsed, blocks=(Block(BlockKind.XMP, InMemory(packet)),))
