from pathlib import Path
from struct import pack
from zlib import compress

import msgspec
import numpy as np
import pytest

from photostore.photo.picture import Failure
from photostore_adapters.imaging.decoding.jpeg_scans import count_scans
from photostore_adapters.imaging.reading import InMemory
from tests.adapters.decoding.decoded import LIMITS, a_recipe, a_scene, decoded, failure_of, saved, saved_by_vips
from tests.adapters.decoding.raw_pictures import a_dng_of
from tests.handmade_pictures import tiff_of
from tests.pictures import a_gif, a_jpeg, a_png, a_png_header, a_tiff, a_webp, an_avif, png_chunk

SMALL = msgspec.structs.replace(
    LIMITS,
    max_pixels=10_000,
    max_side=200,
    max_frames=5,
    max_frame_pixels=4_000,
    max_interlaced_png_pixels=5_000,
    max_jpeg_scans=4,
)


@pytest.mark.parametrize(
    "content",
    [
        a_png(101, 100),
        a_jpeg(101, 100),
        a_webp(101, 100),
        a_gif(101, 100),
        a_tiff(101, 100),
        an_avif(101, 100),
        a_dng_of(180, 60),
        a_png(201, 1),
        a_jpeg(4, 201),
        saved_by_vips(a_scene(99, 99), ".png[interlace]"),
        a_gif(50, 50, frames=2),
        a_webp(50, 50, frames=2),
    ],
    ids=["PNG", "JPEG", "WebP", "GIF", "TIFF", "AVIF", "DNG", "wide", "high", "interlaced", "frames", "more frames"],
)
def test_a_picture_past_a_limit_on_pixels_is_refused(content: bytes) -> None:
    assert failure_of(content, SMALL) is Failure.TOO_MANY_PIXELS


@pytest.mark.parametrize("make", [a_gif, a_webp, a_tiff, an_avif])
def test_a_picture_with_too_many_frames_is_refused(make: object) -> None:
    assert callable(make)

    assert failure_of(make(4, 4, frames=6), SMALL) is Failure.TOO_MANY_FRAMES


def test_a_jpeg_with_too_many_scans_is_refused() -> None:
    assert failure_of(saved(a_scene(), "JPEG", progressive=True), SMALL) is Failure.TOO_MANY_FRAMES


@pytest.mark.parametrize("content", [a_png(100, 100), a_jpeg(200, 50), a_gif(20, 20, frames=5)])
def test_a_picture_at_a_limit_is_decoded(content: bytes) -> None:
    decoded(content, a_recipe(), limits=SMALL)


def test_the_scans_of_a_progressive_jpeg_are_counted_by_their_markers() -> None:
    jpeg = saved(a_scene(), "JPEG", progressive=True)

    assert count_scans(InMemory(jpeg), most=100) == 10
    assert count_scans(InMemory(jpeg), most=4) == 5


def test_what_looks_like_a_scan_inside_metadata_does_not_count() -> None:
    jpeg = saved(a_scene(), "JPEG", progressive=True, comment=b"\xff\xda" * 500)

    assert count_scans(InMemory(jpeg), most=100) == 10


def test_scans_of_what_follows_the_picture_do_not_count() -> None:
    jpeg = saved(a_scene(), "JPEG", progressive=True)

    assert count_scans(InMemory(jpeg * 20), most=100) == 10


def test_a_scan_that_has_all_components_is_the_only_one() -> None:
    jpeg = saved(a_scene(), "JPEG")

    assert count_scans(InMemory(jpeg[:-2] + b"\xff\xda\0\x08" * 300), most=100) == 1


def test_scans_are_found_across_a_large_file() -> None:
    noise = np.random.default_rng(4).integers(0, 255, (1000, 1000, 3)).astype(np.uint8)
    jpeg = saved(noise, "JPEG", progressive=True, quality=99)

    assert len(jpeg) > 1_200_000
    assert count_scans(InMemory(jpeg), most=100) == 10


def test_a_bomb_of_scans_is_refused_before_it_is_decoded() -> None:
    jpeg = saved(np.full((64, 64, 3), 90, dtype=np.uint8), "JPEG", progressive=True)
    last = jpeg.rindex(b"\xff\xda")

    assert failure_of(jpeg[:-2] + jpeg[last:-2] * 5000 + jpeg[-2:]) is Failure.TOO_MANY_FRAMES


def a_png_with(kind: bytes, content: bytes) -> bytes:
    png = a_png()
    return png[:33] + png_chunk(kind, content) + png[33:]


@pytest.mark.parametrize(
    ("kind", "head"),
    [(b"iCCP", b"bomb\0\0"), (b"zTXt", b"bomb\0\0"), (b"iTXt", b"bomb\0\1\0\0\0")],
    ids=["profile", "text", "international text"],
)
def test_what_inflates_beside_the_pixels_does_no_harm(kind: bytes, head: bytes) -> None:
    packed = compress(bytes(64 * 1024 * 1024), 9)

    outcome = decoded(a_png_with(kind, head + packed), a_recipe())

    assert outcome.report.width == 16


def test_a_png_that_declares_more_than_it_has_is_refused() -> None:
    assert failure_of(a_png_header(50_000, 50_000)) is Failure.TOO_MANY_PIXELS
    assert failure_of(a_png_header(10_000, 10_000)) in {Failure.TRUNCATED, Failure.CORRUPT}


def test_a_gif_whose_screen_is_larger_than_its_frame_is_refused() -> None:
    gif = a_gif(4, 4)

    assert failure_of(gif[:6] + pack("<HH", 65_535, 65_535) + gif[10:]) is Failure.TOO_MANY_PIXELS


def test_a_tiff_with_thousands_of_directories_is_refused() -> None:
    page = {0x100: 1, 0x101: 1, 0x102: 8, 0x103: 1, 0x106: 1, 0x111: 8, 0x115: 1, 0x116: 1, 0x117: 1}

    assert failure_of(tiff_of(*[page] * 2000)) is Failure.TOO_MANY_FRAMES


def test_a_tiff_whose_directories_go_round_is_decoded_or_refused() -> None:
    tiff = saved(a_scene(), "TIFF")
    first = int.from_bytes(tiff[4:8], "little")
    after = first + 2 + 12 * int.from_bytes(tiff[first : first + 2], "little")

    decoded(tiff[:after] + pack("<I", first) + tiff[after + 4 :], a_recipe())


def test_a_grid_of_a_heic_that_claims_more_than_the_limit_is_refused() -> None:
    grid = (Path(__file__).parents[2] / "real_pictures" / "grid.heic").read_bytes()
    sizes = b"ispe" + bytes(4) + pack(">II", 29, 100)

    assert failure_of(grid.replace(sizes, b"ispe" + bytes(4) + pack(">II", 40_000, 40_000))) in {
        Failure.TOO_MANY_PIXELS,
        Failure.CORRUPT,
    }
