"""A picture whose size is known and checked, and whose pixels are still to be decoded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from photostore.photo.geometry import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """`displayed` is the original's size; `size` that of the pixels to be had, which of a camera RAW may be a preview's.

    `decode` decodes anew with each call, to at least `1 / shrink` of the size. What it gives carries its colour profile,
    and the orientation that is still to be applied.
    """

    displayed: Size
    size: Size
    decode: Callable[[float], Any]


def turned(size: Size, orientation: int) -> Size:
    """What a picture of this size is as displayed."""
    return Size(size.height, size.width) if orientation in {5, 6, 7, 8} else size
