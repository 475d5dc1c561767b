"""Sizes of what is made from a picture. Nothing is enlarged."""

from typing import NamedTuple

from photostore.photo.picture import Fit, ImageFormat, Recipe

# What the formats can tell of themselves.
_MAX_SIDES = {ImageFormat.WEBP: 16_383, ImageFormat.AVIF: 65_535, ImageFormat.JPEG: 65_535}


class Size(NamedTuple):
    width: int
    height: int

    def holds(self, other: "Size") -> bool:
        return self.width >= other.width and self.height >= other.height


class Frame(NamedTuple):
    """Scale the whole picture to `scaled`, then cut `cut` from its middle."""

    scaled: Size
    cut: Size


def frame_of(recipe: Recipe, original: Size) -> Frame:
    most = _MAX_SIDES[recipe.format]
    box = Size(min(recipe.width, most), min(recipe.height, most))
    if recipe.fit is Fit.CONTAIN:
        scaled = contained(original, box)
        return Frame(scaled, scaled)
    return _covering(original, box)


def contained(original: Size, box: Size) -> Size:
    """The whole picture inside the box."""
    scale = min(box.width / original.width, box.height / original.height, 1.0)
    return _scaled(original, scale)


def _covering(original: Size, box: Size) -> Frame:
    """As small as fills the box. A picture too small for that gives the largest cut of the box's shape."""
    scale = max(box.width / original.width, box.height / original.height)
    if scale > 1:
        cut = Size(
            min(original.width, max(1, round(original.height * box.width / box.height))),
            min(original.height, max(1, round(original.width * box.height / box.width))),
        )
        return Frame(original, cut)
    scaled = _scaled(original, scale)
    return Frame(Size(max(scaled.width, box.width), max(scaled.height, box.height)), box)


def _scaled(original: Size, scale: float) -> Size:
    return Size(max(1, round(original.width * scale)), max(1, round(original.height * scale)))
