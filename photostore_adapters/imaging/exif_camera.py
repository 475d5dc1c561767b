"""What took the picture, from EXIF's directories (Exif 3.0; APEX as in its annex C). What cannot be true is not told."""

import math

from photostore.photo.picture import Camera
from photostore_adapters.imaging.exif import ExifDirectories
from photostore_adapters.imaging.texts import cleaned, decoded
from photostore_adapters.imaging.tiff import Directory

_MAX_TEXT = 128
_MAX_BYTES = 1024
_LONGEST_EXPOSURE = 2 * 24 * 60 * 60.0
_ISO_ELSEWHERE = 65535


def camera_in(directories: ExifDirectories) -> Camera | None:
    """`None` when nothing is known of it."""
    first = directories.first
    camera = Camera(
        make=_text(first, 0x10F),
        model=_text(first, 0x110) or _text(first, 0xC614),  # DNG's UniqueCameraModel
        lens=_lens(directories),
        f_number=_f_number(directories),
        exposure_seconds=_exposure(directories),
        iso=_iso(directories),
        focal_length_mm=_bounded(_quantity(directories, 0x920A), 0.001, 10_000.0, digits=6),
    )
    return None if camera == Camera() else camera


def _text(directory: Directory, tag: int) -> str | None:
    content = directory.raw(tag)
    if content is None or directory.text(tag) is None:
        return None
    read = content.read(0, min(content.byte_size, _MAX_BYTES))
    return cleaned(decoded(read.split(b"\0")[0]), most=_MAX_TEXT)


def _lens(directories: ExifDirectories) -> str | None:
    camera, first = directories.camera, directories.first
    named = _text(camera, 0xA434) or _text(first, 0xA434)
    if named and any(character.isalnum() for character in named):  # "----" stands for a lens without a name
        return named
    return _described(camera.values(0xA432, most=5)) or _described(first.values(0xC630, most=5))


def _described(specification: tuple[float | None, ...]) -> str | None:
    """As engraved on lenses: shortest and longest focal length, and the widest aperture at each."""
    if len(specification) != 4:
        return None
    shortest, longest = (_bounded(value, 0.001, 10_000.0, digits=4) for value in specification[:2])
    apertures = [_bounded(value, 0.5, 512.0, digits=3) for value in specification[2:]]
    if shortest is None and longest is None:
        return None
    lengths = _range([shortest, longest])
    return f"{lengths}mm f/{_range(apertures)}" if any(apertures) else f"{lengths}mm"


def _range(values: list[float | None]) -> str:
    known = [f"{value:g}" for value in values if value is not None]
    return "-".join(dict.fromkeys(known))


def _f_number(directories: ExifDirectories) -> float | None:
    if _quantity(directories, 0x829D) is not None:
        return _bounded(_quantity(directories, 0x829D), 0.5, 512.0, digits=4)
    aperture = _apex(_quantity(directories, 0x9202))
    return _bounded(None if aperture is None else math.sqrt(aperture), 0.5, 512.0, digits=3)


def _exposure(directories: ExifDirectories) -> float | None:
    if _quantity(directories, 0x829A) is not None:
        return _bounded(_quantity(directories, 0x829A), 1e-9, _LONGEST_EXPOSURE, digits=6)
    speed = _apex(_quantity(directories, 0x9201))
    return _bounded(None if speed is None else 1 / speed, 1e-9, _LONGEST_EXPOSURE, digits=3)


def _apex(value: float | None) -> float | None:
    return 2.0**value if value is not None and abs(value) < 64 else None


def _iso(directories: ExifDirectories) -> int | None:
    """The old tag has no room for more than 65,535, and says so where it would need it."""
    for tag in (0x8827, 0x8832, 0x8833):
        value = directories.camera.number(tag) or directories.first.number(tag)
        if value is not None and value != _ISO_ELSEWHERE and 1 <= value <= 10_000_000:
            return value
    return None


def _quantity(directories: ExifDirectories, tag: int) -> float | None:
    """TIFF/EP files keep the camera's tags in the first directory."""
    values = directories.camera.quantities(tag, most=1) or directories.first.quantities(tag, most=1)
    return values[0] if values else None


def _bounded(value: float | None, least: float, most: float, *, digits: int) -> float | None:
    """As many digits as mean something: cameras write 1.7799999713 for 1.78."""
    return float(f"{value:.{digits}g}") if value is not None and least <= value <= most else None
