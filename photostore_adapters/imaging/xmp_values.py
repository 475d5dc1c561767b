"""What XMP says of time and place, for pictures whose EXIF says nothing."""

import re

from photostore.photo.picture import Location
from photostore_adapters.imaging.exif import ExifTags
from photostore_adapters.imaging.positions import degrees, location
from photostore_adapters.imaging.xmp import (
    ALTITUDE,
    ALTITUDE_REFERENCE,
    CREATED,
    LATITUDE,
    LONGITUDE,
    ORIGINAL,
    Properties,
)

_NUMBER = r"\d{1,3}(?:\.\d{1,12})?"
_COORDINATE = re.compile(rf"({_NUMBER})(?:,({_NUMBER}))?(?:,({_NUMBER}))?\s*([NSEW])", re.ASCII | re.IGNORECASE)
_ALTITUDE = re.compile(r"(-?\d{1,12}(?:\.\d{1,12})?)(?:/(\d{1,12}))?", re.ASCII)
_FRACTION = re.compile(r":\d{1,2}\.(\d{1,9})", re.ASCII)


def times_in_xmp(properties: Properties) -> list[ExifTags]:
    """The times that it tells, the best first, as EXIF would have told them."""
    told = (text for name in (ORIGINAL, CREATED) for text in properties.get(name, ())[:1])
    return [ExifTags(original=text, original_fraction=_fraction(text)) for text in told]


def location_in_xmp(properties: Properties) -> Location | None:
    latitude = _coordinate(properties.get(LATITUDE, ()), "NS")
    longitude = _coordinate(properties.get(LONGITUDE, ()), "EW")
    return location(latitude, longitude, _altitude(properties))


def _fraction(text: str) -> str | None:
    matched = _FRACTION.search(text)
    return matched[1] if matched else None


def _coordinate(values: tuple[str, ...], sides: str) -> float | None:
    matched = _COORDINATE.fullmatch(values[0]) if values else None
    if matched is None or matched[4].upper() not in sides:
        return None
    angle = degrees(tuple(float(part) for part in matched.groups()[:3] if part is not None))
    return -angle if angle is not None and matched[4].upper() in "SW" else angle


def _altitude(properties: Properties) -> float | None:
    values = properties.get(ALTITUDE, ())
    matched = _ALTITUDE.fullmatch(values[0]) if values else None
    if matched is None or int(matched[2] or 1) == 0:
        return None
    metres = float(matched[1]) / int(matched[2] or 1)
    return -abs(metres) if properties.get(ALTITUDE_REFERENCE, ())[:1] == ("1",) else metres
