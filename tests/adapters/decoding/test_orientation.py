from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.adapters.decoding.decoded import Pixels, a_recipe, a_scene, decoded, difference, pixels_of, saved
from tests.adapters.decoding.raw_pictures import a_dng_of
from tests.pictures import an_exif, png_chunk

REAL_PICTURES = Path(__file__).parents[2] / "real_pictures"
UPRIGHT: dict[int, Callable[[Pixels], Pixels]] = {
    1: lambda stored: stored,
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.transpose(1, 0, 2),
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: stored[::-1, ::-1].transpose(1, 0, 2),
    8: lambda stored: np.rot90(stored, 1),
}
# The colours of the quarters of the pictures in `real_pictures`: above left and right, below left and right.
QUARTERS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("TIFF", {}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("JPEG", {"quality": 95, "subsampling": 0}, 8),
    ],
)
def test_a_picture_is_shown_as_its_orientation_says(
    kind: str, options: dict[str, object], tolerance: int, orientation: int
) -> None:
    stored = a_scene(64, 40)
    content = saved(stored, kind, exif=an_exif(orientation=orientation), **options)

    outcome = decoded(content, a_recipe(64))

    upright = UPRIGHT[orientation](stored)
    assert difference(pixels_of(content), upright) <= tolerance
    assert (outcome.report.height, outcome.report.width) == upright.shape[:2]
    assert (outcome.report.made[0].height, outcome.report.made[0].width) == upright.shape[:2]


def test_an_orientation_that_follows_the_pixels_counts() -> None:
    stored = a_scene(64, 40)
    png = saved(stored, "PNG")
    late = png[:-12] + png_chunk(b"eXIf", an_exif(orientation=6).removeprefix(b"Exif\0\0")) + png[-12:]

    assert difference(pixels_of(late), UPRIGHT[6](stored)) == 0


@pytest.mark.parametrize("name", ["orientation-5.heic", "orientation-8.heic", "orientation-6.avif"])
def test_a_heif_is_turned_once_and_not_again_by_its_exif(name: str) -> None:
    content = (REAL_PICTURES / name).read_bytes()

    outcome = decoded(content, a_recipe())

    assert (outcome.report.width, outcome.report.height) == (320, 200)
    assert_quarters(pixels_of(content))


def test_a_clean_aperture_is_cut_out() -> None:
    outcome = decoded((REAL_PICTURES / "clean-aperture.heic").read_bytes(), a_recipe())

    assert (outcome.report.width, outcome.report.height) == (29, 100)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_raw_without_preview_is_turned(orientation: int) -> None:
    content = a_dng_of(64, 32, orientation=orientation)
    red = np.zeros((16, 32, 3), dtype=np.uint8)
    red[:8, :16] = 255

    report = decoded(content, a_recipe()).report
    bright = pixels_of(content)[..., :1] > 200

    expected = UPRIGHT[orientation](red)[..., :1] > 200
    assert (report.height, report.width) == tuple(2 * side for side in expected.shape[:2])
    assert np.mean(bright == expected) > 0.85


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_the_preview_of_a_raw_is_turned_as_the_raw_is(orientation: int) -> None:
    stored = a_scene(1100, 550)
    content = a_dng_of(64, 32, orientation=orientation, preview=saved(stored, "JPEG", quality=95))

    shown = pixels_of(content)

    assert np.abs(shown.astype(int) - UPRIGHT[orientation](stored)).mean() < 4


def test_a_preview_that_the_camera_turned_already_is_left() -> None:
    upright = a_scene(550, 1100)
    content = a_dng_of(64, 32, orientation=6, preview=saved(upright, "JPEG", quality=95))

    assert np.abs(pixels_of(content).astype(int) - upright).mean() < 4


def test_a_preview_that_tells_its_own_orientation_is_believed() -> None:
    stored = a_scene(1100, 550)
    preview = saved(stored, "JPEG", quality=95, exif=an_exif(orientation=8))
    as_cameras_write_it = preview[:2] + preview[20:]  # the EXIF first, no JFIF

    content = a_dng_of(64, 32, orientation=6, preview=as_cameras_write_it)

    assert np.abs(pixels_of(content).astype(int) - UPRIGHT[8](stored)).mean() < 4


def assert_quarters(pixels: Pixels) -> None:
    height, width, _ = pixels.shape
    middles = [(row, column) for row in (height // 4, height * 3 // 4) for column in (width // 4, width * 3 // 4)]
    for middle, colour in zip(middles, QUARTERS, strict=True):
        assert np.abs(pixels[middle].astype(int) - colour).max() < 60
