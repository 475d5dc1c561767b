"""An export as a folder: each file under a name of its own until it is whole."""

import os
from collections.abc import AsyncIterator
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from uuid import uuid4

from photostore.shared.blobs import BlobLengthMismatch
from photostore.transfer.errors import NotAnExport
from photostore.transfer.ports import ExportedFile, ExportTarget
from photostore.transfer.told import storable
from photostore_adapters.transfer.threads import in_thread

STATE = ".photostore-export"
_UNFINISHED = "unfinished"


class FolderTarget(ExportTarget):
    """With `verify` what lies there is read again before it is believed; else its size is."""

    at_once = 4
    takes_back = True

    def __init__(self, root: Path, *, verify: bool = False) -> None:
        self.told_as = storable(f"folder {root.absolute()}")
        self._root = root
        self._verify = verify
        self._unfinished = root / STATE / _UNFINISHED

    def prepare(self) -> Path:
        """Make the folder, and answer where the state is kept. Raise `NotAnExport` for one with something else in it."""
        if self._root.exists() and any(self._root.iterdir()) and not (self._root / STATE).is_dir():
            raise NotAnExport(
                f"{self._root} holds something else than an export: choose another folder, or an empty one."
            )
        self._unfinished.mkdir(parents=True, exist_ok=True)
        return self._root / STATE / "index.sqlite"

    async def begin(self, *tags: str) -> None:
        """Once the state is this run's alone: without what a run left that was broken off, and without these files, which
        say that all is whole."""
        for left in self._unfinished.iterdir():
            left.unlink()
        for tag in tags:
            await self.remove(tag)

    async def holds(self, file: ExportedFile) -> bool:
        return await in_thread(self._holds, file)

    def _holds(self, file: ExportedFile) -> bool:
        try:
            with self._path(file.path).open("rb") as opened:
                if os.fstat(opened.fileno()).st_size != file.byte_size:
                    return False
                return not self._verify or file_digest(opened, "sha256").digest() == file.sha256
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return False

    async def write(self, path: str, chunks: AsyncIterator[bytes], *, byte_size: int, modified_at: datetime) -> None:
        temporary = self._unfinished / uuid4().hex
        try:
            with temporary.open("xb", buffering=0) as file:
                written = 0
                async for chunk in chunks:
                    await in_thread(_write_all, file.fileno(), chunk)
                    written += len(chunk)
                if written != byte_size:
                    raise BlobLengthMismatch(f"{written} bytes came, and not {byte_size}")
                await in_thread(_finish, file.fileno(), modified_at)
            await in_thread(self._rename, temporary, self._path(path))
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    async def move(self, before: str, path: str) -> bool:
        def move() -> bool:
            if not self._path(before).is_file():
                return False
            self._rename(self._path(before), self._path(path))
            self._tidy(self._path(before).parent)
            return True

        return await in_thread(move)

    async def remove(self, path: str) -> None:
        def remove() -> None:
            self._path(path).unlink(missing_ok=True)
            self._tidy(self._path(path).parent)

        await in_thread(remove)

    def _path(self, path: str) -> Path:
        return self._root / path

    def _rename(self, before: Path, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        before.replace(path)

    def _tidy(self, folder: Path) -> None:
        """Without folders that hold nothing any more."""
        while folder != self._root and self._root in folder.parents:
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent


def _write_all(descriptor: int, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _finish(descriptor: int, modified_at: datetime) -> None:
    """Durable before it has its name: a name that is there after a power cut names all of the bytes."""
    os.fsync(descriptor)
    os.utime(descriptor, (modified_at.timestamp(), modified_at.timestamp()))
