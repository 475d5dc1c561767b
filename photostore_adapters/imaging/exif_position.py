"""Where a picture was taken, from EXIF's GPS directory."""

from photostore.photo.picture import Location
from photostore_adapters.imaging.exif import ExifDirectories
from photostore_adapters.imaging.positions import degrees, location
from photostore_adapters.imaging.tiff import Directory

_BELOW_THE_SEA = {1, 3}  # 3: below the ellipsoid, since Exif 3.0


def location_in(directories: ExifDirectories) -> Location | None:
    gps = directories.position
    return location(_coordinate(gps, 1, "N", "S"), _coordinate(gps, 3, "E", "W"), _altitude(gps))


def _coordinate(gps: Directory, tag: int, positive: str, negative: str) -> float | None:
    """Without its letter, a coordinate could lie on either side of the globe; a sign, which should not be, says which."""
    angle = degrees(gps.quantities(tag + 1, most=3))
    side = (gps.text(tag) or "")[:1].upper()
    if angle is None or side == negative:
        return None if angle is None else -abs(angle)
    return angle if side == positive or angle < 0 else None


def _altitude(gps: Directory) -> float | None:
    metres = gps.quantities(6, most=1)
    if not metres:
        return None
    return -abs(metres[0]) if gps.number(5) in _BELOW_THE_SEA else metres[0]
