"""A folder to be imported. Links are followed by nobody: what they lead to may be anywhere."""

import os
import stat
import unicodedata
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from photostore.transfer.errors import SourceUnreadable
from photostore.transfer.ports import ImportSource, SourceFile
from photostore_adapters.transfer.threads import in_thread

_CHUNK = 1 << 20


class FolderSource(ImportSource):
    at_once = 4

    def __init__(self, root: Path, *, without: Collection[str] = ()) -> None:
        """`without` are names of files in `root` itself that are none of it."""
        self._root = root
        self._without = without
        self.broken: list[str] = []
        self._passed_over: list[tuple[str, str]] = []
        # By the path as it is compared: where it is written otherwise on the disk.
        self._written: dict[str, str] = {}

    def files(self) -> Iterator[SourceFile]:
        self._passed_over.clear()
        for file in self._walk(self._root, ""):
            if file.path not in self._without:
                yield file

    def _walk(self, folder: Path, prefix: str) -> Iterator[SourceFile]:
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            self._passed_over.append((prefix or str(folder), error.strerror or "It cannot be read."))
            return
        for entry in entries:
            path = prefix + entry.name
            if entry.is_symlink():
                self._passed_over.append((path, "It is a link."))
            elif entry.is_dir(follow_symlinks=False):
                yield from self._walk(Path(entry.path), f"{path}/")
            elif entry.is_file(follow_symlinks=False):
                yield SourceFile(self._compared(path), entry.stat(follow_symlinks=False).st_size)
            else:
                self._passed_over.append((path, "It is no file."))

    def _compared(self, path: str) -> str:
        if path.isascii():
            return path
        compared = unicodedata.normalize("NFC", path)
        if compared != path:
            self._written[compared] = path
        return compared

    def passed_over(self) -> Iterator[tuple[str, str]]:
        yield from self._passed_over

    def find(self, path: str) -> SourceFile | None:
        try:
            status = self._path(path).lstat()
        except (OSError, ValueError):
            return None
        return SourceFile(path, status.st_size) if stat.S_ISREG(status.st_mode) else None

    @asynccontextmanager
    async def open(self, path: str) -> AsyncIterator[AsyncIterator[bytes]]:
        try:
            descriptor = _open(self._root, self._written.get(path, path))
        except (OSError, ValueError) as error:
            raise SourceUnreadable(_reason(error)) from None
        try:
            yield _chunks(descriptor)
        finally:
            os.close(descriptor)

    def _path(self, path: str) -> Path:
        return self._root / self._written.get(path, path)


def _open(root: Path, path: str) -> int:
    """Segment by segment, so that none of them is a link, whoever changes the folder meanwhile."""
    *folders, name = path.split("/")
    if ".." in (*folders, name):
        raise ValueError("it leads elsewhere")
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for folder in folders:
            further = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here)
            os.close(here)
            here = further
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=here)
    finally:
        os.close(here)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ValueError("it is no file")
    return descriptor


async def _chunks(descriptor: int) -> AsyncIterator[bytes]:
    while True:
        try:
            chunk = await in_thread(os.read, descriptor, _CHUNK)
        except OSError as error:
            raise SourceUnreadable(_reason(error)) from None
        if not chunk:
            return
        yield chunk


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
