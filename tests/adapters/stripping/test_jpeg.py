"""JPEGs: which of their segments stay."""

from io import BytesIO

import pytest
from PIL import ImageCms

from photostore.photo.metadata_policy import CannotClean, MetadataPolicy
from tests.adapters.stripping.cleaning import (
    BOTH,
    LATITUDE_BYTES,
    NO_LOCATION,
    NONE,
    XMP_SIGNATURE,
    a_scene,
    cleaned,
    exif_of,
    frames,
    jpeg_with,
    located_exif,
    segment,
    xmp,
)
from tests.pictures import a_jpeg

JPEG = "image/jpeg"
EXIF, ICC, PHOTOSHOP, COMMENT = 0xE1, 0xE2, 0xED, 0xFE
A_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.mark.parametrize("policy", BOTH)
@pytest.mark.parametrize("progressive", [False, True])
async def test_pixels_and_colours_are_the_originals(policy: MetadataPolicy, progressive: bool) -> None:
    file = BytesIO()
    a_scene().save(
        file, "JPEG", icc_profile=A_PROFILE, exif=located_exif(), progressive=progressive, restart_marker_blocks=3
    )

    clean = await cleaned(file.getvalue(), JPEG, policy)

    assert frames(clean) == frames(file.getvalue())
    assert frames(clean)[0] == A_PROFILE


async def test_nothing_is_left_but_what_the_pixels_need() -> None:
    content = jpeg_with(
        segment(EXIF, located_exif()),
        segment(EXIF, XMP_SIGNATURE + xmp(b'xmp:Rating="5"')),
        segment(PHOTOSHOP, b"Photoshop 3.0\0whatever"),
        segment(0xE7, b"whatever"),
        segment(COMMENT, b"a comment"),
        trailer=b"a film",
    )

    assert await cleaned(content, JPEG, NONE) == a_jpeg()


@pytest.mark.parametrize("policy", BOTH)
@pytest.mark.parametrize("orientation", range(2, 9))
async def test_the_orientation_stays(policy: MetadataPolicy, orientation: int) -> None:
    clean = await cleaned(a_jpeg(exif=located_exif(orientation=orientation)), JPEG, policy)

    assert exif_of(clean)[0x112] == orientation
    assert not exif_of(clean).get_ifd(0x8825)


async def test_with_no_metadata_the_orientation_is_all_that_its_exif_has() -> None:
    clean = await cleaned(a_jpeg(exif=located_exif(orientation=6)), JPEG, NONE)

    assert dict(exif_of(clean)) == {0x112: 6}


async def test_only_the_position_leaves_exif_wherever_it_is() -> None:
    content = jpeg_with(segment(EXIF, located_exif()), segment(EXIF, located_exif()))

    clean = await cleaned(content, JPEG, NO_LOCATION)

    assert len(clean) == len(content)
    assert LATITUDE_BYTES in content
    assert LATITUDE_BYTES not in clean
    assert exif_of(clean).get_ifd(0x8769)[0x9003] == "2024:05:17 18:03:21"
    assert exif_of(clean)[0x10F] == "Testco"


@pytest.mark.parametrize("policy", BOTH)
async def test_broken_exif_goes_whole(policy: MetadataPolicy) -> None:
    content = jpeg_with(segment(EXIF, located_exif()[:-40]), segment(EXIF, b"Exif\0\0" + LATITUDE_BYTES))

    assert await cleaned(content, JPEG, policy) == a_jpeg()


async def test_exif_after_one_that_had_to_go_goes_too_lest_it_turn_the_picture() -> None:
    content = jpeg_with(segment(EXIF, b"Exif\0\0nothing"), segment(EXIF, located_exif(orientation=6)))

    assert await cleaned(content, JPEG, NO_LOCATION) == a_jpeg()


async def test_an_orientation_that_can_still_be_read_outlives_exif_that_goes_whole() -> None:
    content = jpeg_with(segment(EXIF, located_exif(orientation=6)[:-40]))

    clean = await cleaned(content, JPEG, NO_LOCATION)

    assert dict(exif_of(clean)) == {0x112: 6}


async def test_xmp_without_a_place_stays_as_it_is() -> None:
    content = jpeg_with(segment(EXIF, XMP_SIGNATURE + xmp(b'xmp:Rating="5"')))

    assert await cleaned(content, JPEG, NO_LOCATION) == content


async def test_the_place_leaves_xmp_and_the_rest_stays() -> None:
    content = jpeg_with(
        segment(EXIF, XMP_SIGNATURE + xmp(b'xmp:Rating="5" exif:GPSLatitude="48,51.5N" photoshop:City="Paris"'))
    )

    clean = await cleaned(content, JPEG, NO_LOCATION)

    assert len(clean) == len(content)
    assert b'xmp:Rating="5"' in clean
    assert b"48,51.5N" not in clean
    assert b"Paris" not in clean


async def test_xmp_that_describes_what_follows_the_picture_goes_with_it() -> None:
    content = jpeg_with(segment(EXIF, XMP_SIGNATURE + xmp(b'xmp:MicroVideoOffset="6"')), trailer=b"a film")

    assert await cleaned(content, JPEG, NO_LOCATION) == a_jpeg()


async def test_extended_xmp_goes_and_nothing_points_at_it_any_more() -> None:
    extension = b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 32 + bytes(8) + xmp(b'exif:GPSLatitude="48,51.5N"')
    main = xmp(b'xmp:Rating="5" xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="0000"')
    content = jpeg_with(segment(EXIF, XMP_SIGNATURE + main), segment(EXIF, extension))

    clean = await cleaned(content, JPEG, NO_LOCATION)

    assert b"48,51.5N" not in clean
    assert b"HasExtendedXMP" not in clean
    assert b'xmp:Rating="5"' in clean


@pytest.mark.parametrize(
    "comment",
    [
        b"GPS: here",
        b"Latitude 48",
        b"48.85661, 2.35222",
        b"+48.8566+002.3522/",
        "Längengrad (longitude)".encode("utf-16"),
    ],
)
async def test_a_comment_that_tells_a_place_goes(comment: bytes) -> None:
    content = jpeg_with(segment(COMMENT, b"made by hand"), segment(COMMENT, comment))

    assert await cleaned(content, JPEG, NO_LOCATION) == jpeg_with(segment(COMMENT, b"made by hand"))


@pytest.mark.parametrize("policy", BOTH)
async def test_what_only_the_maker_can_read_goes(policy: MetadataPolicy) -> None:
    makers = [
        segment(EXIF, b"FLIR\0\1"),
        segment(0xE6, b"GoPro\0"),
        segment(0xEB, b"JP\0\1"),
        segment(ICC, b"MPF\0MM\0*"),
    ]

    assert await cleaned(jpeg_with(*makers), JPEG, policy) == a_jpeg()


@pytest.mark.parametrize("policy", BOTH)
async def test_nothing_follows_the_end_of_the_picture(policy: MetadataPolicy) -> None:
    second = a_jpeg(exif=located_exif())

    assert await cleaned(jpeg_with(trailer=second), JPEG, policy) == a_jpeg()


async def test_the_jfif_thumbnail_stays_unless_nothing_may() -> None:
    plain = a_jpeg()
    thumbnail = segment(0xE0, plain[6:18] + b"\1\1" + b"rgb")
    content = plain[:2] + thumbnail + plain[20:]

    assert await cleaned(content, JPEG, NO_LOCATION) == content
    assert await cleaned(content, JPEG, NONE) == plain


@pytest.mark.parametrize("policy", BOTH)
async def test_noise_between_the_first_segments_goes(policy: MetadataPolicy) -> None:
    assert await cleaned(jpeg_with(b"noise"), JPEG, policy) == a_jpeg()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff\xd9",
        b"GIF89a",
        a_jpeg()[:-2],
        a_jpeg()[:200],
        jpeg_with(b"\xff\xe1\0\1"),
        jpeg_with(b"noise" * 1000),
        jpeg_with(b"\xff\xd8"),
        jpeg_with(b"\xff\xf7\0\2"),
    ],
    ids=lambda content: f"{len(content)} bytes",
)
async def test_a_malformed_jpeg_is_refused(content: bytes) -> None:
    with pytest.raises(CannotClean):
        await cleaned(content, JPEG, NONE)
