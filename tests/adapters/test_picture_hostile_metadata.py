import time
from datetime import UTC, datetime, timedelta
from struct import pack
from zlib import compress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from photostore.photo.picture import Camera, PictureFacts
from photostore_adapters.imaging import sniffing
from photostore_adapters.imaging.facts import facts_of
from photostore_adapters.imaging.reading import InMemory
from tests.adapters.inspecting import CAMERA_KINDS, KINDS
from tests.handmade_metadata import (
    a_gif_with_xmp,
    a_jpeg_with,
    a_png_with,
    a_tagged_tiff,
    a_webp_with,
    an_iptc,
    an_xmp,
    jpeg_iptc,
    jpeg_xmp,
    tags_for,
)
from tests.handmade_pictures import Tags, a_cr3, a_heic, a_raf, tiff_of
from tests.pictures import a_jpeg, a_png, a_webp, png_chunk

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST: Tags = {0x10F: "Canon", 0x110: "Phone 9"}
CAMERA: Tags = {0x9003: "2024:05:17 18:03:21", 0x9011: "+02:00", 0x829D: ((18, 10),)}
POSITION: Tags = {1: "S", 2: ((33, 1), (51, 1), (2448, 100)), 3: "E", 4: ((151, 1), (12, 1), (5508, 100))}
EXIF = tags_for(first=FIRST, camera=CAMERA, position=POSITION)


def facts(content: bytes, content_type: str) -> PictureFacts:
    return facts_of(InMemory(content), content_type=content_type, now=NOW)


class Counting:
    """Says how often, and how much, it was read."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.reads = self.bytes_read = 0

    @property
    def byte_size(self) -> int:
        return len(self.content)

    def read(self, offset: int, length: int) -> bytes:
        self.reads, self.bytes_read = self.reads + 1, self.bytes_read + length
        return self.content[offset : offset + length]


@pytest.mark.parametrize("content_type", [kind for _, kind in KINDS + CAMERA_KINDS])
@pytest.mark.parametrize("content", [b"", b"\0", b"I", b"II*\0", b"\xff\xd8\xff", bytes(100)])
def test_hardly_any_bytes_say_nothing(content: bytes, content_type: str) -> None:
    assert facts(content, content_type) == PictureFacts()


def test_directories_that_lead_to_each_other_end() -> None:
    exif = tiff_of({**FIRST, 0x8769: 8, 0x8825: 8, 0x14A: (8, 8, 8)})

    told = facts(a_jpeg(exif=b"Exif\0\0" + exif), "image/jpeg")

    assert told.camera == Camera(make="Canon", model="Phone 9")


@pytest.mark.parametrize("kind", [1, 2, 3, 4, 5, 7, 9, 10, 11, 12, 16, 129, 99])
@pytest.mark.parametrize("value", [0, 8, 0xFFFF_FFFF])
def test_a_giant_count_is_read_no_further_than_is_needed(kind: int, value: int) -> None:
    tags = (0x10F, 0x110, 0x829A, 0x829D, 0x8769, 0x8825, 0x8827, 0x920A, 0x9C9E, 0xA432, 0xA434, 0xC630)
    rows = b"".join(pack("<HHII", tag, kind, 0xFFFF_FFFF, value) for tag in tags)
    exif = b"II*\0\x08\0\0\0" + pack("<H", len(tags)) + rows + b"\0\0\0\0"

    content = Counting(a_jpeg(exif=b"Exif\0\0" + exif))

    told = facts_of(content, content_type="image/jpeg", now=NOW)

    assert told == PictureFacts(camera=told.camera)
    assert told.camera is None or (told.camera.make, told.camera.model, told.camera.lens) == (None, None, None)
    assert content.bytes_read < 10_000


@pytest.mark.parametrize("kind", [11, 12])
def test_a_number_that_is_none_is_none(kind: int) -> None:
    value = pack("<f", float("nan")) if kind == 11 else pack("<I", 200)
    rows = b"".join(pack("<HHI", tag, kind, 1) + value for tag in (0x829A, 0x829D, 0x920A))
    exif = b"II*\0\x08\0\0\0" + pack("<H", 3) + rows + bytes(400) + pack("<d", float("inf"))

    assert facts(a_jpeg(exif=b"Exif\0\0" + exif), "image/jpeg") == PictureFacts()


def test_an_animation_of_tiny_steps_is_not_walked_to_its_end() -> None:
    content = Counting(a_gif_with_xmp(an_xmp("a"))[:-1] + b"\x21\xfe" + b"\1\0" * 1_000_000)

    told = facts_of(content, content_type="image/gif", now=NOW)

    assert told.keywords == ("a",)
    assert content.reads < 100_000


def test_a_view_that_fails_is_no_fault_of_the_picture() -> None:
    class Failing(Counting):
        def read(self, offset: int, length: int) -> bytes:
            raise OSError("the disc is gone")

    with pytest.raises(OSError, match="the disc is gone"):
        facts_of(Failing(a_jpeg()), content_type="image/jpeg", now=NOW)


def test_a_thousand_texts_are_not_all_inflated() -> None:
    bomb = png_chunk(b"zTXt", b"Raw profile type xmp\0\0" + compress(bytes(1_000_000)))
    content = Counting(a_png()[:33] + bomb * 3000 + a_png()[33:])

    told = facts_of(content, content_type="image/png", now=NOW)

    assert told == PictureFacts()
    assert content.bytes_read < 1_000_000


RICH = [
    a_jpeg(exif=EXIF),
    a_png(exif=EXIF),
    a_webp(exif=EXIF),
    a_raf(a_jpeg(exif=EXIF)),
    *(content for content, _ in CAMERA_KINDS),
    a_jpeg_with(jpeg_xmp(an_xmp("a", properties={"photoshop:DateCreated": "2024-05-17T18:03Z"})), exif=EXIF),
    a_jpeg_with(jpeg_iptc(an_iptc(b"a", b"b", utf_8=True, day=b"20240517", clock=b"180321+0200"))),
    a_png_with(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + compress(an_xmp("a"))),
    a_webp_with(b"XMP ", an_xmp("a")),
    a_gif_with_xmp(an_xmp("a")),
    a_heic(exif=EXIF, xmp=an_xmp("a")),
    a_cr3(camera=CAMERA, position=POSITION, xmp=an_xmp("a")),
    a_tagged_tiff(first={**FIRST, 700: an_xmp("a"), 0x83BB: an_iptc(b"a")}, camera=CAMERA, position=POSITION),
]
TYPES = sorted({kind for _, kind in KINDS + CAMERA_KINDS})


def survives(content: bytes, content_type: str) -> None:
    started = time.thread_time()
    told = facts(content, content_type)
    assert time.thread_time() - started < 2
    assert len(told.keywords) <= 200
    assert told.taken_at is None or told.taken_at <= NOW + timedelta(days=1)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(content_type=st.sampled_from(TYPES), rest=st.binary(max_size=400))
@example(content_type="image/tiff", rest=b"II*\0\x08\0\0\0" + b"\xff" * 400)
def test_noise_says_nothing_and_nothing_else_happens(content_type: str, rest: bytes) -> None:
    survives(rest, content_type)


@settings(
    max_examples=500, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(
    content=st.sampled_from(RICH),
    edits=st.lists(st.tuples(st.integers(0, 4000), st.binary(min_size=1, max_size=4)), min_size=1, max_size=8),
    length=st.integers(16, 8000),
)
def test_damaged_metadata_say_what_they_still_can_and_nothing_else_happens(
    content: bytes, edits: list[tuple[int, bytes]], length: int
) -> None:
    damaged = bytearray(content)
    for offset, value in edits:
        start = offset % len(damaged)
        damaged[start : start + len(value)] = value

    survives(bytes(damaged[:length]), sniffing.sniff(content[:512]))
