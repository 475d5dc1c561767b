from datetime import UTC, datetime, timedelta
from pathlib import Path
from zlib import compress

import pytest

from photostore.photo.picture import Camera, Location, PictureFacts
from photostore_adapters.imaging import sniffing
from photostore_adapters.imaging.facts import facts_of
from photostore_adapters.imaging.reading import InMemory
from tests.adapters.inspecting import KINDS
from tests.handmade_metadata import (
    a_jpeg_with,
    a_png_with,
    a_tagged_tiff,
    an_iptc,
    an_xmp,
    jpeg_iptc,
    jpeg_xmp,
    tags_for,
)
from tests.handmade_pictures import Tags, a_cr3, a_heic, a_raf, tiff_of
from tests.pictures import a_jpeg, a_png, a_webp, png_chunk

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LOCAL = datetime(2024, 5, 17, 18, 3, 21, tzinfo=UTC)
FIRST: Tags = {0x10F: "Canon", 0x110: "Phone 9"}
CAMERA: Tags = {0x9003: "2024:05:17 18:03:21", 0x9011: "+02:00", 0x829D: ((18, 10),)}
POSITION: Tags = {1: "S", 2: ((33, 1), (51, 1), (2448, 100)), 3: "E", 4: ((151, 1), (12, 1), (5508, 100))}
EXIF = tags_for(first=FIRST, camera=CAMERA, position=POSITION)
FACTS = PictureFacts(
    taken_at=LOCAL - timedelta(hours=2),
    taken_at_offset_minutes=120,
    camera=Camera(make="Canon", model="Phone 9", f_number=1.8),
    location=Location(latitude=-33.8568, longitude=151.2153),
)
REAL = Path(__file__).parent.parent / "real_pictures"


def facts(content: bytes, content_type: str | None = None) -> PictureFacts:
    return facts_of(InMemory(content), content_type=content_type or sniffing.sniff(content[:512]), now=NOW)


def profile(content: bytes) -> bytes:
    return b"Raw profile type exif\0\0" + compress(b"\nexif\n%8d\n" % len(content) + content.hex().encode() + b"\n")


CONTAINERS = {
    "JPEG": a_jpeg(exif=EXIF),
    "PNG": a_png(exif=EXIF),
    "PNG, far behind the pixels": a_png_with(b"eXIf", EXIF[6:], behind_pixels=True)
    + png_chunk(b"zzZz", bytes(100_000)),
    "PNG, as ImageMagick wrote it": a_png_with(b"zTXt", profile(EXIF)),
    "WebP": a_webp(exif=EXIF),
    "HEIC": a_heic(exif=EXIF),
    "AVIF": a_heic(exif=EXIF, brands=(b"avif", b"mif1")),
    "TIFF": a_tagged_tiff(first=FIRST, camera=CAMERA, position=POSITION),
    "RAF": a_raf(a_jpeg(exif=EXIF)),
}


@pytest.mark.parametrize("container", list(CONTAINERS))
def test_every_format_tells_time_camera_and_place(container: str) -> None:
    assert facts(CONTAINERS[container]) == FACTS


@pytest.mark.parametrize("content_type", ["image/x-adobe-dng", "image/x-nikon-nef", "image/x-canon-cr2", "image/x-raw"])
def test_camera_formats_that_are_tiffs_are_read_as_such(content_type: str) -> None:
    assert facts(CONTAINERS["TIFF"], content_type) == FACTS


def test_cr3_keeps_time_and_place_in_tiffs_of_their_own() -> None:
    told = facts(a_cr3(camera={**CAMERA, 0xA434: "RF50mm"}, position=POSITION))

    assert told == PictureFacts(
        taken_at=FACTS.taken_at,
        taken_at_offset_minutes=120,
        camera=Camera(make="Canon", lens="RF50mm", f_number=1.8),
        location=FACTS.location,
    )


def test_cr3_tells_the_offset_by_its_gps_clock() -> None:
    position = {**POSITION, 7: ((16, 1), (3, 1), (21, 1)), 0x1D: "2024:05:17"}

    assert facts(a_cr3(position=position)).taken_at_offset_minutes == 120


@pytest.mark.parametrize("content", [content for content, _ in KINDS])
def test_a_picture_that_says_nothing_has_no_facts(content: bytes) -> None:
    assert facts(content) == PictureFacts()


@pytest.mark.parametrize("name", ["orientation-5.heic", "orientation-8.heic", "orientation-6.avif"])
def test_what_real_encoders_write_is_read(name: str) -> None:
    told = facts((REAL / name).read_bytes())

    assert told.taken_at == datetime(2024, 5, 17, 16, 3, 21, 137_000, tzinfo=UTC)
    assert told.taken_at_offset_minutes == 120
    assert told.camera == Camera(make="Testco", model="Phone 9", lens="Testco 24mm f/1.8")
    assert told.location == Location(latitude=-33.8568, longitude=151.2153, altitude_m=12.5)


def test_a_time_that_is_still_to_come_is_none() -> None:
    later = tags_for(camera={0x9003: "2026:11:22 12:00:00"})

    assert facts(a_jpeg(exif=later)).taken_at is None


@pytest.mark.parametrize(
    ("properties", "taken"),
    [
        ({"exif:DateTimeOriginal": "2024-05-17T18:03:21.137+02:00"}, ("16:03:21.137000", 120)),
        ({"exif:DateTimeOriginal": "2024-05-17T18:03:21"}, ("18:03:21", None)),
        ({"photoshop:DateCreated": "2024-05-17T18:03Z"}, ("18:03:00", 0)),
        ({"exif:DateTimeOriginal": "never", "photoshop:DateCreated": "2024-05-17T18:03Z"}, ("18:03:00", 0)),
        ({"exif:DateTimeOriginal": "2024-05-17T18:03:21+15:00"}, ("18:03:21", None)),
    ],
)
def test_xmp_tells_the_time_where_exif_does_not(properties: dict[str, str], taken: tuple[str, int | None]) -> None:
    told = facts(a_jpeg_with(jpeg_xmp(an_xmp(properties=properties))))

    assert told.taken_at is not None
    assert (told.taken_at.time().isoformat(), told.taken_at_offset_minutes) == taken


@pytest.mark.parametrize("text", ["2024-05-17", "1700-05-17T18:03:21", "2099-05-17T18:03:21", "2024-13-17T18:03:21"])
def test_a_day_alone_and_a_time_that_cannot_be_right_are_none(text: str) -> None:
    assert facts(a_jpeg_with(jpeg_xmp(an_xmp(properties={"exif:DateTimeOriginal": text})))).taken_at is None


@pytest.mark.parametrize(
    ("day", "clock", "taken"),
    [
        (b"20240517", b"180321+0200", (LOCAL - timedelta(hours=2), 120)),
        (b"20240517", b"180321", (LOCAL, None)),
        (b"20240517", b"", (None, None)),
        (b"", b"180321+0200", (None, None)),
        (b"00000000", b"180321+0200", (None, None)),
        (b"20240599", b"996699+9999", (None, None)),
    ],
)
def test_iptc_tells_the_time_where_nothing_else_does(
    day: bytes, clock: bytes, taken: tuple[datetime | None, int | None]
) -> None:
    told = facts(a_jpeg_with(jpeg_iptc(an_iptc(day=day, clock=clock))))

    assert (told.taken_at, told.taken_at_offset_minutes) == taken


def test_exif_goes_before_xmp_and_xmp_before_iptc() -> None:
    elsewhere = {"exif:GPSLatitude": "57,38.6N", "exif:GPSLongitude": "10,24.3E"}
    xmp = jpeg_xmp(an_xmp(properties={"exif:DateTimeOriginal": "2020-01-01T00:00:00Z", **elsewhere}))
    iptc = jpeg_iptc(an_iptc(day=b"20100101", clock=b"000000+0000"))

    assert facts(a_jpeg_with(iptc, xmp, exif=EXIF)) == FACTS
    assert facts(a_jpeg_with(iptc, xmp)) == PictureFacts(
        taken_at=datetime(2020, 1, 1, tzinfo=UTC),
        taken_at_offset_minutes=0,
        location=Location(latitude=57.6433333, longitude=10.405),
    )


def test_a_broken_part_costs_no_other() -> None:
    no_place = tiff_of({**FIRST, 0x8825: 4_000_000_000}, linked={0x8769: CAMERA})
    no_time = tiff_of({**FIRST, 0x8769: 4_000_000_000}, linked={0x8825: POSITION})

    assert facts(a_jpeg(exif=b"Exif\0\0" + no_place)).camera == FACTS.camera
    assert facts(a_jpeg(exif=b"Exif\0\0" + no_place)).taken_at == FACTS.taken_at
    assert facts(a_jpeg(exif=b"Exif\0\0" + no_time)).location == FACTS.location
