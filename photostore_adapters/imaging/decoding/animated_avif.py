"""The first frame of an AVIF that is a sequence first and a still at most second."""

import os
from io import BufferedReader
from typing import Any

import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps

from photostore.photo.geometry import Size
from photostore_adapters.imaging.decoding.checking import demand_fits
from photostore_adapters.imaging.decoding.opened import Opened
from photostore_adapters.imaging.decoding.task import DecodingLimits
from photostore_adapters.imaging.decoding.vips import from_pixels, tagged


def open_animated_avif(descriptor: int, limits: DecodingLimits) -> Opened:
    with _opened(descriptor) as file, Pillow.open(file, formats=["AVIF"]) as picture:
        demand_fits(limits, *picture.size)
        size = Size(*ImageOps.exif_transpose(picture).size)
    return Opened(displayed=size, size=size, decode=lambda _: _decoded(descriptor))


def _decoded(descriptor: int) -> Any:
    """Pillow tells rotation and mirroring as if they were EXIF's orientation, and does not apply them."""
    with _opened(descriptor) as file, Pillow.open(file, formats=["AVIF"]) as picture:
        upright = ImageOps.exif_transpose(picture)
        pixels = np.asarray(upright.convert("RGBA" if upright.has_transparency_data else "RGB"))
        return tagged(from_pixels(pixels), orientation=1, profile=picture.info.get("icc_profile"))


def _opened(descriptor: int) -> BufferedReader:
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.fdopen(os.dup(descriptor), "rb")
