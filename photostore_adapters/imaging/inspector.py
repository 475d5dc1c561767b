"""Headers of pictures, read in the server process: no pixel is decoded, and no code but Python's sees the bytes."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from photostore.shared.clock import Clock
from photostore.upload.pictures import ByteSource, PictureHeader, PictureInspector, UnsupportedImage
from photostore_adapters.imaging import sniffing
from photostore_adapters.imaging.cr3 import parse_cr3
from photostore_adapters.imaging.exif_dates import taken
from photostore_adapters.imaging.gif import parse_gif
from photostore_adapters.imaging.heif import parse_heif
from photostore_adapters.imaging.jpeg import parse_jpeg
from photostore_adapters.imaging.limiting import refuse_beyond
from photostore_adapters.imaging.parsed import ParsedPicture
from photostore_adapters.imaging.png import parse_png
from photostore_adapters.imaging.raf import parse_raf
from photostore_adapters.imaging.reading import BrokenPictureError, View
from photostore_adapters.imaging.settings import PictureLimits
from photostore_adapters.imaging.source_reader import SourceError, SourceReader, ThreadNeeded
from photostore_adapters.imaging.tiff_pictures import parse_tiff
from photostore_adapters.imaging.webp import parse_webp

_PARSERS: dict[str, Callable[[View], ParsedPicture]] = {
    sniffing.JPEG: parse_jpeg,
    sniffing.PNG: parse_png,
    sniffing.WEBP: parse_webp,
    sniffing.GIF: parse_gif,
    sniffing.HEIC: parse_heif,
    sniffing.HEIF: parse_heif,
    sniffing.AVIF: parse_heif,
    sniffing.CR3: parse_cr3,
    sniffing.RAF: parse_raf,
    sniffing.TIFF: parse_tiff,
    sniffing.CR2: parse_tiff,
    sniffing.ORF: parse_tiff,
    sniffing.RW2: parse_tiff,
}


class HeaderInspector(PictureInspector):
    """Bounded in bytes, time and memory, whatever the bytes are. What the source raises passes unchanged."""

    def __init__(self, limits: PictureLimits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock

    def sniff(self, head: bytes) -> str:
        return sniffing.sniff(head[: sniffing.HEAD])

    async def inspect(self, source: ByteSource) -> PictureHeader:
        reader = SourceReader(source, asyncio.get_running_loop(), self._limits)
        try:
            await reader.read_ahead()
            with suppress(ThreadNeeded):
                return self._inspect(reader)
            reader.leave_to_thread()
            return await asyncio.to_thread(self._inspect, reader)
        except SourceError as failure:
            raise failure.error from None
        finally:
            reader.close()

    def _inspect(self, reader: SourceReader) -> PictureHeader:
        content_type = ""
        try:
            content_type = sniffing.sniff(reader.read(0, min(sniffing.HEAD, reader.byte_size)))
            parsed = _PARSERS[content_type](reader)
            taken_at, offset = taken(parsed.exif, now=self._clock.now())
        except (UnsupportedImage, SourceError):
            raise
        except BrokenPictureError as broken:
            raise _refusal(content_type, f": {broken}") from broken
        except Exception as error:  # whatever a parser stumbles on, it is the bytes that are hostile
            raise _refusal(content_type, "") from error
        refuse_beyond(self._limits, parsed)
        width, height = parsed.displayed
        return PictureHeader(
            content_type=parsed.content_type,
            width=width,
            height=height,
            taken_at=taken_at,
            taken_at_offset_minutes=offset,
        )


def _refusal(content_type: str, reason: str) -> UnsupportedImage:
    kind = content_type.removeprefix("image/").removeprefix("x-").upper()
    begins = f"begins as {kind}, but " if kind else ""
    return UnsupportedImage(f"The file {begins}has a broken header{reason}.")
