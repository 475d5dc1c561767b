"""PNGs: which of their chunks stay."""

from io import BytesIO
from zlib import compress

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
    png_with,
    xmp,
)
from tests.pictures import a_png, png_chunk

PNG = "image/png"
TIFF = located_exif()[6:]
XMP_HEAD = b"XML:com.adobe.xmp\0\0\0\0\0"
A_PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
PLACELESS = [
    (b"tEXt", b"Comment\0made by hand"),
    (b"zTXt", b"Comment\0\0" + compress(b"made by hand")),
    (b"iTXt", b"Comment\0\0\0\0\0made by hand"),
    (b"iTXt", b"Comment\0\1\0de\0Kommentar\0" + compress(b"made by hand")),
    (b"iTXt", XMP_HEAD + xmp(b'xmp:Rating="5"')),
    (b"tIME", b"\x07\xe8\5\x11\x12\3\x15"),
]
PLACES = [
    (b"tEXt", b"GPSLatitude\x0048"),
    (b"tEXt", b"Comment\0taken at 48.85661, 2.35222"),
    (b"zTXt", b"Comment\0\0" + compress(b"latitude 48")),
    (b"zTXt", b"Comment\0\0no stream"),
    (b"zTXt", b"Comment\0\0" + compress(bytes(2_000_000))),
    (b"iTXt", b"Comment\0\0\0\0\0latitude 48"),
    (b"iTXt", b"Comment\0\1\0de\0Kommentar\0" + compress(b"latitude 48")),
    (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + compress(xmp(b'exif:GPSLatitude="48"'))),
    (b"iTXt", XMP_HEAD + b"no XML"),
    (b"zTXt", b"Raw profile type exif\0\0" + compress(b"\nexif\n8\n4d4d002a\n")),
    (b"eXIf", TIFF[:-40]),
    (b"caBX", b"a claim"),
]


@pytest.mark.parametrize("policy", BOTH)
async def test_pixels_frames_and_colours_are_the_originals(policy: MetadataPolicy) -> None:
    file = BytesIO()
    every = [a_scene(number).convert("RGBA") for number in range(3)]
    every[0].save(file, "PNG", icc_profile=A_PROFILE, exif=located_exif(), save_all=True, append_images=every[1:])

    clean = await cleaned(file.getvalue(), PNG, policy)

    assert frames(clean) == frames(file.getvalue())
    assert len(frames(clean)) == 4


@pytest.mark.parametrize("chunk", [*PLACELESS, *PLACES], ids=lambda chunk: chunk[0].decode())
async def test_nothing_is_left_but_what_the_pixels_need(chunk: tuple[bytes, bytes]) -> None:
    assert await cleaned(png_with(a_png(), chunk), PNG, NONE) == a_png()


@pytest.mark.parametrize("chunk", PLACELESS, ids=lambda chunk: chunk[0].decode())
async def test_what_tells_no_place_stays(chunk: tuple[bytes, bytes]) -> None:
    content = png_with(a_png(), chunk)

    assert await cleaned(content, PNG, NO_LOCATION) == content


@pytest.mark.parametrize("chunk", PLACES, ids=lambda chunk: chunk[0].decode())
async def test_what_tells_a_place_or_cannot_be_read_goes(chunk: tuple[bytes, bytes]) -> None:
    assert await cleaned(png_with(a_png(), chunk), PNG, NO_LOCATION) == a_png()


async def test_the_position_leaves_exif_and_the_checksum_is_right() -> None:
    content = png_with(a_png(), (b"eXIf", TIFF))

    clean = await cleaned(content, PNG, NO_LOCATION)

    exif = clean[41 : 41 + len(TIFF)]
    assert LATITUDE_BYTES not in clean
    assert clean == png_with(a_png(), (b"eXIf", exif))
    assert exif_of(clean)[0x10F] == "Testco"


async def test_the_place_leaves_xmp_and_the_checksum_is_right() -> None:
    place = b'exif:GPSLatitude="48"'
    content = png_with(a_png(), (b"iTXt", XMP_HEAD + xmp(place + b' xmp:Rating="5"')))

    clean = await cleaned(content, PNG, NO_LOCATION)

    assert clean == png_with(a_png(), (b"iTXt", XMP_HEAD + xmp(b" " * len(place) + b' xmp:Rating="5"')))


@pytest.mark.parametrize("policy", BOTH)
@pytest.mark.parametrize("orientation", range(2, 9))
async def test_the_orientation_stays(policy: MetadataPolicy, orientation: int) -> None:
    clean = await cleaned(a_png(exif=located_exif(orientation=orientation)), PNG, policy)

    assert exif_of(clean)[0x112] == orientation
    assert not exif_of(clean).get_ifd(0x8825)


@pytest.mark.parametrize("policy", BOTH)
async def test_nothing_follows_the_end_of_the_picture(policy: MetadataPolicy) -> None:
    assert await cleaned(a_png() + png_chunk(b"tEXt", b"GPS\0here"), PNG, policy) == a_png()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        a_png()[:8],
        a_png()[:-1],
        a_png()[:60],
        png_with(a_png(), (b"CgBI", b"")),
        png_with(a_png(), (b"1234", b"")),
    ],
    ids=lambda content: f"{len(content)} bytes",
)
async def test_a_malformed_png_is_refused(content: bytes) -> None:
    with pytest.raises(CannotClean):
        await cleaned(content, PNG, NO_LOCATION)
