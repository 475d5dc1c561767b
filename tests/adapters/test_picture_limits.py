import asyncio
import time
from contextlib import suppress
from struct import pack

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from photostore.shared.blobs import BlobStoreUnavailable
from photostore.upload.pictures import UnsupportedImage
from photostore_adapters.imaging.settings import PictureLimits
from tests.adapters.inspecting import CAMERA_KINDS, KINDS, an_inspector, inspected
from tests.handmade_pictures import a_dng, a_heic, box, tiff_of
from tests.pictures import PictureSource, a_gif, a_jpeg, a_png, a_png_header, a_tiff, a_webp, an_avif, png_chunk

SMALL = PictureLimits(
    max_pixels=10_000,
    max_side=200,
    max_frames=5,
    max_frame_pixels=4_000,
    max_interlaced_png_pixels=5_000,
    max_jpeg_scans=4,
)
DAMAGED = [content for content, _ in KINDS + CAMERA_KINDS]


async def refusal_of(content: bytes, limits: PictureLimits | None = None) -> str:
    with pytest.raises(UnsupportedImage) as refusal:
        await an_inspector(limits).inspect(PictureSource(content))
    return refusal.value.detail


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (a_png_header(101, 100), "The picture has 10100 pixels; the limit is 10000."),
        (a_heic(200, 100), "The picture has 20000 pixels; the limit is 10000."),
        (a_dng(200, 100), "The picture has 20000 pixels; the limit is 10000."),
        (a_png_header(201, 1), "The picture has 201 x 1 pixels; the limit is 200 on a side."),
        (a_jpeg(4, 201), "The picture has 4 x 201 pixels; the limit is 200 on a side."),
        (a_gif(4, 4, frames=6), "The picture has 6 frames; the limit is 5."),
        (a_webp(4, 4, frames=6), "The picture has 6 frames; the limit is 5."),
        (a_tiff(4, 4, frames=6), "The picture has 6 frames; the limit is 5."),
        (an_avif(4, 4, frames=6), "The picture has 6 frames; the limit is 5."),
        (a_png_header(4, 4, frames=6), "The picture has 6 frames; the limit is 5."),
        (a_gif(50, 50, frames=2), "The picture has 5000 pixels in 2 frames; the limit is 4000."),
        (a_png_header(99, 99, interlaced=True), "The picture has 9801 pixels, interlaced; the limit is 5000."),
        (a_jpeg(64, 64, progressive=True), "scans; the limit is 4."),
    ],
)
async def test_a_picture_past_a_limit_is_refused_with_the_limit(content: bytes, told: str) -> None:
    assert told in await refusal_of(content, SMALL)


@pytest.mark.parametrize("content", [a_png_header(100, 100), a_gif(20, 20, frames=5), a_jpeg(200, 50)])
async def test_a_picture_at_a_limit_passes(content: bytes) -> None:
    await an_inspector(SMALL).inspect(PictureSource(content))


async def test_a_frame_larger_than_its_gif_counts() -> None:
    gif = bytearray(a_gif(4, 4))
    descriptor = gif.index(b"\x2c\0\0\0\0\x04\0\x04\0")
    gif[descriptor + 5 : descriptor + 9] = pack("<HH", 150, 150)

    assert "22500 pixels" in await refusal_of(bytes(gif), SMALL)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff\xe0",
        b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(range(256)) * 8,
        b"\xff\xd8" + b"\xff\xfe\0\2" * 100_000,
        a_jpeg().replace(b"\xff\xc0\0\x11\x08\0\x0c", b"\xff\xc0\0\x11\x08\0\0"),
        a_png_header(0, 10),
        a_png()[:40],
        a_png()[:16] + b"\0\0\0\x11" + a_png()[20:],
        a_png()[:33] + png_chunk(b"tEXt", b"") * 5000 + a_png()[33:],
        a_gif()[:13],
        a_gif(frames=2)[:-9],
        a_webp()[:-4],
        a_webp(frames=2)[:60],
        tiff_of({0x100: 9, 0x101: 9}),
        tiff_of({0x100: 9, 0x101: 9, 0x111: 4_000_000}),
        b"II*\0\xff\xff\xff\xff",
        b"II+\0\x08\0\0\0" + b"\xff" * 64,
        a_heic().partition(b"pixels")[0],
        a_heic().replace(b"ispe", b"free"),
        a_heic().replace(b"pitm", b"free"),
        box(b"ftyp", b"heic\0\0\0\0heic") + box(b"free", b"") * 10_000,
        box(b"ftyp", b"heic\0\0\0\0heic") + b"\0\0\0\4meta",
        box(b"ftyp", b"crx \0\0\0\0crx ") + box(b"moov", b""),
        b"FUJIFILMCCD-RAW " + bytes(200),
    ],
)
async def test_a_broken_header_is_refused(content: bytes) -> None:
    told = await refusal_of(content)

    assert "broken" in told or "empty" in told


async def test_a_chain_of_pages_that_returns_to_itself_ends() -> None:
    page = tiff_of({0x100: 9, 0x101: 9, 0x111: 8})
    following = 8 + 2 + 3 * 12

    header = await inspected(page[:following] + pack("<I", 8) + page[following + 4 :])

    assert header.width == 9


async def test_text_that_would_inflate_to_gigabytes_is_not_inflated() -> None:
    png = a_png()
    bomb = png_chunk(b"zTXt", b"Comment\0\0" + b"\x78\x9c" + bytes(300_000))

    header = await inspected(png[:33] + bomb + png[33:])

    assert header.width == 16


async def test_a_header_spread_over_the_file_is_refused_before_it_is_read_whole() -> None:
    segment = b"\xff\xfe\xff\xff" + bytes(65533)
    source = PictureSource(b"\xff\xd8" + segment * 1500)

    with pytest.raises(UnsupportedImage, match="spread over too many bytes"):
        await an_inspector().inspect(source)

    assert sum(length for _, length in source.reads) <= PictureLimits().max_header_bytes


async def test_an_animation_too_large_to_count_is_left_to_the_decoder() -> None:
    gif = a_gif(frames=2)[:-1] * 2000
    source = PictureSource(gif + b"\x2c\0\0\0\0\4\0\4\0\0\2" + (b"\xff" + bytes(255)) * 20_000)

    header = await an_inspector(PictureLimits(max_header_bytes=1_000_000)).inspect(source)

    assert header.width == 16
    assert sum(length for _, length in source.reads) <= 1_000_000


async def test_a_header_that_takes_too_long_to_read_is_refused() -> None:
    gif = a_gif()[:-1] + b"\x21\xfe" + b"\1\0" * 2_000_000

    assert "takes too long" in await refusal_of(gif, PictureLimits(max_parse_seconds=0.05))


async def test_a_store_that_does_not_answer_is_not_waited_for_without_end() -> None:
    class Silent(PictureSource):
        async def read(self, offset: int, length: int) -> bytes:
            await asyncio.Event().wait()
            return b""

    with pytest.raises(BlobStoreUnavailable, match="in time"):
        await an_inspector(PictureLimits(max_wait_seconds=0.01)).inspect(Silent(a_jpeg()))


async def test_a_source_shorter_than_it_says_is_refused() -> None:
    source = PictureSource(a_jpeg())
    source.byte_size += 100

    with pytest.raises(UnsupportedImage, match="cut short"):
        await an_inspector().inspect(source)


async def survives(content: bytes) -> None:
    started = time.thread_time()
    with suppress(UnsupportedImage):
        await an_inspector().inspect(PictureSource(content))
    with suppress(UnsupportedImage):
        an_inspector().sniff(content[:512])
    assert time.thread_time() - started < 2


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(magic=st.sampled_from([content[:16] for content in DAMAGED] + [b""]), rest=st.binary(max_size=400))
@example(magic=b"II*\0\x08\0\0\0", rest=b"\xff" * 400)
async def test_noise_is_refused_and_nothing_else_happens(magic: bytes, rest: bytes) -> None:
    await survives(magic + rest)


@settings(
    max_examples=400, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(
    content=st.sampled_from(DAMAGED),
    edits=st.lists(st.tuples(st.integers(0, 2000), st.binary(min_size=1, max_size=4)), min_size=1, max_size=8),
    length=st.integers(0, 4000),
)
async def test_a_damaged_picture_passes_or_is_refused_and_nothing_else_happens(
    content: bytes, edits: list[tuple[int, bytes]], length: int
) -> None:
    damaged = bytearray(content)
    for offset, value in edits:
        start = offset % len(damaged)
        damaged[start : start + len(value)] = value

    await survives(bytes(damaged[: max(length, 16)]))
