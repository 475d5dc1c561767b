"""What a picture's metadata say. Part by part: what is broken in one costs nothing of the others."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

from photostore.photo.picture import PictureFacts
from photostore_adapters.imaging import sniffing
from photostore_adapters.imaging.budget import Budgeted
from photostore_adapters.imaging.cr3 import parse_cr3
from photostore_adapters.imaging.embedded import Block
from photostore_adapters.imaging.exif import ExifTags, exif_of
from photostore_adapters.imaging.exif_camera import camera_in
from photostore_adapters.imaging.exif_dates import taken
from photostore_adapters.imaging.exif_position import location_in
from photostore_adapters.imaging.gif_xmp import parse_gif_with_xmp
from photostore_adapters.imaging.heif import parse_heif
from photostore_adapters.imaging.iptc import DATE_CREATED, KEYWORDS, TIME_CREATED, Datasets, iptc_in
from photostore_adapters.imaging.jpeg import parse_jpeg
from photostore_adapters.imaging.keywords import joined, keywords_of_windows
from photostore_adapters.imaging.parsed import ParsedPicture
from photostore_adapters.imaging.png import parse_png
from photostore_adapters.imaging.png_texts import EXIF, profiles_in
from photostore_adapters.imaging.raf import parse_raf
from photostore_adapters.imaging.reading import InMemory, View
from photostore_adapters.imaging.tiff_pictures import parse_tiff
from photostore_adapters.imaging.webp import parse_webp
from photostore_adapters.imaging.xmp import SUBJECT, Properties
from photostore_adapters.imaging.xmp_packets import xmp_in
from photostore_adapters.imaging.xmp_values import location_in_xmp, times_in_xmp

_PARSERS: dict[str, Callable[[View], ParsedPicture]] = {
    sniffing.JPEG: parse_jpeg,
    sniffing.PNG: partial(parse_png, to_the_end=True),
    sniffing.WEBP: parse_webp,
    sniffing.GIF: parse_gif_with_xmp,
    sniffing.HEIC: parse_heif,
    sniffing.HEIF: parse_heif,
    sniffing.AVIF: parse_heif,
    sniffing.CR3: parse_cr3,
    sniffing.RAF: parse_raf,
}
_BEGINNINGS = (b"Exif", b"II", b"MM")
_MOST_OF_A_PART = 4 * 1024 * 1024

Part = TypeVar("Part")


def facts_of(view: View, *, content_type: str, now: datetime) -> PictureFacts:
    """Never raises for what the bytes say; only what the view itself fails with (an `OSError`) passes.

    `content_type` as the upload was found to be. Reads at most 4 MiB for each part, whatever the file asks for.
    """
    reading = _Reading(view)
    parsed = reading.part(partial(_PARSERS.get(content_type, parse_tiff), reading.view))
    if parsed is None:
        return PictureFacts()
    exif = parsed.exif
    if exif == ExifTags():
        exif = reading.part(partial(_exif_in_text, parsed.blocks)) or exif
    xmp = reading.part(partial(xmp_in, parsed.blocks)) or {}
    iptc = reading.part(partial(iptc_in, parsed.blocks)) or {}
    return _facts(reading, exif, xmp, iptc, now)


def _facts(reading: "_Reading", exif: ExifTags, xmp: Properties, iptc: Datasets, now: datetime) -> PictureFacts:
    times = [exif, *times_in_xmp(xmp), *_time_in_iptc(iptc)]
    taken_at, offset = reading.part(partial(_first_taken, times, now)) or (None, None)
    location = reading.part(partial(location_in, exif.directories))
    of_windows = reading.part(partial(keywords_of_windows, exif.directories)) or []
    return PictureFacts(
        taken_at=taken_at,
        taken_at_offset_minutes=offset,
        camera=reading.part(partial(camera_in, exif.directories)),
        location=location or reading.part(partial(location_in_xmp, xmp)),
        keywords=joined(iptc.get(KEYWORDS, ()), xmp.get(SUBJECT, ()), of_windows),
    )


class _Reading:
    """One view, read for one part after another."""

    def __init__(self, view: View) -> None:
        self.view = Budgeted(view, _MOST_OF_A_PART)

    def part(self, read: Callable[[], Part]) -> Part | None:
        self.view.renew()
        try:
            return read()
        except OSError:
            raise
        except Exception:  # noqa: BLE001 - whatever a parser stumbles on, it is the bytes that are hostile
            return None


def _exif_in_text(blocks: Sequence[Block]) -> ExifTags:
    """Before PNG had a chunk for EXIF, it was written as text."""
    found = (content for content in profiles_in(blocks, EXIF) if content.startswith(_BEGINNINGS))
    return next((exif_of(InMemory(content)) for content in found), ExifTags())


def _first_taken(times: Sequence[ExifTags], now: datetime) -> tuple[datetime | None, int | None]:
    told = (taken(tags, now=now) for tags in times)
    return next((moment for moment in told if moment[0] is not None), (None, None))


def _time_in_iptc(iptc: Datasets) -> list[ExifTags]:
    """A day without a time of the day is no moment."""
    day, clock = iptc.get(DATE_CREATED, [""])[0], iptc.get(TIME_CREATED, [""])[0]
    if len(day) != 8 or len(clock) < 6:
        return []
    date, time = f"{day[:4]}:{day[4:6]}:{day[6:]}", f"{clock[:2]}:{clock[2:4]}:{clock[4:6]}"
    return [ExifTags(original=f"{date} {time}{clock[6:].strip()}")]
