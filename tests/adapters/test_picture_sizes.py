from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.adapters.inspecting import CAMERA_KINDS, inspected
from tests.handmade_pictures import a_cr3, a_dng, a_heic, a_raf, a_raw, tiff_of
from tests.pictures import (
    a_jpeg,
    a_png,
    a_tiff,
    a_webp,
    an_avif,
    an_exif,
)

REAL = Path(__file__).parent.parent / "real_pictures"


@pytest.mark.parametrize(("content", "content_type"), CAMERA_KINDS)
async def test_a_raw_picture_has_the_size_of_the_sensor_and_not_of_its_preview(
    content: bytes, content_type: str
) -> None:
    header = await inspected(content)

    assert (header.content_type, header.width, header.height) == (content_type, 4000, 3000)


async def test_a_tiff_from_a_camera_is_still_a_tiff() -> None:
    header = await inspected(tiff_of({0x100: 16, 0x101: 12, 0x106: 2, 0x10F: "NIKON CORPORATION", 0x111: 8}))

    assert header.content_type == "image/tiff"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("a_picture", [a_jpeg, a_png, a_webp, a_tiff, an_avif])
async def test_the_size_is_as_displayed(a_picture: type, orientation: int) -> None:
    header = await inspected(a_picture(16, 12, exif=an_exif(orientation=orientation)))

    assert (header.width, header.height) == ((16, 12) if orientation < 5 else (12, 16))


@pytest.mark.parametrize("content", [a_dng(orientation=6), a_cr3(orientation=8), a_raw("SONY", orientation=5)])
async def test_the_size_of_a_raw_picture_is_as_displayed(content: bytes) -> None:
    header = await inspected(content)

    assert (header.width, header.height) == (3000, 4000)


async def test_the_orientation_of_a_raf_is_that_of_its_preview() -> None:
    header = await inspected(a_raf(a_jpeg(exif=an_exif(orientation=6))))

    assert (header.width, header.height) == (3000, 4000)


@pytest.mark.parametrize("orientation", [0, 9, 600])
async def test_an_orientation_that_does_not_exist_turns_nothing(orientation: int) -> None:
    header = await inspected(a_jpeg(16, 12, exif=an_exif(orientation=orientation)))

    assert (header.width, header.height) == (16, 12)


@pytest.mark.parametrize(("rotation", "size"), [(0, (640, 480)), (1, (480, 640)), (2, (640, 480)), (3, (480, 640))])
async def test_heif_is_turned_by_its_own_property_and_never_by_exif(rotation: int, size: tuple[int, int]) -> None:
    header = await inspected(a_heic(640, 480, rotation=rotation, exif=an_exif(orientation=6)))

    assert (header.width, header.height) == size


async def test_heif_is_cropped_before_it_is_turned() -> None:
    header = await inspected(a_heic(640, 480, clean_aperture=(600, 400), rotation=1))

    assert (header.width, header.height) == (400, 600)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("orientation-5.heic", (320, 200)),
        ("orientation-8.heic", (320, 200)),
        ("orientation-6.avif", (320, 200)),
        ("clean-aperture.heic", (29, 100)),
        ("grid.heic", (29, 100)),
    ],
)
async def test_what_real_encoders_write_is_read(name: str, size: tuple[int, int]) -> None:
    header = await inspected((REAL / name).read_bytes())

    assert (header.width, header.height) == size
    if name.startswith("orientation"):
        assert header.taken_at == datetime(2024, 5, 17, 16, 3, 21, 137_000, tzinfo=UTC)
        assert header.taken_at_offset_minutes == 120
