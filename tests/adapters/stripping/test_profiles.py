"""Colour profiles: real ones stay, whatever only calls itself one goes."""

from collections.abc import Callable
from io import BytesIO
from struct import pack
from zlib import compress

import pytest
from PIL import Image, ImageCms

from photostore.photo.metadata_policy import CannotClean, MetadataPolicy
from photostore_adapters.imaging.stripping.profiles import inflated_profile_size, is_profile
from tests.adapters.stripping.cleaning import (
    BOTH,
    NONE,
    a_scene,
    cleaned,
    frames,
    jpeg_with,
    png_with,
    segment,
    webp_chunk,
    webp_with,
)
from tests.adapters.stripping.test_gif import gif_with
from tests.pictures import a_gif, a_jpeg, a_png

REAL = [ImageCms.ImageCmsProfile(ImageCms.createProfile(each)).tobytes() for each in ("sRGB", "LAB", "XYZ")]
SECRET = b"Ada lives at Ringstrasse 5"


def a_profile(
    size: int, *, told: int | None = None, sign: bytes = b"acsp", tag: tuple[int, int] | None = None
) -> bytes:
    """Of one part, which is all that is not head and table."""
    head = pack(">I", size if told is None else told) + bytes(32) + sign + bytes(88)
    table = pack(">I4sII", 1, b"A2B0", *(tag or (144, size - 144)))
    return (head + table).ljust(size, b"\x5a")


FORGED = {
    "text": SECRET * 40,
    "short": SECRET,
    "without signature": a_profile(400, sign=b"none"),
    "longer than it says": a_profile(400, told=300, tag=(144, 100)) + SECRET,
    "shorter than it says": a_profile(400, told=500),
    "a part that ends outside": a_profile(400, tag=(144, 257)),
    "a part that begins in the table": a_profile(400, tag=(100, 40)),
    "no parts": a_profile(400)[:128] + bytes(4) + SECRET * 20,
    "a table past its end": a_profile(400)[:128] + pack(">I", 1000) + SECRET * 20,
}


def as_jpeg(profile: bytes) -> bytes:
    parts = [profile[start : start + 60_000] for start in range(0, len(profile), 60_000)]
    return jpeg_with(
        *(
            segment(0xE2, b"ICC_PROFILE\0" + bytes([number, len(parts)]) + part)
            for number, part in enumerate(parts, start=1)
        )
    )


def as_png(profile: bytes, name: bytes = b"ICC Profile") -> bytes:
    return png_with(a_png(), (b"iCCP", name + b"\0\0" + compress(profile)))


def as_webp(profile: bytes) -> bytes:
    """Which has the profile where it must be: after the head."""
    file = BytesIO()
    a_scene().save(file, "WEBP", icc_profile=REAL[0])
    return file.getvalue().replace(webp_chunk(b"ICCP", REAL[0]), webp_chunk(b"ICCP", profile))


def as_gif(profile: bytes) -> bytes:
    blocks = [profile[start : start + 255] for start in range(0, len(profile), 255)]
    body = b"".join(bytes([len(block)]) + block for block in blocks)
    return gif_with(a_gif(), b"!\xff\x0bICCRGBG1012" + body + b"\0")


Build = Callable[[bytes], bytes]
FORMATS: list[tuple[str, Build]] = [
    ("image/jpeg", as_jpeg),
    ("image/png", as_png),
    ("image/webp", lambda profile: sized(as_webp(profile))),
    ("image/gif", as_gif),
]
every_format = pytest.mark.parametrize(("content_type", "build"), FORMATS, ids=[each[0] for each in FORMATS])


def sized(webp: bytes) -> bytes:
    return webp[:4] + pack("<I", len(webp) - 8) + webp[8:]


@pytest.mark.parametrize("profile", [*REAL, a_profile(400), a_profile(200_000), a_profile(399) + b"\0"], ids=len)
@pytest.mark.parametrize("policy", BOTH)
@every_format
async def test_a_profile_stays_as_it_is(
    content_type: str, build: Build, policy: MetadataPolicy, profile: bytes
) -> None:
    content = build(profile)

    assert await cleaned(content, content_type, policy) == content


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
@pytest.mark.parametrize("policy", BOTH)
@every_format
async def test_what_is_no_profile_goes_and_the_picture_stays(
    content_type: str, build: Build, policy: MetadataPolicy, forged: bytes
) -> None:
    content = build(forged)

    clean = await cleaned(content, content_type, policy)

    assert len(clean) < len(content)
    assert not any(forged[start : start + 20] in clean for start in range(140, len(forged) - 20))
    assert SECRET not in clean
    assert frames(clean)[0] == b""
    assert frames(clean)[1:] == frames(content)[1:]


async def test_a_webp_without_its_profile_does_not_announce_one() -> None:
    content = sized(as_webp(SECRET * 10))

    clean = await cleaned(content, "image/webp", NONE)

    assert content[20] & 0x20
    assert not clean[20] & 0x20


async def test_a_frame_of_a_webp_has_no_profile_of_its_own() -> None:
    frame = bytes(16) + webp_chunk(b"ICCP", SECRET) + webp_chunk(b"VP8L", b"pixels")

    with pytest.raises(CannotClean):
        await cleaned(webp_with(sized(as_webp(REAL[0])), webp_chunk(b"ANMF", frame), flags=2), "image/webp", NONE)


@pytest.mark.parametrize("numbers", [[(1, 2)], [(1, 2), (1, 2)], [(1, 1), (2, 1)], [(2, 2), (3, 2)], [(0, 1)]], ids=str)
async def test_parts_of_a_jpegs_profile_that_do_not_fit_together_go(numbers: list[tuple[int, int]]) -> None:
    whole = a_profile(400)
    cut = [whole] if len(numbers) == 1 else [whole[:200], whole[200:]]
    parts = [b"ICC_PROFILE\0" + bytes(told) + part for told, part in zip(numbers, cut, strict=True)]

    assert await cleaned(jpeg_with(*(segment(0xE2, part) for part in parts)), "image/jpeg", NONE) == a_jpeg()


async def test_parts_of_a_jpegs_profile_may_come_in_any_order_but_follow_each_other() -> None:
    whole = a_profile(400)
    two, one = (
        segment(0xE2, b"ICC_PROFILE\0" + bytes([number, 2]) + part)
        for number, part in ((2, whole[200:]), (1, whole[:200]))
    )

    together = await cleaned(jpeg_with(two, one, segment(0xE6, b"GoPro\0")), "image/jpeg", NONE)
    apart = await cleaned(jpeg_with(two, segment(0xE6, b"GoPro\0"), one), "image/jpeg", NONE)

    assert (together, apart) == (jpeg_with(two, one), a_jpeg())
    assert frames(together)[0] == whole


async def test_of_two_profiles_the_second_goes() -> None:
    first = segment(0xE2, b"ICC_PROFILE\0\1\1" + a_profile(400))
    second = segment(0xE2, b"ICC_PROFILE\0\1\1" + a_profile(500))
    table = segment(0xDD, b"\0\0")
    chunks = [(b"iCCP", b"ICC Profile\0\0" + compress(a_profile(size))) for size in (400, 500)]

    jpeg = await cleaned(jpeg_with(first, table, second), "image/jpeg", NONE)
    png = await cleaned(png_with(a_png(), *chunks), "image/png", NONE)

    assert jpeg == jpeg_with(first, table)
    assert png == png_with(a_png(), chunks[0])


async def test_a_pngs_profile_is_called_as_any_and_nothing_follows_it() -> None:
    content = png_with(a_png(), (b"iCCP", SECRET + b"\0\0" + compress(REAL[0]) + SECRET))

    clean = await cleaned(content, "image/png", NONE)

    assert clean == as_png(REAL[0])
    with Image.open(BytesIO(clean)) as picture:
        picture.verify()


@pytest.mark.parametrize(
    "compressed",
    [b"", b"no stream", compress(a_profile(400))[:-6], compress(a_profile(400, told=2**32 - 1) + bytes(20_000_000))],
    ids=["empty", "no stream", "cut short", "bomb"],
)
def test_what_does_not_inflate_to_a_profile_is_none(compressed: bytes) -> None:
    assert inflated_profile_size(compressed) is None


def test_a_table_that_is_too_long_to_be_looked_at_is_none() -> None:
    parts = 400
    head = a_profile(200_000)[:128] + pack(">I", parts) + pack(">4sII", b"A2B0", 10_000, 100) * parts
    whole = head.ljust(200_000, b"\0")

    assert not is_profile(whole[:4096], len(whole))
    assert is_profile(whole, len(whole))
