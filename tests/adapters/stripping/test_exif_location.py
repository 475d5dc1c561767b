"""EXIF, edited in place: the position goes, nothing moves, and what cannot be followed is not trusted."""

from struct import pack

import pytest

from photostore_adapters.imaging.reading import BrokenPictureError
from photostore_adapters.imaging.stripping.exif_location import without_location
from tests.adapters.stripping.cleaning import LATITUDE_BYTES, located_exif
from tests.handmade_pictures import Tags, tiff_of

GPS, SUBDIRECTORIES, INTEROPERABILITY, MAKER_NOTE = 0x8825, 0x14A, 0xA005, 0x927C
POSITION: Tags = {1: "North", 2: (48, 51, 30)}
POSITION_BYTES = pack("<3I", 48, 51, 30)


def after(content: bytes) -> bytes:
    found = bytearray(content)
    for patch in without_location(content):
        found[patch.offset : patch.offset + len(patch.content)] = patch.content
    assert len(found) == len(content)
    return bytes(found)


def test_exif_without_a_position_stays_as_it_is() -> None:
    assert without_location(tiff_of({0x10F: "Testco", 0x112: 6})) == []


def test_the_values_of_the_position_become_noughts() -> None:
    content = tiff_of({0x10F: "Testco", 0x112: 6}, below=[POSITION], link=GPS)

    clean = after(content)

    assert POSITION_BYTES in content
    assert POSITION_BYTES not in clean
    assert b"North" not in clean
    assert b"Testco" in clean


def test_its_row_goes_and_those_after_it_move_up() -> None:
    content = tiff_of({0x112: 6, 0x9000: 1}, below=[POSITION], link=GPS)

    clean = after(content)

    assert clean[8:10] == pack("<H", 2)
    assert clean[10:34] == content[10:22] + content[34:46]
    assert clean[34:50] == bytes(16)


@pytest.mark.parametrize("link", [0x8769, SUBDIRECTORIES])
def test_a_position_further_below_goes_too(link: int) -> None:
    below: Tags = {0x10F: "camera", GPS: 0}
    start = len(tiff_of({0x112: 1}, below=[below], link=link))
    position = tiff_of(POSITION, gap=bytes(start - 8))[start:]
    content = tiff_of({0x112: 1}, below=[{**below, GPS: start}], link=link) + position

    clean = after(content)

    assert POSITION_BYTES in content
    assert POSITION_BYTES not in clean
    assert b"camera" in clean


def test_a_position_of_the_thumbnails_directory_goes_too() -> None:
    start = len(tiff_of({0x112: 1}, {GPS: 0}))
    position = tiff_of(POSITION, gap=bytes(start - 8))[start:]
    content = tiff_of({0x112: 1}, {GPS: start}) + position

    assert POSITION_BYTES not in after(content)


@pytest.mark.parametrize(
    "note",
    [
        b"Panasonic\0\0\0Paris",
        b"SAMSUNG what else",
        b"Apple iOS\0 GPSLatitude=48",
        b"Nikon\0\2\0\0\0" + tiff_of({0x39: "Paris"}),
        b"Nikon\0\2\0\0\0junk",
    ],
)
def test_a_makers_note_that_may_hold_a_place_goes(note: bytes) -> None:
    assert note in located_exif(maker_note=note)
    assert note not in after(located_exif(maker_note=note)[6:])


@pytest.mark.parametrize(
    ("make", "note"),
    [
        ("Apple", b"Apple iOS\0\0\1MM"),
        ("Canon", b"\1\0whatever Canon writes"),
        ("FUJIFILM", b"FUJIFILM\x0c\0\0\0"),
        ("NIKON CORPORATION", b"Nikon\0\2\0\0\0" + tiff_of({0x38: "sharp"})),
    ],
)
def test_a_makers_note_that_is_known_to_hold_none_stays(make: str, note: bytes) -> None:
    content = located_exif(make=make, maker_note=note)[6:]

    clean = after(content)

    assert content.index(note) == clean.index(note)


@pytest.mark.parametrize("tag", [0x2BC, 0x83BB, 0x8649, 0x8482])
def test_metadata_of_other_kinds_within_exif_go(tag: int) -> None:
    assert b"what it says" not in after(tiff_of({0x10F: "Testco", tag: "what it says"}))


def test_text_that_tells_a_place_goes() -> None:
    clean = after(tiff_of({0x10E: "taken at 48.85661, 2.35222", 0x10F: "Testco"}))

    assert b"48.85661" not in clean
    assert b"Testco" in clean


def test_a_camera_may_be_called_after_its_receiver() -> None:
    assert without_location(tiff_of({0x10F: "Canon", 0x110: "Canon PowerShot SX260 GPS"})) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"II*\0",
        b"XX*\0\x08\0\0\0",
        tiff_of({0x112: 1})[:12],
        tiff_of({GPS: 4000}),
        tiff_of({GPS: 8}),
        tiff_of({GPS: "no number"}),
        tiff_of({0x8769: 4000}),
        tiff_of({GPS: 26, 0x112: 1}) + pack("<HHHII", 1, 2, 99, 3, 7) + LATITUDE_BYTES,
        tiff_of({0x10E: "a preview: Exif\0\0II*\0"}),
    ],
    ids=lambda content: f"{len(content)} bytes",
)
def test_exif_that_cannot_be_followed_is_not_trusted(content: bytes) -> None:
    with pytest.raises(BrokenPictureError):
        without_location(content)


def test_directories_that_lead_to_themselves_end() -> None:
    assert without_location(tiff_of({0x112: 1, SUBDIRECTORIES: 8})) == []


def test_a_thousand_directories_are_not_followed() -> None:
    content = b"".join(pack("<HHHIII", 1, SUBDIRECTORIES, 4, 1, 26 + 18 * number, 0) for number in range(1000))

    with pytest.raises(BrokenPictureError, match="too many"):
        without_location(b"II*\0\x08\0\0\0" + content)
