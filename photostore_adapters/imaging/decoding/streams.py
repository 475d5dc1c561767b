"""Pictures that libvips reads, shrunk while they are decoded where the format can."""

from collections.abc import Callable
from typing import Any

from photostore.photo.geometry import Size
from photostore_adapters.imaging.decoding.checking import demand_fits
from photostore_adapters.imaging.decoding.opened import Opened, turned
from photostore_adapters.imaging.decoding.task import DecodingLimits
from photostore_adapters.imaging.decoding.vips import tagged
from photostore_adapters.imaging.parsed import ParsedPicture
from photostore_adapters.imaging.sniffing import JPEG, WEBP

# libjpeg's shrinking is crude: as libvips does, leave a factor of two or more to the good one.
_JPEG_STEPS = ((16, 8), (8, 4), (4, 2))


def open_stream(
    parsed: ParsedPicture, limits: DecodingLimits, load: Callable[..., Any], *, profile: bytes | None = None
) -> Opened:
    """`load` opens the file with a loader's options. The size is the loader's: a header can be read in several ways.

    The orientation is the parser's, as at upload.
    """
    image = load()
    demand_fits(limits, image.width, image.height)
    size = turned(Size(image.width, image.height), parsed.orientation)
    unread = [image]  # what is read in sequence is read once

    def decode(shrink: float) -> Any:
        options = _shrinking(parsed.content_type, shrink)
        fresh = unread.pop() if unread and not options else load(**options)
        return tagged(fresh, orientation=parsed.orientation, profile=profile)

    return Opened(displayed=size, size=size, decode=decode)


def _shrinking(content_type: str, shrink: float) -> dict[str, float]:
    if content_type == JPEG:
        step = next((step for least, step in _JPEG_STEPS if shrink >= least), 1)
        return {"shrink": step} if step > 1 else {}
    return {"scale": 1 / shrink} if content_type == WEBP and shrink > 1 else {}
