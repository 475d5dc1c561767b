from math import log2

import pytest

from photostore.photo.picture import Camera
from photostore_adapters.imaging.exif import exif_of
from photostore_adapters.imaging.exif_camera import camera_in
from photostore_adapters.imaging.reading import InMemory
from tests.handmade_metadata import tags_for
from tests.handmade_pictures import Tags, tiff_of

NONE: Tags = {}


def camera(*, first: Tags = NONE, camera: Tags = NONE) -> Camera:
    """What is told, or a camera of which nothing is."""
    return camera_in(exif_of(InMemory(tags_for(first=first, camera=camera))).directories) or Camera()


def test_all_of_it_is_told() -> None:
    told = camera(
        first={0x10F: "Canon", 0x110: "Canon EOS 7D"},
        camera={
            0xA434: "EF28-80mm f/3.5-5.6 USM",
            0x829D: ((28, 10),),
            0x829A: ((1, 250),),
            0x8827: 400,
            0x920A: ((605, 10),),
        },
    )

    assert told == Camera(
        make="Canon",
        model="Canon EOS 7D",
        lens="EF28-80mm f/3.5-5.6 USM",
        f_number=2.8,
        exposure_seconds=0.004,
        iso=400,
        focal_length_mm=60.5,
    )


def test_without_any_of_it_there_is_no_camera() -> None:
    assert camera_in(exif_of(InMemory(tags_for(camera={0x9003: "2024:05:17 18:03:21"}))).directories) is None
    assert camera_in(exif_of(InMemory(b"Exif\0\0nonsense")).directories) is None


def test_camera_formats_may_keep_it_in_the_first_directory() -> None:
    told = camera(first={0xA434: "50mm", 0x829D: ((4, 1),), 0x829A: ((2, 1),), 0x8827: 100, 0x920A: ((50, 1),)})

    assert told == Camera(lens="50mm", f_number=4.0, exposure_seconds=2.0, iso=100, focal_length_mm=50.0)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (b"  Leica \0\0\0", "Leica"),
        (b"Leica\0left over", "Leica"),
        (b"Le\x01ic\x7fa", "Leica"),
        (b"Le\nica", "Le ica"),
        ("Größe 相机".encode(), "Größe 相机"),
        ("Größe".encode("latin-1"), "Größe"),
        (b"\0Leica", None),
        (b"   ", None),
        (b"", None),
        (b"x" * 500, "x" * 128),
        (b"x" * 100_000, "x" * 128),
    ],
)
def test_text_is_made_fit_to_be_kept(written: bytes, told: str | None) -> None:
    assert camera(first={0x110: written}).model == told


def test_a_number_is_no_text() -> None:
    assert camera(first={0x110: ((1, 2),), 0x10F: (1, 2, 3)}) == Camera()


def test_dng_tells_its_model_by_a_tag_of_its_own() -> None:
    assert camera(first={0xC614: "Leica M8"}).model == "Leica M8"


@pytest.mark.parametrize(
    ("specification", "lens"),
    [
        (((24, 1), (70, 1), (28, 10), (28, 10)), "24-70mm f/2.8"),
        (((28, 1), (80, 1), (35, 10), (56, 10)), "28-80mm f/3.5-5.6"),
        (((50, 1), (50, 1), (14, 10), (14, 10)), "50mm f/1.4"),
        (((50, 1), (50, 1), (0, 0), (0, 0)), "50mm"),
        (((425, 100), (425, 100), (18, 10), (0, 0)), "4.25mm f/1.8"),
        (((0, 0), (0, 0), (14, 10), (14, 10)), None),
        (((0, 1), (0, 1), (0, 1), (0, 1)), None),
        (((50, 1), (50, 1)), None),
    ],
)
def test_a_lens_without_a_name_is_told_by_what_it_can_do(
    specification: tuple[tuple[int, int], ...], lens: str | None
) -> None:
    assert camera(camera={0xA432: specification}).lens == lens
    assert camera(camera={0xA434: "----", 0xA432: specification}).lens == lens
    assert camera(first={0xC630: specification}).lens == lens


def test_the_aperture_may_be_told_by_its_logarithm() -> None:
    aperture = ((round(2 * log2(2.8) * 1000), 1000),)

    assert camera(camera={0x9202: aperture}).f_number == 2.8
    assert camera(camera={0x829D: ((0, 0),), 0x9202: aperture}).f_number == 2.8
    assert camera(camera={0x829D: ((4, 1),), 0x9202: aperture}).f_number == 4.0


@pytest.mark.parametrize(("speed", "seconds"), [(7_965_784, 0.004), (-2_000_000, 4.0), (0, 1.0)])
def test_the_exposure_may_be_told_by_its_logarithm(speed: int, seconds: float) -> None:
    assert camera(camera={0x9201: ((speed, 1_000_000),)}).exposure_seconds == seconds


def test_a_lens_that_the_camera_cannot_see_has_no_aperture() -> None:
    told = camera(camera={0x829D: ((0, 1),), 0x9202: ((0, 1),), 0x829A: ((0, 1),), 0x9201: ((0, 1),)})

    assert told == Camera()


@pytest.mark.parametrize(
    ("tags", "iso"),
    [
        ({0x8827: 65535, 0x8832: 102_400}, 102_400),
        ({0x8827: 65535, 0x8833: 204_800}, 204_800),
        ({0x8827: 65535}, None),
        ({0x8827: 0, 0x8832: 200}, 200),
        ({0x8827: (100, 0)}, 100),
        ({0x8827: 10_000_000}, 10_000_000),
        ({0x8827: 10_000_001}, None),
    ],
)
def test_a_sensitivity_too_large_for_its_tag_is_looked_for_elsewhere(tags: Tags, iso: int | None) -> None:
    assert camera(camera=tags).iso == iso


@pytest.mark.parametrize("value", [(0, 0), (1, 0), (0, 1), (-1, 250), (4_000_000_000, 1)])
def test_a_number_that_cannot_be_is_none(value: tuple[int, int]) -> None:
    assert camera(camera={0x829D: (value,), 0x829A: (value,), 0x920A: (value,), 0x9201: (value,)}) == Camera()


@pytest.mark.parametrize(
    ("tag", "within", "beyond"),
    [
        (0x829D, [(1, 2), (512, 1)], [(49, 100), (513, 1)]),
        (0x829A, [(1, 1_000_000), (172_800, 1)], [(172_801, 1)]),
        (0x920A, [(1, 1000), (10_000, 1)], [(10_001, 1)]),
    ],
)
def test_numbers_are_believed_within_what_cameras_can_do(
    tag: int, within: list[tuple[int, int]], beyond: list[tuple[int, int]]
) -> None:
    assert all(camera(camera={tag: (value,)}) != Camera() for value in within)
    assert all(camera(camera={tag: (value,)}) == Camera() for value in beyond)


def test_a_directory_that_is_missing_costs_only_what_was_in_it() -> None:
    lost = tiff_of({0x10F: "Canon", 0x8769: 4_000_000_000, 0x8825: 8})

    assert camera_in(exif_of(InMemory(lost)).directories) == Camera(make="Canon")


def test_numbers_are_told_with_the_digits_that_mean_something() -> None:
    told = camera(camera={0x829D: ((1_244_236, 699_009),), 0x829A: ((1, 3),), 0x920A: ((1_000_000, 234_567),)})

    assert (told.f_number, told.exposure_seconds, told.focal_length_mm) == (1.78, 0.333333, 4.26317)
