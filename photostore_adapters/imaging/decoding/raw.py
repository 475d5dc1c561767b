"""Camera RAW and DNG by LibRaw: the preview that the camera made when it is large enough, else the sensor's data."""

import os
from dataclasses import replace
from functools import partial

import rawpy

from photostore.photo.geometry import Size
from photostore_adapters.imaging import sniffing
from photostore_adapters.imaging.decoding.checking import checked, demand_fits
from photostore_adapters.imaging.decoding.opened import Opened, turned
from photostore_adapters.imaging.decoding.streams import open_stream
from photostore_adapters.imaging.decoding.task import DecodingLimits, Undecodable
from photostore_adapters.imaging.decoding.vips import from_pixels, load_bytes, tagged
from photostore_adapters.imaging.parsed import ParsedPicture
from photostore_adapters.imaging.reading import InMemory

_LEAST_PREVIEW = 1024


def open_raw(descriptor: int, parsed: ParsedPicture, limits: DecodingLimits) -> Opened:
    """The original's size is the header's, as at upload: LibRaw's includes the margins of some sensors."""
    displayed = Size(*parsed.displayed)
    with _imread(descriptor) as raw:
        demand_fits(limits, raw.sizes.raw_width, raw.sizes.raw_height)
        preview = _preview(raw, limits)
        if preview is not None:
            content, header = preview
            return _from_preview(content, header, limits, displayed=displayed, orientation=parsed.orientation)
        pixels = raw.postprocess(half_size=True, use_camera_wb=True)
    height, width = pixels.shape[:2]
    image = tagged(from_pixels(pixels), orientation=1)
    return Opened(displayed=displayed, size=Size(width, height), decode=lambda _: image)


def _imread(descriptor: int) -> rawpy.RawPy:
    """By a path, LibRaw reads what it needs; given a file, it would copy all of it."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    path = f"/dev/fd/{descriptor}"
    if os.access(path, os.R_OK):
        return rawpy.imread(path)
    with os.fdopen(os.dup(descriptor), "rb") as file:
        return rawpy.imread(file)


def _preview(raw: rawpy.RawPy, limits: DecodingLimits) -> tuple[bytes, ParsedPicture] | None:
    """A JPEG that passes what every JPEG has to, whole as far as its header tells."""
    try:
        thumbnail = raw.extract_thumb()
        if thumbnail.format is not rawpy.ThumbFormat.JPEG or not isinstance(thumbnail.data, bytes):
            return None
        header = checked(InMemory(thumbnail.data), limits)
    except (rawpy.LibRawNonFatalError, Undecodable):
        return None
    large = header.content_type == sniffing.JPEG and max(header.displayed) >= _LEAST_PREVIEW
    return (thumbnail.data, header) if large else None


def _from_preview(
    content: bytes, header: ParsedPicture, limits: DecodingLimits, *, displayed: Size, orientation: int
) -> Opened:
    upright = replace(header, orientation=_orientation(header, displayed, orientation))
    opened = open_stream(upright, limits, partial(load_bytes, sniffing.JPEG, content))
    return Opened(displayed=displayed, size=opened.size, decode=opened.decode)


def _orientation(header: ParsedPicture, displayed: Size, orientation: int) -> int:
    """What the preview says of itself, else the RAW's; unless its shape tells that the camera turned it already.

    (LibRaw writes the RAW's into previews that say nothing.)
    """
    told = header.orientation if header.orientation != 1 else orientation
    stored = Size(header.width, header.height)
    shown = turned(stored, told)
    return told if shown == stored or _lies(shown) == _lies(displayed) else 1


def _lies(size: Size) -> bool:
    return size.width > size.height
