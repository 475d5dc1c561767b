"""Any colours to sRGB of eight bits, at a size."""

from typing import Any

import numpy as np

from photostore.photo.geometry import Size
from photostore_adapters.imaging.decoding.vips import Image, VipsError, from_pixels, tagged

_PROFILE = "icc-profile-data"
_RGB = {"srgb", "rgb", "rgb16"}
# What libvips brings to sRGB without profiles, several times as fast.
_KNOWN = {"srgb", "rgb16", "b-w", "grey16"}
_STEPS = np.array([0, 51, 102, 153, 204, 255], dtype=np.uint8)
_CUBE = np.stack(np.meshgrid(_STEPS, _STEPS, _STEPS), axis=-1).reshape(6, 36, 3)
# Profiles that say sRGB differ by their makers' roundings.
_ALIKE = 1


def fitted(image: Any, size: Size) -> Any:
    """Upright sRGB of exactly this size, three bands or (with alpha) four. Pixels are computed when they are asked for."""
    source = _with_profile_worth_applying(image)
    known = source.interpretation in _KNOWN and not source.get_typeof(_PROFILE)
    colours = {} if known else {"output_profile": "srgb", "intent": "relative"}
    scaled = source.thumbnail_image(size.width, height=size.height, size="force", **colours)
    if scaled.interpretation != "srgb":
        scaled = scaled.colourspace("srgb")
    return scaled.cast("uchar") if scaled.format != "uchar" else scaled


def _with_profile_worth_applying(image: Any) -> Any:
    """A profile that is broken is ignored, as browsers do; and one that is sRGB's, so that a picture stripped of it is the
    same picture."""
    if not image.get_typeof(_PROFILE):
        return image
    rgb = image.interpretation in _RGB and image.bands in {3, 4}
    try:
        worthwhile = _changes_colours(image.get(_PROFILE)) if rgb else _is_usable(image)
    except VipsError:
        worthwhile = False
    if worthwhile:
        return image
    without = image.copy()
    without.remove(_PROFILE)
    return without


def _changes_colours(profile: bytes) -> bool:
    cube = tagged(from_pixels(_CUBE), orientation=1, profile=profile)
    seen = _transformed(cube).numpy().astype(int)
    return bool(np.abs(seen - _CUBE).max() > _ALIKE)


def _is_usable(image: Any) -> bool:
    """Whether one pixel of the same kind survives it."""
    colours = image.bands - image.hasalpha()
    pixel = Image.black(1, 1, bands=colours).copy(interpretation=image.interpretation)
    _transformed(tagged(pixel, orientation=1, profile=image.get(_PROFILE))).write_to_memory()
    return True


def _transformed(image: Any) -> Any:
    return image.icc_transform("srgb", embedded=True, intent="relative", depth=8)
