import asyncio
from datetime import UTC, datetime

import pytest

from photostore.shared.blobs import BlobStoreUnavailable
from photostore.upload.pictures import ACCEPTED_FORMATS, PictureHeader, UnsupportedImage
from tests.adapters.inspecting import KINDS, an_inspector, inspected
from tests.handmade_pictures import a_cr3, a_heic, a_raf
from tests.pictures import (
    NOT_PICTURES,
    PictureSource,
    a_jpeg,
    a_png,
    a_tiff,
    a_webp,
    an_avif,
    an_exif,
    not_a_picture,
    png_chunk,
)


@pytest.mark.parametrize(("content", "content_type"), KINDS)
async def test_a_picture_is_known_by_its_bytes(content: bytes, content_type: str) -> None:
    header = await inspected(content)

    assert header == PictureHeader(
        content_type=content_type, width=16, height=12, taken_at=None, taken_at_offset_minutes=None
    )
    assert an_inspector().sniff(content[:512]) == content_type


@pytest.mark.parametrize(
    "content",
    [
        a_jpeg(exif=an_exif(original="2024:05:17 18:03:21")),
        a_png(exif=an_exif(original="2024:05:17 18:03:21")),
        a_webp(exif=an_exif(original="2024:05:17 18:03:21")),
        a_tiff(exif=an_exif(original="2024:05:17 18:03:21")),
        an_avif(exif=an_exif(original="2024:05:17 18:03:21")),
        a_heic(exif=an_exif(original="2024:05:17 18:03:21")),
        a_raf(a_jpeg(exif=an_exif(original="2024:05:17 18:03:21"))),
        a_cr3(original="2024:05:17 18:03:21"),
    ],
)
async def test_every_format_tells_when_it_was_taken(content: bytes) -> None:
    header = await inspected(content)

    assert header.taken_at == datetime(2024, 5, 17, 18, 3, 21, tzinfo=UTC)
    assert header.taken_at_offset_minutes is None


async def test_exif_may_follow_the_pixels_of_a_png() -> None:
    png = a_png()
    exif = png_chunk(b"eXIf", an_exif(original="2024:05:17 18:03:21").removeprefix(b"Exif\0\0"))

    header = await inspected(png[:-12] + exif + png[-12:])

    assert header.taken_at == datetime(2024, 5, 17, 18, 3, 21, tzinfo=UTC)


async def test_broken_exif_is_no_exif() -> None:
    broken = [
        b"Exif\0\0",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0" + bytes(50),
        b"Exif\0\0MM\0*\0\0\0\x08\xff\xff",
    ]

    headers = [await inspected(a_jpeg(exif=exif)) for exif in broken]

    assert [(header.width, header.taken_at) for header in headers] == [(16, None)] * 4


@pytest.mark.parametrize(("kind", "content"), NOT_PICTURES.items(), ids=list(NOT_PICTURES))
async def test_a_refusal_says_what_the_file_is_and_what_is_accepted(kind: str, content: bytes) -> None:
    with pytest.raises(UnsupportedImage) as refusal:
        await inspected(content)

    assert refusal.value.detail == f"The file is {kind}; accepted are {ACCEPTED_FORMATS}."
    with pytest.raises(UnsupportedImage, match="accepted are"):
        an_inspector().sniff(content)


async def test_a_picture_behind_another_magic_is_not_looked_for() -> None:
    with pytest.raises(UnsupportedImage, match="The file is HTML"):
        await inspected(not_a_picture("HTML") + a_jpeg())


async def test_a_few_reads_are_enough_for_a_large_file() -> None:
    source = PictureSource(a_jpeg(exif=an_exif(orientation=6)) + bytes(20_000_000))

    await an_inspector().inspect(source)

    assert source.reads == [(0, 65536)]


async def test_what_the_source_raises_is_not_blamed_on_the_picture() -> None:
    class Unreachable(PictureSource):
        async def read(self, offset: int, length: int) -> bytes:
            raise BlobStoreUnavailable("gone")

    with pytest.raises(BlobStoreUnavailable, match="gone"):
        await an_inspector().inspect(Unreachable(a_jpeg()))


async def test_reading_ends_when_nobody_waits_for_it_any_more() -> None:
    started, ended = asyncio.Event(), asyncio.Event()

    class Silent(PictureSource):
        async def read(self, offset: int, length: int) -> bytes:
            started.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()
            return b""

    inspection = asyncio.create_task(an_inspector().inspect(Silent(a_jpeg())))
    await started.wait()

    inspection.cancel()

    with pytest.raises(asyncio.CancelledError):
        await inspection
    await asyncio.wait_for(ended.wait(), timeout=2)
