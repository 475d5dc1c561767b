"""WebPs: which of their chunks stay, and that header and sizes fit what stays."""

from io import BytesIO

import pytest
from PIL import ImageCms

from photostore.photo.metadata_policy import CannotClean, MetadataPolicy
from tests.adapters.stripping.cleaning import (
    BOTH,
    LATITUDE_BYTES,
    NO_LOCATION,
    NONE,
    a_scene,
    cleaned,
    exif_of,
    frames,
    located_exif,
    webp_chunk,
    webp_with,
    xmp,
)
from tests.pictures import a_webp

WEBP = "image/webp"
EXIF_FLAG, XMP_FLAG = 0x08, 0x04
A_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def an_extended_webp() -> bytes:
    file = BytesIO()
    a_scene().save(file, "WEBP", icc_profile=A_PROFILE)
    return file.getvalue()


def test_the_fixture_is_extended() -> None:
    assert an_extended_webp()[12:16] == b"VP8X"


@pytest.mark.parametrize("policy", BOTH)
@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("count", [1, 3])
async def test_pixels_frames_and_colours_are_the_originals(policy: MetadataPolicy, lossless: bool, count: int) -> None:
    file = BytesIO()
    every = [a_scene(number).convert("RGBA") for number in range(count)]
    for picture in every:
        picture.putalpha(90)
    options = {"save_all": True, "append_images": every[1:]} if count > 1 else {}
    every[0].save(file, "WEBP", lossless=lossless, icc_profile=A_PROFILE, exif=located_exif(), **options)

    clean = await cleaned(file.getvalue(), WEBP, policy)

    assert frames(clean) == frames(file.getvalue())
    assert len(frames(clean)) == count + 1


async def test_nothing_is_left_but_what_the_pixels_need() -> None:
    plain = an_extended_webp()
    content = webp_with(
        plain,
        webp_chunk(b"EXIF", located_exif()),
        webp_chunk(b"XMP ", xmp(b'xmp:Rating="5"')),
        webp_chunk(b"C2PA", b"a claim"),
        flags=EXIF_FLAG | XMP_FLAG,
    )

    assert await cleaned(content, WEBP, NONE) == plain


@pytest.mark.parametrize("policy", BOTH)
async def test_a_simple_webp_stays_as_it_is(policy: MetadataPolicy) -> None:
    assert await cleaned(a_webp(), WEBP, policy) == a_webp()


@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"])
async def test_only_the_position_leaves_exif(prefix: bytes) -> None:
    exif = webp_chunk(b"EXIF", prefix + located_exif()[6:])
    content = webp_with(an_extended_webp(), exif, flags=EXIF_FLAG)

    clean = await cleaned(content, WEBP, NO_LOCATION)

    assert LATITUDE_BYTES in content
    assert LATITUDE_BYTES not in clean
    assert len(clean) == len(content)
    assert exif_of(clean)[0x10F] == "Testco"


async def test_the_place_leaves_xmp_and_the_rest_stays() -> None:
    place = b'exif:GPSLatitude="48"'
    before, after = xmp(place + b' xmp:Rating="5"'), xmp(b" " * len(place) + b' xmp:Rating="5"')

    clean = await cleaned(webp_with(an_extended_webp(), webp_chunk(b"XMP ", before), flags=XMP_FLAG), WEBP, NO_LOCATION)

    assert clean == webp_with(an_extended_webp(), webp_chunk(b"XMP ", after), flags=XMP_FLAG)


async def test_metadata_that_cannot_be_read_go_and_the_header_tells_of_none() -> None:
    content = webp_with(
        an_extended_webp(),
        webp_chunk(b"EXIF", located_exif()[:-40]),
        webp_chunk(b"XMP ", b"no XML"),
        webp_chunk(b"XYZ ", b"whatever"),
        flags=EXIF_FLAG | XMP_FLAG,
    )

    assert await cleaned(content, WEBP, NO_LOCATION) == an_extended_webp()


@pytest.mark.parametrize("policy", BOTH)
@pytest.mark.parametrize("orientation", range(2, 9))
async def test_the_orientation_stays(policy: MetadataPolicy, orientation: int) -> None:
    clean = await cleaned(a_webp(exif=located_exif(orientation=orientation)), WEBP, policy)

    assert exif_of(clean)[0x112] == orientation
    assert not exif_of(clean).get_ifd(0x8825)
    assert clean[20] & EXIF_FLAG


@pytest.mark.parametrize("policy", BOTH)
async def test_nothing_follows_the_end_of_the_picture(policy: MetadataPolicy) -> None:
    content = an_extended_webp() + webp_chunk(b"EXIF", located_exif())

    assert await cleaned(content, WEBP, policy) == an_extended_webp()


async def test_a_frame_with_parts_of_its_own_is_refused() -> None:
    frame = webp_chunk(b"ANMF", bytes(16) + webp_chunk(b"EXIF", located_exif()))

    with pytest.raises(CannotClean):
        await cleaned(webp_with(an_extended_webp(), frame, flags=0), WEBP, NO_LOCATION)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        a_webp()[:12],
        b"RIFF\4\0\0\0WEBP",
        a_webp()[:-4],
        b"RIFF\4\0\0\0WAVE",
        webp_with(an_extended_webp(), flags=0)[:40],
    ],
    ids=lambda content: f"{len(content)} bytes",
)
async def test_a_malformed_webp_is_refused(content: bytes) -> None:
    with pytest.raises(CannotClean):
        await cleaned(content, WEBP, NONE)
