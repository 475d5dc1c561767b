"""What of a block of metadata stays, whatever the file around it is: EXIF, XMP, words."""

from collections.abc import Sequence

from photostore.photo.metadata_policy import MetadataPolicy
from photostore_adapters.imaging.exif import exif_of
from photostore_adapters.imaging.reading import BrokenPictureError, InMemory
from photostore_adapters.imaging.stripping import exif_location, xmp_location
from photostore_adapters.imaging.stripping.assembling import Patch
from photostore_adapters.imaging.stripping.places import tells_place

MAX_BLOCK = 1024 * 1024
"""A larger one is not looked at, and goes."""
_MAX_BLOCKS = 256
_EXIF_PREFIX = b"Exif\0"

Cleaned = Sequence[Patch] | bytes | None
"""What to overwrite in it, what to put in its place, or nothing: it goes."""


class MetadataBlocks:
    """For one picture. Decoders believe the first EXIF, so only its orientation outlives it; what comes after an
    hundredfold is not looked at, and goes."""

    def __init__(self, policy: MetadataPolicy) -> None:
        self.strips_all = policy is MetadataPolicy.NONE
        self._blocks_left = _MAX_BLOCKS
        self._first_exif = True
        self._exif_stays = not self.strips_all

    def exif(self, content: bytes) -> Cleaned:
        """`content` with or without the six bytes that JPEG puts before; whatever replaces it is without them."""
        first, self._first_exif = self._first_exif, False
        if self._exif_stays and self._may_look(content):
            start = 6 if content.startswith(_EXIF_PREFIX) else 0
            try:
                patches = exif_location.without_location(content[start:])
                return [Patch(start + patch.offset, patch.content) for patch in patches]
            except BrokenPictureError:
                # Were a later one to stay, it would be the first now, and turn the picture its own way.
                self._exif_stays = not first
        return _orientation_alone(content) if first else None

    def xmp(self, content: bytes) -> Cleaned:
        if self.strips_all or not self._may_look(content):
            return None
        try:
            return xmp_location.without_location(content)
        except BrokenPictureError:
            return None

    def keeps_text(self, content: bytes) -> bool:
        return not self.strips_all and self._may_look(content) and not tells_place(content)

    def may_look(self, size: int) -> bool:
        return not self.strips_all and size <= MAX_BLOCK and self._blocks_left > 0

    def _may_look(self, content: bytes) -> bool:
        self._blocks_left -= 1
        return self._blocks_left >= 0 and len(content) <= MAX_BLOCK


def _orientation_alone(content: bytes) -> bytes | None:
    start = 6 if content.startswith(_EXIF_PREFIX) else 0
    orientation = exif_of(InMemory(content[start:])).orientation
    if orientation == 1:
        return None
    row = b"\x01\x12\0\3\0\0\0\1" + orientation.to_bytes(2, "big") + b"\0\0"
    return b"MM\0*\0\0\0\x08" + b"\0\1" + row + b"\0\0\0\0"
