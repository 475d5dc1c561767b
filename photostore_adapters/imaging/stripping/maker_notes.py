"""Which cameras' notes may stay where no place may.

Nobody but the maker knows all that is in them, and some name cities (Panasonic, Pentax, Casio, Samsung, newer Nikons) or
hold positions (DJI, Kodak). So only those stay whose known tags, as ExifTool lists them, hold no place: a time zone, which
Canon's name by a city, is none.
"""

from photostore_adapters.imaging.reading import BrokenPictureError
from photostore_adapters.imaging.stripping.exif_rows import ExifBytes
from photostore_adapters.imaging.stripping.places import mentions_place

_PLACELESS = (b"Apple iOS\0", b"FUJIFILM", b"OLYMP\0", b"OLYMPUS\0", b"OM SYSTEM\0", b"SONY DSC \0", b"SONY CAM \0")
_NIKON, _NIKON_TIFF, _NIKON_LOCATION = b"Nikon\0\2", 10, 0x39


def may_stay(note: bytes, make: bytes) -> bool:
    """`make` is the camera's, since Canon's notes begin with no name."""
    if mentions_place(note):
        return False
    if note.startswith(_NIKON):
        return _is_placeless_nikon(note[_NIKON_TIFF:])
    return note.startswith(_PLACELESS) or make.upper().startswith(b"CANON")


def _is_placeless_nikon(tiff: bytes) -> bool:
    try:
        exif = ExifBytes(tiff)
        return all(row.tag != _NIKON_LOCATION for row in exif.rows(exif.first_offset))
    except BrokenPictureError:
        return False
