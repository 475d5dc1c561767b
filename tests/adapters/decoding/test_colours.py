from io import BytesIO
from pathlib import Path
from struct import pack

import numpy as np
import pytest
from PIL import Image, ImageCms

from photostore_adapters.imaging.decoding.vips import built_in_profile
from tests.adapters.decoding.decoded import Pixels, difference, pixels_of, saved, saved_by_vips
from tests.adapters.decoding.profiles import ADOBE_RGB, matrix_profile

HERE = Path(__file__).parent
COLOURS = [(200, 60, 40), (60, 180, 80), (40, 60, 200), (128, 128, 128)]


def fields(colours: list[tuple[int, int, int]] | None = None) -> Pixels:
    """Four fields of one colour each."""
    return np.repeat(np.repeat(np.array(colours or COLOURS, np.uint8).reshape(2, 2, 3), 16, axis=0), 16, axis=1)


def colours_of(content: bytes) -> list[tuple[int, ...]]:
    pixels = pixels_of(content)
    height, width, _ = pixels.shape
    middles = [(row, column) for row in (height // 4, height * 3 // 4) for column in (width // 4, width * 3 // 4)]
    return [tuple(int(value) for value in pixels[middle]) for middle in middles]


def assert_near(seen: list[tuple[int, ...]], expected: list[tuple[int, int, int]], tolerance: int) -> None:
    assert np.abs(np.array(seen) - np.array(expected)).max() <= tolerance, seen


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("TIFF", {}), ("JPEG", {"quality": 95, "subsampling": 0})])
def test_display_p3_becomes_srgb(kind: str, options: dict[str, object]) -> None:
    content = saved(fields(), kind, icc_profile=built_in_profile("p3"), **options)

    # by the matrices of both, and clipped where sRGB has no such green
    assert_near(colours_of(content), [(217, 42, 24), (0, 183, 64), (34, 61, 207), (128, 128, 128)], 3)


def test_adobe_rgb_becomes_srgb() -> None:
    content = saved(
        fields(), "JPEG", quality=95, subsampling=0, icc_profile=matrix_profile(ADOBE_RGB, gamma=2.19921875)
    )

    assert_near(colours_of(content), expected_of_adobe_rgb(), 3)


def expected_of_adobe_rgb() -> list[tuple[int, int, int]]:
    to_xyz = np.array([[0.57667, 0.18556, 0.18823], [0.29734, 0.62736, 0.07529], [0.02703, 0.07069, 0.99134]])
    to_srgb = np.array([[3.24097, -1.53738, -0.49861], [-0.96924, 1.87597, 0.04156], [0.05563, -0.20398, 1.05697]])
    linear = (np.array(COLOURS) / 255) ** 2.19921875 @ to_xyz.T @ to_srgb.T
    clipped = np.clip(linear, 0, 1)
    encoded = np.where(clipped <= 0.0031308, clipped * 12.92, 1.055 * clipped ** (1 / 2.4) - 0.055)
    return [(int(red), int(green), int(blue)) for red, green, blue in np.rint(encoded * 255)]


def test_display_p3_that_is_told_by_number_becomes_srgb() -> None:
    avif = saved(fields(), "AVIF", quality=95)
    numbered = avif.index(b"colrnclx") + 8

    content = avif[:numbered] + pack(">HH", 12, 13) + avif[numbered + 4 :]

    assert_near(colours_of(content), [(217, 42, 24), (0, 183, 64), (34, 61, 207), (128, 128, 128)], 4)


@pytest.mark.parametrize("profile", [b"no profile at all" * 20, b"\0\0\2\0" + b"\0" * 300])
def test_a_broken_profile_is_ignored(profile: bytes) -> None:
    assert_near(colours_of(saved(fields(), "PNG", icc_profile=profile)), COLOURS, 0)


def test_a_profile_of_other_kinds_of_pixels_is_ignored() -> None:
    grey = fields()[..., 0]

    assert difference(pixels_of(saved(grey, "PNG", icc_profile=built_in_profile("p3"))), np.dstack([grey] * 3)) == 0


@pytest.mark.parametrize("maker", ["libvips", "Little CMS"])
def test_a_profile_of_srgb_changes_no_pixel(maker: str) -> None:
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = built_in_profile("srgb") if maker == "libvips" else made

    assert difference(pixels_of(saved(fields(), "PNG", icc_profile=profile)), fields()) == 0


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_becomes_srgb(kind: str) -> None:
    file = BytesIO()
    inks = Image.new("CMYK", (32, 32), (0, 230, 230, 0))
    inks.save(file, kind, **({"quality": 95} if kind == "JPEG" else {}))

    red, green, blue = colours_of(file.getvalue())[0]
    assert red > 180
    assert max(green, blue) < 90


@pytest.mark.parametrize(
    ("suffix", "space"),
    [
        (".png", "rgb16"),
        (".tif", "rgb16"),
        (".tif", "scrgb"),
        (".tif", "lab"),
        (".png[interlace]", "srgb"),
        (".tif[bigtiff]", "srgb"),
        (".tif[tile,tile-width=16,tile-height=16,compression=lzw,predictor=horizontal]", "srgb"),
        (".tif[compression=deflate]", "srgb"),
    ],
)
def test_deep_and_odd_ways_to_store_the_same_colours(suffix: str, space: str) -> None:
    assert difference(pixels_of(saved_by_vips(fields(), suffix, to=space)), fields()) <= 1


def test_a_deep_picture_with_a_profile_is_converted() -> None:
    content = saved_by_vips(fields(), ".png", to="rgb16", profile=built_in_profile("p3"))

    assert_near(colours_of(content), [(217, 42, 24), (0, 183, 64), (34, 61, 207), (128, 128, 128)], 3)


def test_jpeg_inside_a_tiff() -> None:
    assert_near(colours_of(saved(fields(), "TIFF", compression="jpeg", quality=95)), COLOURS, 5)


@pytest.mark.parametrize("compression", ["raw", "group4", "packbits"])
def test_a_tiff_of_one_bit(compression: str) -> None:
    black_and_white = np.zeros((32, 32), dtype=np.uint8)
    black_and_white[:16, 16:] = 255
    file = BytesIO()
    Image.fromarray(black_and_white).convert("1").save(file, "TIFF", compression=compression)

    assert colours_of(file.getvalue()) == [(0, 0, 0), (255, 255, 255), (0, 0, 0), (0, 0, 0)]


def test_a_palette_with_a_transparent_colour() -> None:
    file = BytesIO()
    palette = Image.fromarray(fields()).quantize(4)
    clear = palette.getpixel((0, 0))
    assert isinstance(clear, int)
    palette.save(file, "PNG", transparency=clear)

    assert [colour[3] for colour in colours_of(file.getvalue())] == [0, 255, 255, 255]


def test_ten_bits_of_a_heic() -> None:
    expected = [(220, 40, 30), (40, 180, 60), (30, 60, 200), (240, 240, 240)]

    assert_near(colours_of((HERE / "ten-bits.heic").read_bytes()), expected, 3)


@pytest.mark.parametrize("bits", [8, 10, 12])
def test_the_depths_of_avif(bits: int) -> None:
    assert_near(colours_of(saved_by_vips(fields(), f".avif[Q=95,bitdepth={bits}]")), COLOURS, 4)


@pytest.mark.parametrize(("kind", "options"), [("AVIF", {"quality": 95}), ("WEBP", {"lossless": True}), ("GIF", {})])
@pytest.mark.parametrize("frames", [1, 3])
def test_the_first_frame_is_shown(kind: str, options: dict[str, object], frames: int) -> None:
    others = [Image.fromarray(fields([(9 * number, 200, 9)] * 4)) for number in range(frames - 1)]
    animation: dict[str, object] = {"save_all": True, "append_images": others} if others else {}

    assert_near(colours_of(saved(fields(), kind, **options, **animation)), COLOURS, 4)


def test_the_default_picture_of_an_animated_png_is_shown() -> None:
    others = [Image.fromarray(fields([(9, 200, 9)] * 4))]

    assert_near(colours_of(saved(fields(), "PNG", save_all=True, append_images=others)), COLOURS, 0)


def test_the_first_picture_of_a_multi_picture_jpeg_is_shown() -> None:
    others = [Image.fromarray(fields([(9, 200, 9)] * 4))]

    assert_near(colours_of(saved(fields(), "MPO", save_all=True, append_images=others, quality=95)), COLOURS, 6)


def test_the_first_page_of_a_tiff_is_shown() -> None:
    others = [Image.fromarray(fields([(9, 200, 9)] * 4)[:8])]

    assert_near(colours_of(saved(fields(), "TIFF", save_all=True, append_images=others)), COLOURS, 0)
