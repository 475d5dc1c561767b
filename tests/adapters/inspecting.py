"""An inspector, and one picture of every kind that it accepts."""

from datetime import UTC, datetime

from photostore.shared.clock import Clock
from photostore.upload.pictures import PictureHeader
from photostore_adapters.imaging.inspector import HeaderInspector
from photostore_adapters.imaging.settings import PictureLimits
from tests.handmade_pictures import a_cr2, a_cr3, a_dng, a_heic, a_raf, a_raw, an_rw2, tiff_of
from tests.pictures import (
    PictureSource,
    a_gif,
    a_jpeg,
    a_png,
    a_tiff,
    a_webp,
    an_avif,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class StoppedClock(Clock):
    def now(self) -> datetime:
        return NOW


def an_inspector(limits: PictureLimits | None = None) -> HeaderInspector:
    return HeaderInspector(limits or PictureLimits(), StoppedClock())


async def inspected(content: bytes) -> PictureHeader:
    return await an_inspector().inspect(PictureSource(content))


KINDS = [
    (a_jpeg(), "image/jpeg"),
    (a_jpeg(progressive=True), "image/jpeg"),
    (a_png(), "image/png"),
    (a_gif(), "image/gif"),
    (a_gif(frames=3), "image/gif"),
    (a_webp(), "image/webp"),
    (a_webp(lossless=True), "image/webp"),
    (a_webp(frames=3), "image/webp"),
    (a_tiff(), "image/tiff"),
    (a_tiff(frames=3), "image/tiff"),
    (an_avif(), "image/avif"),
    (an_avif(frames=3), "image/avif"),
    (a_heic(16, 12), "image/heic"),
    (a_heic(16, 12, brands=(b"mif1", b"mif1", b"heic")), "image/heic"),
    (a_heic(16, 12, brands=(b"mif1", b"mif1")), "image/heif"),
    (a_heic(16, 12, brands=(b"cust", b"mif1", b"heic")), "image/heic"),
]
CAMERA_KINDS = [
    (a_dng(), "image/x-adobe-dng"),
    (a_dng(4100, 3080, crop=(4000, 3000)), "image/x-adobe-dng"),
    (a_raw("NIKON CORPORATION"), "image/x-nikon-nef"),
    (a_raw("SONY"), "image/x-sony-arw"),
    (a_raw("PENTAX Corporation"), "image/x-pentax-pef"),
    (a_raw("Nobody"), "image/x-raw"),
    (a_raw("OLYMPUS", magic=b"IIRO"), "image/x-olympus-orf"),
    (tiff_of({0x100: 4000, 0x101: 3000}, magic=b"IIRS"), "image/x-olympus-orf"),
    (a_cr2(), "image/x-canon-cr2"),
    (an_rw2(), "image/x-panasonic-rw2"),
    (a_cr3(), "image/x-canon-cr3"),
    (a_raf(a_jpeg()), "image/x-fuji-raf"),
]
