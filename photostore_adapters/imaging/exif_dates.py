"""When a picture was taken, from tags that may say anything.

DateTime (306) is when the file was last changed, not when it was taken, and is never used. The GPS clock is UTC but often
that of an earlier fix: it only tells how far the camera's clock is from UTC, where the camera does not tell it itself.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from photostore_adapters.imaging.exif import ExifTags

_DATE = re.compile(
    r"(\d{4})[:/.-](\d{1,2})[:/.-](\d{1,2})[ T:](\d{1,2}):(\d{1,2})(?::(\d{1,2}))?(?:\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_DAY = re.compile(r"(\d{4})[:/-](\d{1,2})[:/-](\d{1,2})", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d{2})", re.ASCII)
_FRACTION = re.compile(r"\d{1,9}", re.ASCII)
_FIRST_PHOTOGRAPH = datetime(1826, 1, 1, tzinfo=UTC)
_MOST_MINUTES = 14 * 60


def taken(tags: ExifTags, *, now: datetime) -> tuple[datetime | None, int | None]:
    """UTC and the offset in minutes; without an offset, the camera's clock as if it were UTC, and `None`.

    Nothing before the first photograph, nothing later than a day from `now`.
    """
    offsets = (tags.original_offset, tags.digitized_offset, tags.offset)
    found = _taken(tags, tags.original, tags.original_fraction, offsets, now)
    if found is None:
        offsets = (tags.digitized_offset, tags.offset, tags.original_offset)
        found = _taken(tags, tags.digitized, tags.digitized_fraction, offsets, now)
    return found or (None, None)


def _taken(
    tags: ExifTags, text: str | None, fraction: str | None, offsets: tuple[str | None, ...], now: datetime
) -> tuple[datetime, int | None] | None:
    matched = _DATE.fullmatch(text or "")
    clock = _datetime(matched.groups()[:6]) if matched else None
    if matched is None or clock is None:
        return None
    told = (_minutes(offset) for offset in (*offsets, matched[7]))
    minutes = next((offset for offset in told if offset is not None), None)
    if minutes is None:
        minutes = _minutes_from_gps(tags, clock)
    taken_at = clock + _subsecond(fraction) - timedelta(minutes=minutes or 0)
    if not _FIRST_PHOTOGRAPH <= taken_at <= now + timedelta(days=1):
        return None
    return taken_at, minutes


def _datetime(parts: Sequence[str | None]) -> datetime | None:
    year, month, day, hour, minute, second = (*(int(part or 0) for part in parts), 0, 0, 0)[:6]
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return moment if 1800 < year < 9000 else None  # room for every sum made of it


def _minutes(offset: str | None) -> int | None:
    if offset == "Z":
        return 0
    matched = _OFFSET.fullmatch(offset or "")
    if matched is None or int(matched[3]) > 59:
        return None
    minutes = int(matched[2]) * 60 + int(matched[3])
    return (minutes if matched[1] == "+" else -minutes) if minutes <= _MOST_MINUTES else None


def _subsecond(fraction: str | None) -> timedelta:
    digits = fraction if fraction and _FRACTION.fullmatch(fraction) else "0"
    return timedelta(microseconds=int(digits.ljust(6, "0")[:6]))


def _minutes_from_gps(tags: ExifTags, clock: datetime) -> int | None:
    matched = _DAY.fullmatch(tags.gps_date or "")
    day = _datetime(matched.groups()) if matched else None
    if day is None or len(tags.gps_time) != 3:
        return None
    hours, minutes, seconds = tags.gps_time
    if not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= seconds <= 60):
        return None
    fix = day + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    offset = round((clock - fix) / timedelta(minutes=15)) * 15
    return offset if abs(offset) <= _MOST_MINUTES else None
