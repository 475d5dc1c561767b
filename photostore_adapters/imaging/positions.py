"""Positions that can be true."""

import math

from photostore.photo.picture import Location

_DEEPEST, _HIGHEST = -12_000.0, 100_000.0


def location(latitude: float | None, longitude: float | None, altitude: float | None = None) -> Location | None:
    """Nothing without both coordinates, nothing off the globe, and nothing at (0, 0), which is how receivers say that
    they do not know. Rounded to about a centimetre."""
    if latitude is None or longitude is None or not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    latitude, longitude = round(latitude, 7) + 0.0, round(longitude, 7) + 0.0  # no negative nought
    if latitude == longitude == 0:
        return None
    if altitude is not None and not _DEEPEST <= altitude <= _HIGHEST:
        altitude = None
    rounded = None if altitude is None else round(altitude, 2) + 0.0
    return Location(latitude=latitude, longitude=longitude, altitude_m=rounded)


def degrees(parts: tuple[float, ...]) -> float | None:
    """Degrees, and minutes and seconds where there are any; a sign of the degrees is the sign of them all."""
    if not 1 <= len(parts) <= 3 or not all(math.isfinite(part) for part in parts):
        return None
    whole, minutes, seconds = (*parts, 0.0, 0.0)[:3]
    if not (0 <= minutes <= 60 and 0 <= seconds <= 60):
        return None
    return math.copysign(abs(whole) + minutes / 60 + seconds / 3600, whole)
