"""Photoshop's blocks in a JPEG, and the IPTC data among them: places go, and only they where that can be."""

from struct import pack

import pytest

from tests.adapters.stripping.cleaning import NO_LOCATION, cleaned, jpeg_with, located_exif, segment, xmp
from tests.pictures import a_jpeg

JPEG = "image/jpeg"
PHOTOSHOP = 0xED


def dataset(number: int, value: bytes) -> bytes:
    return bytes([0x1C, 2, number]) + pack(">H", len(value)) + value


def resource(number: int, content: bytes) -> bytes:
    return b"8BIM" + pack(">HxxI", number, len(content)) + content + b"\0" * (len(content) % 2)


def photoshop(*resources: bytes) -> bytes:
    return segment(PHOTOSHOP, b"Photoshop 3.0\0" + b"".join(resources))


@pytest.mark.parametrize("number", [26, 27, 90, 92, 95, 100, 101])
async def test_places_leave_iptc_and_keywords_stay(number: int) -> None:
    digest, other = resource(0x0425, b"d" * 16), resource(0x0406, b"quality")
    content = jpeg_with(
        photoshop(
            resource(0x0404, dataset(25, b"sea") + dataset(number, b"Brest") + dataset(5, b"title")), digest, other
        )
    )

    clean = await cleaned(content, JPEG, NO_LOCATION)

    assert clean == jpeg_with(photoshop(resource(0x0404, dataset(25, b"sea") + dataset(5, b"title")), other))


async def test_photoshops_blocks_without_a_place_stay_as_they_are() -> None:
    content = jpeg_with(photoshop(resource(0x0404, dataset(25, b"sea")), resource(0x0425, b"d" * 16)))

    assert await cleaned(content, JPEG, NO_LOCATION) == content


@pytest.mark.parametrize(
    "block",
    [
        resource(0x0422, located_exif()),
        resource(0x0424, xmp(b'exif:GPSLatitude="48,51.5N"')),
        resource(0x0404, dataset(90, b"Brest"))[:-3],
        resource(0x0404, b"\x1c\2\x5a\xff\xff" + b"Brest"),
        b"8BPS" + resource(0x0404, b""),
    ],
    ids=["EXIF", "XMP", "cut short", "an endless dataset", "noise"],
)
async def test_photoshops_blocks_that_cannot_be_trusted_go(block: bytes) -> None:
    assert await cleaned(jpeg_with(photoshop(block)), JPEG, NO_LOCATION) == a_jpeg()
