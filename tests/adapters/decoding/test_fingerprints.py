from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from photostore_adapters.imaging.decoding.hashing import perceptual_hash, pixel_digest
from photostore_adapters.imaging.decoding.vips import built_in_profile
from tests.adapters.decoding.decoded import Pixels, a_recipe, a_scene, decoded, saved
from tests.pictures import an_exif, png_chunk


def digest_of(content: bytes) -> bytes:
    return decoded(content).report.fingerprint.pixels


def hash_of(content: bytes) -> int:
    return decoded(content).report.fingerprint.perceptual


def changed(pixels: Pixels, *, size: tuple[int, int] | None = None, brighter: int = 0) -> Pixels:
    picture = Image.fromarray(np.clip(pixels.astype(int) + brighter, 0, 255).astype(np.uint8))
    return np.asarray(picture.resize(size) if size else picture)


def test_metadata_change_no_digest() -> None:
    scene = a_scene()
    plain = saved(scene, "PNG")
    told = saved(scene, "PNG", exif=an_exif(original="2024:05:17 18:03:21"), dpi=(300, 300))
    noted = plain[:33] + png_chunk(b"tEXt", b"Comment\0hello") + plain[33:]
    profiled = saved(scene, "PNG", icc_profile=built_in_profile("srgb"), compress_level=1)

    assert {digest_of(content) for content in (plain, told, noted, profiled)} == {digest_of(plain)}


def test_a_jpeg_stripped_of_its_metadata_has_the_same_digest() -> None:
    full = saved(a_scene(), "JPEG", exif=an_exif(original="2024:05:17 18:03:21"), comment=b"hello")
    start = full.index(b"\xff\xe1")
    stripped = full[:start] + full[start + 2 + int.from_bytes(full[start + 2 : start + 4], "big") :]

    assert b"2024" not in stripped
    assert digest_of(full) == digest_of(stripped)


def test_a_picture_turned_and_told_so_is_the_same_picture() -> None:
    scene = a_scene()
    turned = saved(np.ascontiguousarray(np.rot90(scene, 1)), "PNG", exif=an_exif(orientation=6))

    assert digest_of(saved(scene, "PNG")) == digest_of(turned)


def test_formats_without_loss_give_the_same_digest() -> None:
    scene = a_scene()
    contents = [saved(scene, "PNG"), saved(scene, "TIFF"), saved(scene, "WEBP", lossless=True)]

    assert len({digest_of(content) for content in contents}) == 1


def test_alpha_counts_only_where_something_shows_through() -> None:
    scene = a_scene()
    opaque = np.dstack([scene, np.full((48, 64), 255, dtype=np.uint8)])
    clear = opaque.copy()
    clear[3, 5, 3] = 254

    assert digest_of(saved(scene, "PNG")) == digest_of(saved(opaque, "PNG"))
    assert digest_of(saved(clear, "PNG")) != digest_of(saved(opaque, "PNG"))


def test_grey_is_the_same_as_grey_in_three_bands() -> None:
    grey = a_scene()[..., 0]

    assert digest_of(saved(grey, "PNG")) == digest_of(saved(np.dstack([grey] * 3), "PNG"))


def test_one_level_of_one_pixel_changes_the_digest() -> None:
    scene = a_scene()
    other = scene.copy()
    other[3, 5, 1] ^= 1

    assert digest_of(saved(scene, "PNG")) != digest_of(saved(other, "PNG"))


def test_the_same_bytes_in_another_shape_are_another_picture() -> None:
    row = np.zeros((2, 6, 3), dtype=np.uint8)

    assert len({pixel_digest(row), pixel_digest(row.reshape(3, 4, 3)), pixel_digest(row.reshape(3, 3, 4))}) == 3


@pytest.mark.parametrize("sizes", [(), (100,), (2000, 100), (3000,)])
def test_what_is_made_changes_no_fingerprint(sizes: tuple[int, ...]) -> None:
    content = saved(a_scene(1800, 300), "JPEG")

    report = decoded(content, *map(a_recipe, sizes)).report

    assert report.fingerprint == decoded(content, a_recipe(1600)).report.fingerprint


@pytest.mark.parametrize("seed", range(6))
def test_copies_are_near(seed: int) -> None:
    scene = a_scene(400, 300, seed=seed)
    original = hash_of(saved(scene, "PNG"))
    copies = [
        saved(scene, "JPEG", quality=60),
        saved(changed(scene, size=(200, 150)), "JPEG", quality=80),
        saved(changed(scene, size=(640, 480)), "WEBP"),
        saved(changed(scene, brighter=12), "PNG"),
    ]

    assert max((original ^ hash_of(copy)).bit_count() for copy in copies) <= 4


def test_different_pictures_are_far() -> None:
    hashes = [hash_of(saved(a_scene(400, 300, seed=seed), "PNG")) for seed in range(6)]

    distances = [(one ^ other).bit_count() for index, one in enumerate(hashes) for other in hashes[:index]]
    assert min(distances) > 16


def test_a_hash_of_one_colour_is_of_no_noise() -> None:
    flat = np.full((32, 32, 3), 200, dtype=np.uint8)

    assert perceptual_hash(flat) == 1 << 63


def test_a_hash_is_64_bits_by_the_usual_definition() -> None:
    pixels = np.asarray(Image.fromarray(a_scene(32, 32)))
    grey = np.asarray(Image.fromarray(pixels).convert("L"), dtype=np.float64)
    points = np.arange(32)
    low = np.zeros((8, 8))
    for row in range(8):
        for column in range(8):
            waves = np.outer(
                np.cos(np.pi * row * (2 * points + 1) / 64), np.cos(np.pi * column * (2 * points + 1) / 64)
            )
            low[row, column] = 4 * (grey * waves).sum()
    expected = "".join("1" if value > np.median(low) else "0" for value in low.flatten())

    assert f"{perceptual_hash(pixels):064b}" == expected


def test_a_transparent_picture_is_hashed_as_on_white() -> None:
    scene = a_scene()
    clear = np.dstack([scene, np.full((48, 64), 255, dtype=np.uint8)])
    clear[:, 32:, 3] = 0
    file = BytesIO()
    on_white = Image.new("RGB", (64, 48), "white")
    on_white.paste(Image.fromarray(clear), mask=Image.fromarray(clear[..., 3]))
    on_white.save(file, "PNG")

    assert (hash_of(saved(clear, "PNG")) ^ hash_of(file.getvalue())).bit_count() <= 4
