"""HEIC and HEIF by libheif, which applies rotation and mirroring itself. (The libheif inside libvips knows no HEVC.)"""

import os
from typing import Any

import numpy as np
import pi_heif  # type: ignore[import-untyped]

from photostore.photo.geometry import Size
from photostore.photo.picture import Failure
from photostore_adapters.imaging.boxes import find
from photostore_adapters.imaging.decoding.checking import demand_fits
from photostore_adapters.imaging.decoding.opened import Opened
from photostore_adapters.imaging.decoding.task import DecodingLimits, Undecodable
from photostore_adapters.imaging.decoding.vips import built_in_profile, from_pixels, tagged
from photostore_adapters.imaging.heif_items import ItemTables
from photostore_adapters.imaging.reading import BrokenPictureError, View, whole

pi_heif.options.DECODE_THREADS = 1
pi_heif.options.THUMBNAILS = False
pi_heif.options.DEPTH_IMAGES = False
pi_heif.options.AUX_IMAGES = False

_P3 = 12  # as ITU-T H.273 numbers primaries


def open_heif(descriptor: int, limits: DecodingLimits, *, profile: bytes | None) -> Opened:
    """Of the pictures in it, the primary one. More than 8 bits are brought down to 8 by libheif."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    with os.fdopen(os.dup(descriptor), "rb") as file:
        pictures = pi_heif.open_heif(file, convert_hdr_to_8bit=True)
    if len(pictures) == 0:  # libheif leaves out what it has no decoder for
        raise Undecodable(Failure.UNSUPPORTED_COMPRESSION, "It holds no picture in a compression that is known here.")
    picture = pictures[pictures.primary_index]
    demand_fits(limits, *picture.size)
    size = Size(*picture.size)

    def decode(_: float) -> Any:
        image = from_pixels(np.asarray(picture))
        demand_fits(limits, image.width, image.height)
        if picture.premultiplied_alpha:
            image = image.unpremultiply().cast("uchar")
        return tagged(image, orientation=1, profile=picture.info.get("icc_profile") or profile)

    return Opened(displayed=size, size=size, decode=decode)


def colour_profile_of(view: View) -> bytes | None:
    """For colours that the file tells by number: Display P3, which libheif and libvips would take for sRGB."""
    try:
        meta = find(whole(view), b"meta")
        if meta is None:
            return None
        tables = ItemTables(whole(view), meta)
        colours = [content for kind, content in tables.properties(tables.primary()) if kind == b"colr"]
        kinds = {content.read(0, 4): content for content in colours}
        if b"prof" in kinds or b"rICC" in kinds or b"nclx" not in kinds:
            return None
        primaries = int.from_bytes(kinds[b"nclx"].read(4, 2), "big")
    except BrokenPictureError:
        return None
    return built_in_profile("p3") if primaries == _P3 else None
