import pytest

from photostore.photo.geometry import Size, frame_of
from photostore.photo.picture import Fit, ImageFormat, Recipe
from tests.adapters.decoding.decoded import a_recipe


def cover(width: int, height: int) -> Recipe:
    return a_recipe(width, height, fit=Fit.COVER)


@pytest.mark.parametrize(
    ("original", "box", "expected"),
    [
        ((4000, 3000), (320, 320), (320, 240)),
        ((3000, 4000), (320, 320), (240, 320)),
        ((4000, 3000), (320, 100), (133, 100)),
        ((300, 200), (320, 320), (300, 200)),
        ((20_000, 1), (320, 320), (320, 1)),
        ((1, 1), (320, 320), (1, 1)),
    ],
)
def test_a_contained_picture_is_whole_and_not_enlarged(
    original: tuple[int, int], box: tuple[int, int], expected: tuple[int, int]
) -> None:
    frame = frame_of(a_recipe(*box), Size(*original))

    assert frame.cut == frame.scaled == expected


@pytest.mark.parametrize(
    ("original", "box", "scaled", "cut"),
    [
        ((4000, 3000), (320, 320), (427, 320), (320, 320)),
        ((4000, 3000), (300, 100), (300, 225), (300, 100)),
        ((500, 200), (320, 320), (500, 200), (200, 200)),
        ((200, 500), (320, 320), (200, 500), (200, 200)),
        ((100, 100), (320, 160), (100, 100), (100, 50)),
        ((20_000, 1), (320, 320), (20_000, 1), (1, 1)),
        ((320, 320), (320, 320), (320, 320), (320, 320)),
    ],
)
def test_a_covering_picture_has_the_shape_of_the_box_and_is_not_enlarged(
    original: tuple[int, int], box: tuple[int, int], scaled: tuple[int, int], cut: tuple[int, int]
) -> None:
    frame = frame_of(cover(*box), Size(*original))

    assert (frame.scaled, frame.cut) == (scaled, cut)


def test_no_side_passes_what_the_format_can_tell() -> None:
    wide = Size(20_000, 100)

    assert frame_of(a_recipe(30_000), wide).cut.width == 16_383
    assert frame_of(a_recipe(30_000, format=ImageFormat.JPEG), wide).cut.width == 20_000
