"""Small pictures, and files that are none, for whoever needs bytes. Deterministic: the same arguments, the same bytes."""

from io import BytesIO
from struct import pack
from zlib import compress, crc32

from PIL import Image

from photostore.upload.pictures import ByteSource


class PictureSource(ByteSource):
    """Bytes in memory; `reads` are the offsets and lengths that were asked for."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.byte_size = len(content)
        self.reads: list[tuple[int, int]] = []

    async def read(self, offset: int, length: int) -> bytes:
        self.reads.append((offset, length))
        return self._content[offset : offset + length]


def an_exif(
    *,
    orientation: int | None = None,
    original: str | None = None,
    original_fraction: str | None = None,
    original_offset: str | None = None,
    digitized: str | None = None,
    digitized_offset: str | None = None,
    offset: str | None = None,
    changed: str | None = None,
    gps_date: str | None = None,
    gps_time: tuple[float, float, float] | None = None,
) -> bytes:
    exif = Image.Exif()
    tags = {0x9003: original, 0x9291: original_fraction, 0x9011: original_offset}
    tags |= {0x9004: digitized, 0x9012: digitized_offset, 0x9010: offset}
    exif.update({tag: value for tag, value in {0x112: orientation, 0x132: changed}.items() if value is not None})
    exif.get_ifd(0x8769).update({tag: value for tag, value in tags.items() if value is not None})
    gps = {0x1D: gps_date, 0x07: gps_time}
    exif.get_ifd(0x8825).update({tag: value for tag, value in gps.items() if value is not None})
    return exif.tobytes()


def a_jpeg(width: int = 16, height: int = 12, *, exif: bytes = b"", progressive: bool = False) -> bytes:
    return _encoded("JPEG", width, height, exif=exif, progressive=progressive)


def a_png(width: int = 16, height: int = 12, *, exif: bytes = b"") -> bytes:
    return _encoded("PNG", width, height, exif=exif)


def a_png_header(width: int, height: int, *, interlaced: bool = False, frames: int = 1) -> bytes:
    """A PNG that declares its size, and has hardly a pixel: the cheapest bomb."""
    header = pack(">IIBBBBB", width, height, 8, 2, 0, 0, int(interlaced))
    animation = png_chunk(b"acTL", pack(">II", frames, 0)) if frames > 1 else b""
    pixels = png_chunk(b"IDAT", compress(b"\0" * 64))
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + animation + pixels + png_chunk(b"IEND", b"")


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return pack(">I", len(content)) + kind + content + pack(">I", crc32(kind + content))


def a_gif(width: int = 16, height: int = 12, *, frames: int = 1) -> bytes:
    return _encoded("GIF", width, height, frames=frames)


def a_webp(width: int = 16, height: int = 12, *, exif: bytes = b"", lossless: bool = False, frames: int = 1) -> bytes:
    return _encoded("WEBP", width, height, exif=exif, lossless=lossless, frames=frames)


def a_tiff(width: int = 16, height: int = 12, *, exif: bytes = b"", frames: int = 1) -> bytes:
    return _encoded("TIFF", width, height, exif=exif, frames=frames)


def an_avif(width: int = 16, height: int = 12, *, exif: bytes = b"", frames: int = 1) -> bytes:
    return _encoded("AVIF", width, height, exif=exif, frames=frames, speed=10)


def not_a_picture(kind: str) -> bytes:
    """Bytes of a `kind` in `NOT_PICTURES`."""
    return NOT_PICTURES[kind]


NOT_PICTURES = {
    "empty": b"",
    "HTML": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
    "SVG": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    "PDF": b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n",
    "plain text": "1,2,3\nquatre, cinq, six: à bientôt\n".encode(),
    "JPEG XL": b"\xff\x0a\xba\x12\x1b\x00\x13\x88\x02\x00",
    "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 ",
    "a video (MP4 or QuickTime)": b"\0\0\0\x18ftypisom\0\0\x02\0isommp42\0\0\0\x08free",
    "a video (AVI)": b"RIFF\x24\0\0\0AVI LIST",
    "audio (WAV)": b"RIFF\x24\0\0\0WAVEfmt ",
    "audio (MP3)": b"ID3\x04\0\0\0\0\0\0",
    "a ZIP archive": b"PK\x03\x04\x14\0\0\0\0\0",
    "Photoshop (PSD)": b"8BPS\0\x01\0\0\0\0\0\0\0\x03",
    "BMP": b"BM\xe8\x03\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0",
    "PostScript (EPS)": b"%!PS-Adobe-3.0 EPSF-3.0\n",
    "a program (ELF)": b"\x7fELF\x02\x01\x01\0",
    "an icon (ICO)": b"\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0",
    "of a kind that is not known": bytes(range(128, 256)) * 4,
}


def _encoded(kind: str, width: int, height: int, *, exif: bytes = b"", frames: int = 1, **options: object) -> bytes:
    pictures = [_picture(width, height, number) for number in range(frames)]
    if exif:
        options["exif"] = exif
    if frames > 1:
        options |= {"save_all": True, "append_images": pictures[1:]}
    file = BytesIO()
    pictures[0].save(file, kind, **options)
    return file.getvalue()


def _picture(width: int, height: int, number: int) -> Image.Image:
    """Every frame differs from the others, or encoders would merge them."""
    return Image.new("RGB", (width, height), (number * 37 % 256, number // 7 % 256, 90))
