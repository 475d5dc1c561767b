"""Metadata as files embed them, besides EXIF: found while a header is read, and read only by whoever wants them."""

from dataclasses import dataclass
from enum import Enum, auto

from photostore_adapters.imaging.reading import View


class BlockKind(Enum):
    """What the bytes of a block are, as far as the file around them tells."""

    XMP = auto()
    IPTC = auto()
    PHOTOSHOP = auto()
    JPEG_APP1 = auto()
    JPEG_APP13 = auto()
    PNG_TEXT = auto()


@dataclass(frozen=True, slots=True)
class Block:
    """`label` is the kind of the chunk, where there are several."""

    kind: BlockKind
    view: View
    label: bytes = b""

    def read(self, *, most: int) -> bytes:
        """All of it, or nothing when it is larger than anyone's metadata are."""
        return self.view.read(0, self.view.byte_size) if self.view.byte_size <= most else b""
