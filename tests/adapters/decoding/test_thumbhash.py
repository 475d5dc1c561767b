from collections.abc import Callable

import numpy as np
import pytest

from photostore_adapters.imaging.decoding.thumbhash import thumb_hash
from tests.adapters.decoding.decoded import Pixels, a_scene, decoded, saved

Shader = Callable[[int, int], tuple[int, int, int, int]]

# What the JavaScript of npm's thumbhash 0.1.1, by the author of ThumbHash, makes of the same pixels.
REFERENCES: list[tuple[int, int, Shader, str]] = [
    (
        100,
        75,
        lambda x, y: ((x * x + y) % 256, y * y * 3 % 256, (x * y + y) % 256, 255),
        "de07060d86545445646777707767777479bb5065f7",
    ),
    (40, 90, lambda x, y: (x * x % 256, y * 7 % 256, x * y % 256, 255), "9bd7090b0a327547777570a751ff02a2d8"),
    (
        64,
        48,
        lambda x, y: (x * x % 256, y * y % 256, x * y % 256, (x * 3 + y * y) % 256),
        "9b07820c8607361490878318fa277b207d0a57596168711404",
    ),
    (100, 1, lambda x, y: (x * x % 256, x * x * x % 256, 90, 255), "9af83529827777788888088865884080d8"),
]


def drawn(width: int, height: int, shader: Shader) -> Pixels:
    return np.array([[shader(x, y) for x in range(width)] for y in range(height)], dtype=np.uint8)


@pytest.mark.parametrize(("width", "height", "shader", "expected"), REFERENCES, ids=["wide", "tall", "clear", "line"])
def test_a_hash_is_the_reference_implementations(width: int, height: int, shader: Shader, expected: str) -> None:
    assert thumb_hash(drawn(width, height, shader)).hex() == expected


def test_a_picture_of_one_colour_has_no_shapes() -> None:
    hashed = thumb_hash(drawn(10, 10, lambda x, y: (200, 60, 40, 255)))

    assert hashed[:5].hex() == "d91a030700"
    assert set(hashed[5:]) == {0}


def test_nothing_but_transparency_has_a_hash() -> None:
    hashed = thumb_hash(drawn(8, 6, lambda x, y: (0, 0, 0, 0)))

    assert hashed.hex()[:12] == "000882048000"


def test_the_placeholder_of_a_picture_is_small_and_tells_its_shape() -> None:
    wide = decoded(saved(a_scene(400, 200), "JPEG")).report.placeholder
    tall = decoded(saved(a_scene(200, 400), "JPEG")).report.placeholder

    assert 17 <= len(wide) <= 25
    assert wide[4] & 0x80
    assert not tall[4] & 0x80


def test_a_placeholder_tells_transparency() -> None:
    clear = np.dstack([a_scene(), np.full((48, 64), 90, dtype=np.uint8)])

    assert decoded(saved(clear, "PNG")).report.placeholder[2] & 0x80
    assert not decoded(saved(a_scene(), "PNG")).report.placeholder[2] & 0x80
