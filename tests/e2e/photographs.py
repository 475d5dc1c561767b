"""Pictures as cameras and programs leave them, and some that were made to do harm."""

from io import BytesIO
from random import Random
from struct import pack
from zlib import Z_FULL_FLUSH, compressobj

import numpy as np
from PIL import Image

from tests.handmade_metadata import an_iptc, jpeg_iptc, tags_for
from tests.pictures import png_chunk

TAKEN_AT = "2024-05-17T16:03:21.137000Z"
OFFSET_MINUTES = 120
LOCATION = {"latitude": -33.8568, "longitude": 151.2153, "altitude_m": 12.5}
CAMERA = {
    "make": "Testco",
    "model": "Phone 9",
    "lens": "Testco 24mm",
    "f_number": 1.8,
    "exposure_seconds": 0.008,
    "iso": 64,
    "focal_length_mm": 6.5,
}


def a_scene(width: int, height: int, *, seed: int = 1) -> Image.Image:
    """Soft shapes in colour, other ones for another seed."""
    shapes = Image.frombytes("RGB", (16, 12), Random(seed).randbytes(16 * 12 * 3))
    return shapes.resize((width, height), Image.Resampling.BICUBIC)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def a_phone_photo(width: int = 2000, height: int = 1500, *, seed: int = 1) -> bytes:
    """A JPEG that must be turned by 90 degrees (orientation 6), and says when, where and with what it was taken."""
    tags = tags_for(
        first={0x10F: "Testco", 0x110: "Phone 9", 0x112: 6},
        camera={
            0x829A: ((1, 125),),
            0x829D: ((18, 10),),
            0x8827: 64,
            0x9003: "2024:05:17 18:03:21",
            0x9011: "+02:00",
            0x9291: "137",
            0x920A: ((65, 10),),
            0xA434: "Testco 24mm",
        },
        position={
            1: "S",
            2: ((33, 1), (51, 1), (2448, 100)),
            3: "E",
            4: ((151, 1), (12, 1), (5508, 100)),
            6: ((125, 10),),
        },
    )
    jpeg = saved(a_scene(width, height, seed=seed), "JPEG", quality=90, exif=tags)
    marker, content = jpeg_iptc(an_iptc(b"Opera House", "Évening".encode(), utf_8=True))
    segment = b"\xff" + bytes([marker]) + pack(">H", len(content) + 2) + content
    # Behind JFIF, which wants to be the first.
    behind = 4 + int.from_bytes(jpeg[4:6])
    return jpeg[:behind] + segment + jpeg[behind:]


def a_deep_tiff(width: int = 640, height: int = 400) -> bytes:
    """16 bits, grey."""
    rows, columns = np.mgrid[0:height, 0:width]
    return saved(Image.fromarray((rows * 97 + columns * 61 & 0xFFFF).astype(np.uint16)), "TIFF")


def a_slow_png(width: int, height: int) -> bytes:
    """Small, honest, and long in decoding: 16 bits in four channels, each line told by its difference to the one above."""
    paeth, line = 4, 1 + width * 8
    # The checksum as it comes out, without reading gigabytes.
    low, high = 1 + paeth * height, line * (height + paeth * height * (height + 1) // 2)
    packer = compressobj(6, wbits=-15)
    packed = packer.compress(bytes([paeth]) + bytes(line - 1)) + packer.flush(Z_FULL_FLUSH)
    pixels = packed * height + packer.flush() + pack(">HH", high % 65521, low % 65521)
    return _png_of(width, height, pixels, interlaced=False)


def a_large_png(side: int) -> bytes:
    """Small, honest, and interlaced, so that it needs memory for all of its pixels at once."""
    passes = [(8, 8), (8, 8), (4, 8), (4, 4), (2, 4), (2, 2), (1, 2)]
    starts = [(0, 0), (4, 0), (0, 4), (2, 0), (0, 2), (1, 0), (0, 1)]
    length = 0
    for (across, down), (left, top) in zip(passes, starts, strict=True):
        length += -(-(side - top) // down) * (1 + -(-(side - left) // across) * 8)
    packer = compressobj(6, wbits=-15)
    whole, rest = divmod(length, 1 << 20)
    packed = packer.compress(bytes(1 << 20)) + packer.flush(Z_FULL_FLUSH)
    pixels = packed * whole + packer.compress(bytes(rest)) + packer.flush() + pack(">HH", length % 65521, 1)
    return _png_of(side, side, pixels, interlaced=True)


def _png_of(width: int, height: int, packed: bytes, *, interlaced: bool) -> bytes:
    header = png_chunk(b"IHDR", pack(">IIBBBBB", width, height, 16, 6, 0, 0, int(interlaced)))
    pixels = png_chunk(b"IDAT", b"\x78\x9c" + packed)
    return b"\x89PNG\r\n\x1a\n" + header + pixels + png_chunk(b"IEND", b"")
