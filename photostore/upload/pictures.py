"""What the upload room asks about bytes that claim to be a picture."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from photostore.shared.errors import Unsupported

ACCEPTED_FORMATS = "JPEG, PNG, WebP, GIF, TIFF, HEIC/HEIF, AVIF, DNG and camera RAW"

# As clients name them. `application/octet-stream` is what a browser calls a RAW file: that it does not know its type.
ACCEPTED_TYPES = frozenset(
    f"image/{name}"
    for name in (
        *(
            "jpeg",
            "jpg",
            "pjpeg",
            "png",
            "webp",
            "gif",
            "tiff",
            "avif",
            "heic",
            "heif",
            "heic-sequence",
            "heif-sequence",
        ),
        *("dng", "x-dng", "x-adobe-dng", "x-raw", "x-dcraw", "x-canon-cr2", "x-canon-cr3", "x-fuji-raf", "x-nikon-nef"),
        *("x-nikon-nrw", "x-olympus-orf", "x-panasonic-raw", "x-panasonic-rw2", "x-pentax-pef", "x-samsung-srw"),
        *("x-sony-arw", "x-sony-sr2", "x-sony-srf", "x-leica-rwl", "x-hasselblad-3fr", "x-kodak-dcr", "x-phaseone-iiq"),
    )
) | {"application/octet-stream"}


class UnsupportedImage(Unsupported):
    """The detail says what the bytes were, and what is accepted."""

    title = "The file is not a supported image."


def accepted_type(content_type: str) -> str:
    """The type alone, without its parameters. Raise `UnsupportedImage` when no picture that is accepted is called so.

    What counts in the end are the bytes.
    """
    name = content_type.partition(";")[0].strip().lower()
    if name not in ACCEPTED_TYPES:
        raise UnsupportedImage(f"{content_type[:80]!r} is not accepted; accepted are {ACCEPTED_FORMATS}.")
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureHeader:
    """What a picture's header says, without decoding a pixel.

    `width` and `height` are in pixels as displayed (orientation applied). `taken_at` is UTC when the camera told its offset;
    else `taken_at_offset_minutes` is `None` and `taken_at` is the camera's clock written as if it were UTC.
    """

    content_type: str
    width: int
    height: int
    taken_at: datetime | None
    taken_at_offset_minutes: int | None


class ByteSource(Protocol):
    """Bytes that can be read at random; `byte_size` is their number."""

    byte_size: int

    @abstractmethod
    async def read(self, offset: int, length: int) -> bytes:
        """The bytes there are from `offset`, at most `length`."""


class PictureInspector(Protocol):
    """Knows pictures by their bytes, never by their name or declared type."""

    @abstractmethod
    def sniff(self, head: bytes) -> str:
        """The content type that the first bytes (the first 512, or all when there are fewer) tell. Raise `UnsupportedImage`."""

    @abstractmethod
    async def inspect(self, source: ByteSource) -> PictureHeader:
        """Read the header. Raise `UnsupportedImage` when it is broken or past the limits on pixels, sides or frames."""
