from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from photostore.photo.picture import Fit, ImageFormat
from photostore_adapters.imaging.decoding.vips import built_in_profile
from tests.adapters.decoding.decoded import a_recipe, a_scene, decoded, difference, saved, saved_by_vips, shown
from tests.pictures import an_exif

EVERY_FORMAT = list(ImageFormat)


@pytest.mark.parametrize("format", EVERY_FORMAT)
def test_a_rendition_is_of_its_format_and_shows_the_picture(format: ImageFormat) -> None:
    scene = a_scene(200, 150)

    outcome = decoded(saved(scene, "PNG"), a_recipe(200, format=format))

    with Image.open(BytesIO(outcome.files[0])) as picture:
        assert picture.format == format.name
    assert np.abs(shown(outcome.files[0]).astype(int) - scene).mean() < 4


@pytest.mark.parametrize("format", EVERY_FORMAT)
def test_a_rendition_is_as_large_as_is_told(format: ImageFormat) -> None:
    recipes = [
        a_recipe(1600, format=format),
        a_recipe(320, format=format),
        a_recipe(100, 60, fit=Fit.COVER, format=format),
    ]

    outcome = decoded(saved(a_scene(900, 600), "JPEG"), *recipes)

    assert [(made.width, made.height) for made in outcome.report.made] == [(900, 600), (320, 213), (100, 60)]
    for made, file in zip(outcome.report.made, outcome.files, strict=True):
        assert made.byte_size == len(file)
        assert shown(file).shape[:2] == (made.height, made.width)


def test_a_covering_rendition_shows_the_middle() -> None:
    scene = np.zeros((100, 300, 3), dtype=np.uint8)
    scene[:, 100:200] = (250, 250, 250)

    outcome = decoded(saved(scene, "PNG"), a_recipe(100, fit=Fit.COVER))

    assert shown(outcome.files[0]).min() > 240


def test_a_recipe_past_the_scale_of_fingerprints_gets_all_its_pixels() -> None:
    scene = a_scene(2000, 20)

    outcome = decoded(saved(scene, "PNG"), a_recipe(2400, format=ImageFormat.AVIF), a_recipe(100))

    assert shown(outcome.files[0]).shape == (20, 2000, 3)
    assert shown(outcome.files[1]).shape == (1, 100, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF"])
def test_a_picture_of_one_row_is_cut_like_any_other(kind: str) -> None:
    outcome = decoded(saved(a_scene(10_000, 1), kind), a_recipe(16, fit=Fit.COVER), a_recipe(320))

    assert [(made.width, made.height) for made in outcome.report.made] == [(1, 1), (320, 1)]


@pytest.mark.parametrize("format", [ImageFormat.WEBP, ImageFormat.AVIF])
def test_transparency_is_kept(format: ImageFormat) -> None:
    scene = np.dstack([a_scene(80, 60), np.zeros((60, 80), dtype=np.uint8)])
    scene[:, 40:, 3] = 255

    outcome = decoded(saved(scene, "PNG"), a_recipe(40, format=format))

    alpha = shown(outcome.files[0])[..., 3]
    assert alpha[15, 5] < 10
    assert alpha[15, 35] > 245


def test_a_jpeg_shows_transparent_parts_as_white() -> None:
    clear = np.zeros((20, 20, 4), dtype=np.uint8)

    outcome = decoded(saved(clear, "PNG"), a_recipe(20, format=ImageFormat.JPEG))

    assert shown(outcome.files[0]).min() >= 254


@pytest.mark.parametrize("format", EVERY_FORMAT)
def test_no_metadata_are_left(format: ImageFormat) -> None:
    exif = an_exif(orientation=6, original="2024:05:17 18:03:21", gps_date="2024:05:17")
    original = saved(a_scene(), "JPEG", exif=exif, comment=b"a secret", icc_profile=built_in_profile("p3"))

    outcome = decoded(original, a_recipe(format=format))

    with Image.open(BytesIO(outcome.files[0])) as picture:
        assert not dict(picture.getexif())
        assert not {"exif", "icc_profile", "xmp", "comment"} & {key for key, value in picture.info.items() if value}
    for word in (b"Exif", b"2024:05:17", b"secret", b"ICC_PROFILE", b"acsp", b"http"):
        assert word not in outcome.files[0]


def test_the_same_bytes_come_of_the_same_picture() -> None:
    recipes = [a_recipe(100, format=each) for each in EVERY_FORMAT]
    original = saved(a_scene(300, 200), "JPEG")

    assert decoded(original, *recipes) == decoded(original, *recipes)


def test_renditions_are_the_same_whatever_else_is_made() -> None:
    original = saved(a_scene(300, 200), "PNG")

    alone = decoded(original, a_recipe(100))
    among = decoded(original, a_recipe(300), a_recipe(100), a_recipe(50, fit=Fit.COVER))

    assert alone.files[0] == among.files[1]
    assert alone.report.fingerprint == among.report.fingerprint
    assert alone.report.placeholder == among.report.placeholder


def test_metadata_that_cannot_be_read_cost_nothing() -> None:
    outcome = decoded(saved(a_scene(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"), a_recipe())

    assert outcome.report.facts.taken_at is None


def test_facts_are_told() -> None:
    outcome = decoded(saved(a_scene(), "JPEG", exif=an_exif(original="2024:05:17 18:03:21")))

    assert outcome.report.facts.taken_at is not None


def test_a_picture_saved_without_loss_keeps_its_pixels() -> None:
    scene = a_scene(1600, 12)

    outcome = decoded(saved_by_vips(scene, ".tif"), a_recipe(1600))

    assert difference(shown(outcome.files[0]), scene) < 40
