"""Pictures as cameras and programs leave them, and some that were made to do harm."""

from io import BytesIO
from random import Random
from struct import pack
from zlib import Z_FULL_FLUSH, compressobj

import numpy as np
from PIL import Image

from tests.handmade_metadata import an_iptc, jpeg_iptc, tags_for
from tests.pictures import a_gif, png_chunk

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
    """Small, honest, and long in decoding: nothing but zeros, of 16 bits in four channels."""
    line = 1 + width * 8
    packer = compressobj(6, wbits=-15)
    lines = packer.compress(bytes(line)) + packer.flush(Z_FULL_FLUSH)
    # The checksum of zeros needs no reading of them.
    checksum = pack(">HH", line * height % 65521, 1)
    pixels = b"\x78\x9c" + lines * height + packer.flush() + checksum
    header = png_chunk(b"IHDR", pack(">IIBBBBB", width, height, 16, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND", b"")


def a_large_canvas(side: int) -> bytes:
    """A GIF of one pixel on a canvas that needs memory as its decoder begins."""
    gif = a_gif(1, 1)
    return gif[:6] + pack("<HH", side, side) + gif[10:]
