"""Whether the decoders do what they are here for, tried on real pixels: a library that imports may still be of no use."""

import os
import tempfile
from collections.abc import Callable
from itertools import product
from typing import IO

import numpy as np
from numpy.typing import NDArray

from photostore_adapters.imaging.decoding.checking import checked
from photostore_adapters.imaging.decoding.failures import blaming_the_picture
from photostore_adapters.imaging.decoding.file_view import FileView
from photostore_adapters.imaging.decoding.loading import open_picture
from photostore_adapters.imaging.decoding.master import masters_of
from photostore_adapters.imaging.decoding.proof_pictures import PICTURES, QUARTERS, SENSOR_COLOUR, Colour
from photostore_adapters.imaging.decoding.task import DecodingLimits

_LIMITS = DecodingLimits(
    max_pixels=4096, max_side=64, max_frames=1, max_frame_pixels=4096, max_interlaced_png_pixels=4096, max_jpeg_scans=10
)
# What lossy encoders may make of a colour in the middle of a field of it.
_TOLERANCE = 16


def prove() -> dict[str, str | None]:
    """By the format's name: `None` where all is well, else the fault in words. Takes some 50 ms."""
    return {name: _fault(name, make) for name, make in PICTURES.items()}


def _fault(name: str, make: Callable[[], bytes]) -> str | None:
    try:
        pixels = _decoded(make())
    except Exception as error:  # noqa: BLE001 - whatever it is, telling it is the purpose
        return f"{type(error).__name__}: {error}"
    height, width, _ = pixels.shape
    middles = product((height // 4, height * 3 // 4), (width // 4, width * 3 // 4))
    expected = (SENSOR_COLOUR,) * 4 if name == "RAW" else QUARTERS
    for (row, column), colour in zip(middles, expected, strict=True):
        seen = tuple(int(value) for value in pixels[row, column])
        if not _alike(seen, colour):
            return f"the colour {colour} comes out as {seen}"
    return None


def _decoded(content: bytes) -> NDArray[np.uint8]:
    with _scratch() as file:
        file.write(content)
        file.flush()
        view = FileView(file.fileno())
        parsed = checked(view, _LIMITS)
        with blaming_the_picture():
            master, _ = masters_of(open_picture(file.fileno(), view, parsed, _LIMITS), [])
        return master.pixels


def _scratch() -> IO[bytes]:
    """In memory where the system can: a container need not have a disk to write to."""
    return os.fdopen(os.memfd_create("proof"), "w+b") if hasattr(os, "memfd_create") else tempfile.TemporaryFile()


def _alike(seen: tuple[int, ...], colour: Colour) -> bool:
    return len(seen) == 3 and all(abs(a - b) <= _TOLERANCE for a, b in zip(seen, colour, strict=True))
