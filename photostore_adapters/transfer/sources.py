"""What an import reads, however it was handed over: a folder, an archive, or several of them as one."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from photostore.transfer.errors import SourceUnreadable
from photostore.transfer.ports import ImportSource, SourceFile
from photostore.transfer.told import storable
from photostore_adapters.transfer.folder_source import FolderSource
from photostore_adapters.transfer.tar_source import TarSource
from photostore_adapters.transfer.zip_source import ZipSource

_ZIP, _TAR = re.compile(r".*\.zip", re.IGNORECASE), re.compile(r".*\.(tar|tgz|tar\.gz)", re.IGNORECASE)
# The parts of a Takeout, as they were downloaded into one folder.
_PART = re.compile(r"takeout-.*\.(zip|tgz|tar\.gz)", re.IGNORECASE)
# More paths than these are told to nobody.
_NAMED = 20


class Parts(ImportSource):
    """Several sources as one: of files that are in more than one of them the first is taken."""

    def __init__(
        self,
        parts: Sequence[FolderSource | ZipSource | TarSource],
        *,
        names: Sequence[str] = (),
        root_name: str | None = None,
    ) -> None:
        self._parts = parts
        self.names = names
        self.root_name = root_name
        """What the folder is called, where it is one."""
        self.broken = [reason for part in parts for reason in part.broken]
        self.at_once = min(part.at_once for part in parts)

    def close(self) -> None:
        for part in self._parts:
            if not isinstance(part, FolderSource):
                part.close()

    def files(self) -> Iterator[SourceFile]:
        seen = set[str]()
        for part in self._parts:
            for file in part.files():
                if len(self._parts) > 1:
                    if file.path in seen:
                        continue
                    seen.add(file.path)
                yield file

    def passed_over(self) -> Iterator[tuple[str, str]]:
        for part in self._parts:
            yield from part.passed_over()

    def find(self, path: str) -> SourceFile | None:
        return next((found for part in self._parts if (found := part.find(path))), None)

    def open(self, path: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        holding = next((part for part in self._parts if part.find(path)), self._parts[0])
        return holding.open(path)


def opened(paths: Sequence[Path]) -> Parts:
    """Raise `SourceUnreadable` for what is neither a folder nor an archive."""
    parts: list[FolderSource | ZipSource | TarSource] = []
    try:
        for path in paths:
            parts += _parts(path)
    except SourceUnreadable:
        Parts(parts).close() if parts else None
        raise
    alone = paths[0].resolve().name if len(paths) == 1 and paths[0].is_dir() else None
    return Parts(parts, names=[storable(str(path.absolute())) for path in paths[:_NAMED]], root_name=alone or None)


def _parts(path: Path) -> Iterator[FolderSource | ZipSource | TarSource]:
    if path.is_dir():
        found = sorted(each for each in path.iterdir() if _PART.fullmatch(each.name))
        archives = [each for each in found if each.is_file() and not each.is_symlink()]
        yield FolderSource(path, without=[each.name for each in archives])
        yield from map(_archive, archives)
    elif path.is_file():
        yield _archive(path)
    else:
        raise SourceUnreadable(f"There is no folder and no archive {path}.")


def _archive(path: Path) -> ZipSource | TarSource:
    if _ZIP.fullmatch(path.name):
        return ZipSource(path)
    if _TAR.fullmatch(path.name):
        return TarSource(path)
    raise SourceUnreadable(f"{path.name} is neither a folder nor a .zip, .tar, .tgz or .tar.gz file.")
