"""Where each thing lies in an export: paths that people find their way in, and every system can keep."""

from datetime import datetime, timedelta
from uuid import UUID

from photostore.archive.names import folded, marked_name, safe_name
from photostore.photo.queries import PhotoView
from photostore.transfer.queries import Owner

PAYLOAD = "data"
ALBUMS = "albums"
LIBRARY = "library.json"
SIDECAR, XMP = ".json", ".xmp"
# Where they are not as the type says.
_EXTENSIONS = {"jpeg": "jpg", "tiff": "tif", "x-adobe-dng": "dng"}
_NOT_PICTURES = (SIDECAR, XMP)


def owner_folder(owner: Owner) -> str:
    return f"{PAYLOAD}/{_kept_name(owner.email or str(owner.id))}"


def photo_path(folder: str, photo: PhotoView) -> str:
    """By the year and month that the camera's own clock showed; what is in the trash lies apart."""
    moment = clock_of(photo.taken_at, photo.taken_at_offset_minutes)
    month = f"{moment:%Y}/{moment:%m}" if moment else f"undated/{photo.created_at:%Y}/{photo.created_at:%m}"
    trash = "trash/" if photo.trashed_at is not None else ""
    return f"{folder}/{trash}{month}/{picture_name(photo.filename, photo.content_type)}"


def picture_name(filename: str, content_type: str) -> str:
    """As it was uploaded, as far as any system allows; with an extension, and never one of what lies beside pictures."""
    name = _kept_name(filename)
    _, dot, extension = name.rpartition(".")
    if dot and extension and not f".{extension.lower()}".endswith(_NOT_PICTURES):
        return name
    kind = content_type.rpartition("/")[2]
    return safe_name(f"{name}.{_EXTENSIONS.get(kind, kind)}")


def album_path(folder: str, name: str) -> str:
    # A name may end like an extension; what is added is none of the name.
    return f"{folder}/{ALBUMS}/{_kept_name(name)}{SIDECAR}"


def _kept_name(name: str) -> str:
    """Without percent signs: programs differ in how they read them in a manifest, whatever the RFC says."""
    return safe_name(name.replace("%", "_"))


def marked(path: str, id: UUID) -> str:
    """Where another thing has the path already: the same with a part of its id, whatever else comes or goes."""
    parent, _, name = path.rpartition("/")
    return f"{parent}/{marked_name(name, id.hex[-8:])}"


def same_place(path: str) -> str:
    """The same for paths that some file system takes for one."""
    return "/".join(folded(segment) for segment in path.split("/"))


def clock_of(taken_at: datetime | None, offset_minutes: int | None) -> datetime | None:
    """What the camera's clock showed."""
    if taken_at is None:
        return None
    try:
        return taken_at + timedelta(minutes=offset_minutes or 0)
    except OverflowError:
        return taken_at
