"""The few EXIF tags that the header needs, and where the rest lie (Exif 3.0, CIPA DC-008)."""

from dataclasses import dataclass, field

from photostore_adapters.imaging.reading import BrokenPictureError, View, Window
from photostore_adapters.imaging.tiff import NO_DIRECTORY, Directory, Tiff

_EXIF, _GPS = 0x8769, 0x8825


@dataclass(frozen=True, slots=True, kw_only=True)
class ExifDirectories:
    """The picture's, the camera's and the GPS receiver's; they need not lie in one TIFF. An absent one is empty."""

    first: Directory = NO_DIRECTORY
    camera: Directory = NO_DIRECTORY
    position: Directory = NO_DIRECTORY


@dataclass(frozen=True, slots=True, kw_only=True)
class ExifTags:
    """As written by the camera, and not yet believed."""

    orientation: int = 1
    original: str | None = None
    original_fraction: str | None = None
    original_offset: str | None = None
    digitized: str | None = None
    digitized_fraction: str | None = None
    digitized_offset: str | None = None
    offset: str | None = None
    gps_date: str | None = None
    gps_time: tuple[float, ...] = ()
    pixel_width: int = 0
    pixel_height: int = 0
    directories: ExifDirectories = field(default_factory=ExifDirectories, repr=False)


def exif_of(view: View) -> ExifTags:
    """EXIF data as a picture embeds it. Broken EXIF is no EXIF: it never costs the picture its place."""
    start = 6 if view.byte_size > 6 and view.read(0, 4) == b"Exif" else 0
    try:
        tiff = Tiff(Window(view, start, view.byte_size - start))
        return exif_in(tiff, tiff.directory(tiff.first_offset))
    except BrokenPictureError:
        return ExifTags()


def exif_in(tiff: Tiff, first: Directory) -> ExifTags:
    """The tags of the directory `first` and of those below it."""
    return tags_of(ExifDirectories(first=first, camera=_below(tiff, first, _EXIF), position=_below(tiff, first, _GPS)))


def tags_of(directories: ExifDirectories) -> ExifTags:
    """TIFF/EP files keep some of the camera's tags in the first directory."""
    first, camera, position = directories.first, directories.camera, directories.position

    def text(tag: int) -> str | None:
        return camera.text(tag) or first.text(tag)

    return ExifTags(
        orientation=_orientation(first),
        original=text(0x9003),
        original_fraction=text(0x9291),
        original_offset=text(0x9011),
        digitized=text(0x9004),
        digitized_fraction=text(0x9292),
        digitized_offset=text(0x9012),
        offset=text(0x9010),
        gps_date=position.text(0x1D),
        gps_time=position.quantities(0x07, most=3),
        pixel_width=camera.number(0xA002) or 0,
        pixel_height=camera.number(0xA003) or 0,
        directories=directories,
    )


def _orientation(first: Directory) -> int:
    value = first.number(0x0112)
    return value if value is not None and 1 <= value <= 8 else 1


def _below(tiff: Tiff, first: Directory, tag: int) -> Directory:
    offset = first.number(tag)
    try:
        return NO_DIRECTORY if offset is None else tiff.directory(offset)
    except BrokenPictureError:
        return NO_DIRECTORY
