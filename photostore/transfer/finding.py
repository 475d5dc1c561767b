"""Which of the files in a folder are pictures, and which say something of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from photostore.transfer.layout import SIDECAR, XMP
from photostore.transfer.takeout import TakeoutDocuments

# Files that are no pictures but lie beside them, by the ending of their names.
_MOVING = frozenset(["mp4", "mov", "m4v", "avi", "mkv", "webm", "3gp", "mts", "m2ts", "mpg", "mpeg", "wmv", "mp"])
_PICTURES = frozenset(
    [
        *(
            "jpg",
            "jpeg",
            "jpe",
            "jfif",
            "png",
            "webp",
            "gif",
            "tif",
            "tiff",
            "heic",
            "heif",
            "hif",
            "avif",
            "dng",
            "cr2",
        ),
        *(
            "cr3",
            "crw",
            "nef",
            "nrw",
            "arw",
            "sr2",
            "srf",
            "raf",
            "orf",
            "rw2",
            "pef",
            "srw",
            "rwl",
            "3fr",
            "dcr",
            "iiq",
        ),
    ]
)
_SYSTEM_NAMES = frozenset({"thumbs.db", "desktop.ini", ".ds_store", ".nomedia", ".picasa.ini", "picasa.ini"})
_SYSTEM_FOLDERS = frozenset({"@eadir", "__macosx", "lost+found", "$recycle.bin", "#recycle"})
_SAYING = (SIDECAR, XMP)


@dataclass(frozen=True, slots=True)
class FoundPicture:
    """A file that may be a picture, and the paths of what is said of it, the surest first."""

    path: str
    beside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundFolder:
    """A folder with files that may be pictures; `saying` are the JSON files that belong to none of them."""

    path: str
    pictures: tuple[FoundPicture, ...]
    saying: tuple[str, ...]
    videos: tuple[str, ...]


def folders_in(paths: Iterable[str]) -> Iterator[FoundFolder]:
    """By path; what systems put beside people's files is passed over."""
    by_folder: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        folder, _, name = path.rpartition("/")
        if not _is_of_a_system(path):
            by_folder[folder].append(name)
    for folder in sorted(by_folder):
        found = _folder(folder, sorted(by_folder.pop(folder)))
        if found.pictures or found.saying or found.videos:
            yield found


def _folder(folder: str, names: list[str]) -> FoundFolder:
    prefix = f"{folder}/" if folder else ""
    documents = TakeoutDocuments(names)
    packets = {name.lower(): name for name in names if name.lower().endswith(XMP)}
    pictures, used = list[FoundPicture](), set[str]()
    for name in names:
        if name.lower().endswith(_SAYING):
            continue
        stem = name.rpartition(".")[0] or name
        beside = [documents.of(name), packets.get(f"{name}{XMP}".lower()) or packets.get(f"{stem}{XMP}".lower())]
        used.update(each for each in beside if each)
        if not is_video(name):
            pictures.append(FoundPicture(prefix + name, tuple(prefix + each for each in beside if each)))
    left = [name for name in names if name.lower().endswith(SIDECAR) and name not in used]
    videos = tuple(prefix + name for name in names if is_video(name))
    return FoundFolder(folder, tuple(pictures), tuple(prefix + name for name in left), videos)


def is_video(name: str) -> bool:
    return name.rpartition(".")[2].lower() in _MOVING


def _is_of_a_system(path: str) -> bool:
    *folders, name = path.lower().split("/")
    hidden = name.startswith(".") or any(each.startswith(".") for each in folders)
    return hidden or name in _SYSTEM_NAMES or not _SYSTEM_FOLDERS.isdisjoint(folders)


def is_picture_name(path: str) -> bool:
    """Whether people and programs would take a file of this name for a picture."""
    return path.rpartition(".")[2].lower() in _PICTURES
