from pathlib import Path
from struct import pack

import pytest

from photostore.photo.picture import Failure
from photostore_adapters.imaging.decoding.failures import blaming_the_picture, meaning_of
from photostore_adapters.imaging.decoding.task import Undecodable
from photostore_adapters.imaging.decoding.vips import VipsError
from tests.adapters.decoding.decoded import a_recipe, a_scene, decoded, failure_of, saved, saved_by_vips
from tests.adapters.decoding.raw_pictures import a_dng_of
from tests.handmade_pictures import a_cr3
from tests.pictures import NOT_PICTURES

REAL_PICTURES = Path(__file__).parents[2] / "real_pictures"
SCENE = a_scene(200, 150)
PICTURES = {
    "JPEG": saved(SCENE, "JPEG"),
    "progressive JPEG": saved(SCENE, "JPEG", progressive=True),
    "PNG": saved(SCENE, "PNG"),
    "interlaced PNG": saved_by_vips(SCENE, ".png[interlace]"),
    "WebP": saved(SCENE, "WEBP"),
    "lossless WebP": saved(SCENE, "WEBP", lossless=True),
    "GIF": saved(SCENE, "GIF"),
    "TIFF": saved(SCENE, "TIFF"),
    "compressed TIFF": saved_by_vips(SCENE, ".tif[compression=deflate]"),
    "AVIF": saved(SCENE, "AVIF", speed=10),
    "HEIC": (REAL_PICTURES / "orientation-8.heic").read_bytes(),
    "DNG": a_dng_of(64, 32),
}


@pytest.mark.parametrize("kept", [0.02, 0.1, 0.5, 0.9, 0.97])
@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_cut_short_is_truncated(kind: str, kept: float) -> None:
    whole = PICTURES[kind]

    # What is left of a HEIF's tables, or of a DNG's, may contradict itself before it ends.
    tables = kind in {"AVIF", "HEIC", "DNG"} and kept < 0.2
    allowed = {Failure.TRUNCATED, Failure.CORRUPT} if tables else {Failure.TRUNCATED}
    assert failure_of(whole[: int(len(whole) * kept)]) in allowed


@pytest.mark.parametrize("kind", PICTURES)
def test_a_whole_picture_is_not(kind: str) -> None:
    decoded(PICTURES[kind], a_recipe())


def overwritten(content: bytes, start: float) -> bytes:
    """From there to nearly the end, something else."""
    first = int(len(content) * start)
    return content[:first] + bytes((7 * at) % 251 for at in range(len(content) - first - 20)) + content[-20:]


@pytest.mark.parametrize("kind", ["PNG", "GIF", "compressed TIFF", "lossless WebP", "AVIF"])
def test_broken_data_are_corrupt(kind: str) -> None:
    assert failure_of(overwritten(PICTURES[kind], 0.55)) is Failure.CORRUPT


def tiff_with(tag: int, value: int, *, instead_of: int) -> bytes:
    tiff = PICTURES["TIFF"]
    entry = tiff.index(pack("<HHIHH", tag, 3, 1, instead_of, 0)) + 8
    return tiff[:entry] + pack("<H", value) + tiff[entry + 2 :]


@pytest.mark.parametrize("compression", [6, 99, 34712, 34925])
def test_a_compression_that_is_not_known_is_unsupported(compression: int) -> None:
    assert failure_of(tiff_with(259, compression, instead_of=1)) is Failure.UNSUPPORTED_COMPRESSION


def test_a_codec_that_is_not_known_is_unsupported() -> None:
    heic = PICTURES["HEIC"].replace(b"hvc1", b"jpeg").replace(b"hvcC", b"jpgC")

    assert failure_of(heic) is Failure.UNSUPPORTED_COMPRESSION


def test_a_jpeg_of_twelve_bits_is_unsupported() -> None:
    jpeg = PICTURES["JPEG"]
    depth = jpeg.index(b"\xff\xc0") + 4

    assert failure_of(jpeg[:depth] + b"\x0c" + jpeg[depth + 1 :]) is Failure.UNSUPPORTED_FEATURE


def test_a_raw_that_only_its_header_calls_so_is_unsupported() -> None:
    assert failure_of(a_cr3()) is Failure.UNSUPPORTED_FEATURE


@pytest.mark.parametrize("kind", [kind for kind in NOT_PICTURES if kind != "empty"])
def test_what_is_no_picture_is_unsupported(kind: str) -> None:
    assert failure_of(NOT_PICTURES[kind]) is Failure.UNSUPPORTED_FEATURE


def test_a_raw_with_a_broken_preview_shows_its_sensor() -> None:
    broken = saved(a_scene(1100, 550), "JPEG")[:300]

    outcome = decoded(a_dng_of(64, 32, preview=broken), a_recipe())

    assert outcome.report.made[0].width == 32


@pytest.mark.parametrize(
    ("message", "failure"),
    [
        ("VipsJpeg: premature end of JPEG image", Failure.TRUNCATED),
        ("gifload_source: Unexpected end of GIF source data", Failure.TRUNCATED),
        ("tiff2vips: Read error at scanline 52; got 5930 bytes, expected 7800", Failure.TRUNCATED),
        ("heif: Invalid input: Unexpected end of file: Extent in iloc box", Failure.TRUNCATED),
        ("Input/output error", Failure.TRUNCATED),
        ("vipspng: libpng read error", Failure.CORRUPT),
        ("webp2vips: unable to read pixels", Failure.CORRUPT),
        ("VipsJpeg: Unsupported marker type 0x3b", Failure.CORRUPT),
        ("tiff2vips: Compression scheme 34712 strip decoding is not implemented", Failure.UNSUPPORTED_COMPRESSION),
        ("tiff2vips: LZMA compression support is not configured", Failure.UNSUPPORTED_COMPRESSION),
        ("VipsJpeg: Unsupported JPEG process: SOF type 0xc9", Failure.UNSUPPORTED_COMPRESSION),
        ("VipsJpeg: Unsupported JPEG data precision 12", Failure.UNSUPPORTED_FEATURE),
        ("tiff2vips: Cannot handle different values per sample", Failure.UNSUPPORTED_FEATURE),
        ("Memory allocation error: Security limit exceeded: Allocating 9 GB", Failure.OUT_OF_MEMORY),
        ("Memory allocation error: Security limit exceeded: Number of extents (8193)", Failure.CORRUPT),
        ("Invalid input: Image size 40000x40000 exceeds the maximum image size", Failure.TOO_MANY_PIXELS),
        ("Unsupported file format or not RAW file", Failure.UNSUPPORTED_FEATURE),
        ("something that nobody has said before", Failure.CORRUPT),
    ],
)
def test_what_a_message_means(message: str, failure: Failure) -> None:
    assert meaning_of(message) is failure


def test_running_out_of_memory_is_told_as_such_whoever_notices() -> None:
    with pytest.raises(MemoryError), blaming_the_picture():
        raise VipsError("vips_tracked: out of memory -- size == 400MB")


def test_a_fault_of_the_disk_is_not_the_pictures() -> None:
    with pytest.raises(OSError, match="Input/output"), blaming_the_picture():
        raise OSError(5, "Input/output error")


def test_a_fault_without_a_number_is_the_pictures() -> None:
    with pytest.raises(Undecodable), blaming_the_picture():
        raise OSError("broken data stream when reading image file")
