"""The decoded picture in memory, from which everything is made."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photostore.photo.geometry import Frame, Size, contained
from photostore.photo.picture import Fingerprint
from photostore_adapters.imaging.decoding.colours import fitted
from photostore_adapters.imaging.decoding.hashing import HASHED_SIDE, perceptual_hash, pixel_digest
from photostore_adapters.imaging.decoding.opened import Opened
from photostore_adapters.imaging.decoding.thumbhash import MAX_SIDE, thumb_hash
from photostore_adapters.imaging.decoding.vips import from_pixels

# Pictures up to this size are told apart by their very pixels, larger ones at this scale: the whole of them would cost
# twice the decoding. It is what the preview needs anyhow.
FINGERPRINTED = Size(1600, 1600)


class Master:
    """Upright sRGB of eight bits; with alpha only where something shows through. `pixels`: rows, columns, bands."""

    def __init__(self, image: Any) -> None:
        self.pixels = _without_idle_alpha(_array(image))
        self._image = from_pixels(self.pixels)
        height, width, _ = self.pixels.shape
        self.size = Size(width, height)
        self._scaled = {self.size: self._image}

    def framed(self, frame: Frame) -> Any:
        scaled = self._at(frame.scaled)
        if frame.cut == frame.scaled:
            return scaled
        left = (frame.scaled.width - frame.cut.width) // 2
        top = (frame.scaled.height - frame.cut.height) // 2
        return scaled.crop(left, top, *frame.cut)

    def placeholder(self) -> bytes:
        small = self._at(contained(self.size, Size(MAX_SIDE, MAX_SIDE)))
        return thumb_hash(_array(small if small.hasalpha() else small.bandjoin(255)))

    def fingerprint(self) -> Fingerprint:
        """Both hashes; transparent parts count as white in the perceptual one."""
        square = self._at(Size(HASHED_SIDE, HASHED_SIDE))
        seen = square.flatten(background=[255, 255, 255]) if square.hasalpha() else square
        return Fingerprint(pixels=pixel_digest(self.pixels), perceptual=perceptual_hash(_array(seen)))

    def _at(self, size: Size) -> Any:
        """Kept, since a size is asked for in several formats."""
        if size not in self._scaled:
            self._scaled[size] = fitted(self._image, size).copy_memory()
        return self._scaled[size]


def masters_of(opened: Opened, scaled: Sequence[Size]) -> tuple[Master, Master]:
    """The one that fingerprints are taken from, whatever the recipes are, and one that holds all that is asked for.

    They are the same unless a recipe asks for more: then the picture is decoded twice.
    """
    size = contained(opened.size, FINGERPRINTED)
    master = _decoded(opened, size)
    largest = max(scaled, key=lambda one: one.width * one.height, default=size)
    return master, master if size.holds(largest) else _decoded(opened, largest)


def _decoded(opened: Opened, size: Size) -> Master:
    shrink = min(opened.size.width / size.width, opened.size.height / size.height)
    return Master(fitted(opened.decode(shrink), size))


def _array(image: Any) -> NDArray[np.uint8]:
    content = np.frombuffer(image.write_to_memory(), dtype=np.uint8)
    return content.reshape(image.height, image.width, image.bands)


def _without_idle_alpha(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if pixels.shape[2] == 4 and pixels[..., 3].min() == 255:
        return np.ascontiguousarray(pixels[..., :3])
    return pixels
