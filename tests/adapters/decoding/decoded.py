"""Bytes in, pictures out: what the tests here ask of `decode`, over files that no one else sees."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from photostore.photo.picture import Failure, Fit, ImageFormat, Recipe
from photostore_adapters.imaging.decoding.checking import checked
from photostore_adapters.imaging.decoding.decode import decode
from photostore_adapters.imaging.decoding.failures import blaming_the_picture
from photostore_adapters.imaging.decoding.file_view import FileView
from photostore_adapters.imaging.decoding.loading import open_picture
from photostore_adapters.imaging.decoding.master import masters_of
from photostore_adapters.imaging.decoding.task import DecodingLimits, Report, Task, Undecodable
from photostore_adapters.imaging.decoding.vips import from_pixels, tagged

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LIMITS = DecodingLimits(
    max_pixels=120_000_000,
    max_side=32_768,
    max_frames=1000,
    max_frame_pixels=400_000_000,
    max_interlaced_png_pixels=40_000_000,
    max_jpeg_scans=100,
)
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Outcome:
    report: Report
    files: Sequence[bytes]


def a_recipe(
    width: int = 64, height: int | None = None, *, fit: Fit = Fit.CONTAIN, format: ImageFormat = ImageFormat.WEBP
) -> Recipe:
    return Recipe(width=width, height=width if height is None else height, fit=fit, format=format)


def decoded(content: bytes, *recipes: Recipe, limits: DecodingLimits = LIMITS) -> Outcome:
    task = Task(content_type="image/jpeg", recipes=recipes, limits=limits, now=NOW)
    with ExitStack() as stack:
        original, *outputs = [stack.enter_context(TemporaryFile()) for _ in range(len(recipes) + 1)]
        original.write(content)
        original.flush()
        report = decode(original.fileno(), task, [output.fileno() for output in outputs])
        return Outcome(report, [_content(output) for output in outputs])


def pixels_of(content: bytes) -> Pixels:
    """What everything is made from: upright sRGB, at most 1600 on a side."""
    with TemporaryFile() as file:
        file.write(content)
        file.flush()
        view = FileView(file.fileno())
        parsed = checked(view, LIMITS)
        with blaming_the_picture():
            master, _ = masters_of(open_picture(file.fileno(), view, parsed, LIMITS), [])
        return master.pixels


def failure_of(content: bytes, limits: DecodingLimits = LIMITS) -> Failure:
    with pytest.raises(Undecodable) as refusal:
        decoded(content, a_recipe(), limits=limits)
    assert refusal.value.detail
    return refusal.value.failure


def shown(content: bytes) -> Pixels:
    """A rendition as another decoder shows it."""
    with Image.open(BytesIO(content)) as picture:
        return np.asarray(picture.convert("RGBA" if picture.has_transparency_data else "RGB"))


def a_scene(width: int = 64, height: int = 48, *, seed: int = 1) -> Pixels:
    """Smooth shapes in colour, other ones for another seed, and nowhere symmetrical."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:height, 0:width] / max(width, height)
    channels = []
    for _ in range(3):
        value = np.full((height, width), 128.0)
        for _ in range(30):
            across, down, phase = random.uniform(-25, 25), random.uniform(-25, 25), random.uniform(0, 6)
            value += 11 * np.sin(columns * across + rows * down + phase)
        channels.append(value)
    pixels: Pixels = np.clip(np.stack(channels, axis=2), 0, 255).astype(np.uint8)
    return pixels


def saved(pixels: Pixels, kind: str, **options: object) -> bytes:
    """By Pillow, whose name for the format `kind` is."""
    file = BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def saved_by_vips(pixels: Pixels, suffix: str, *, to: str = "srgb", profile: bytes | None = None) -> bytes:
    """`suffix` with libvips' options, as `.png[interlace]`; `to` is a colour space."""
    image = tagged(from_pixels(pixels).colourspace(to), orientation=1, profile=profile)
    return bytes(image.write_to_buffer(suffix))


def difference(one: Pixels, other: Pixels) -> int:
    """The largest, in levels."""
    assert one.shape == other.shape
    return int(np.abs(one.astype(int) - other.astype(int)).max())


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()
