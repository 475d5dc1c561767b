"""A ZIP file to be imported. Nothing of it is ever unpacked to the disk."""

import stat
import zipfile
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from photostore.transfer.errors import SourceUnreadable
from photostore.transfer.ports import ImportSource, SourceFile
from photostore_adapters.transfer.paths import safe_path
from photostore_adapters.transfer.threads import in_thread

_CHUNK = 1 << 18
# What is packed more tightly is no picture and no document of one.
_MOST_RATIO, _SMALL = 100, 1 << 20
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA})
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


class ZipSource(ImportSource):
    """Raise `SourceUnreadable` when it is made of a file that is none."""

    at_once = 4

    def __init__(self, path: Path) -> None:
        self.broken: list[str] = []
        self._passed_over: list[tuple[str, str]] = []
        self._files: dict[str, zipfile.ZipInfo] = {}
        try:
            self._zip = zipfile.ZipFile(path)
        except _DAMAGE as error:
            raise SourceUnreadable(f"{path.name} is no ZIP file, or not all of one: {error}") from None
        for member in self._zip.infolist():
            self._add(member)

    def _add(self, member: zipfile.ZipInfo) -> None:
        path, kind = safe_path(member.filename), stat.S_IFMT(member.external_attr >> 16)
        if path is None:
            self._passed_over.append((member.filename[:200], "Its name leads elsewhere."))
        elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            self._passed_over.append((path, "It is no file."))
        elif member.flag_bits & 1:
            self._passed_over.append((path, "It is encrypted."))
        elif member.file_size > _SMALL and member.file_size > _MOST_RATIO * member.compress_size:
            self._passed_over.append((path, "It would unpack to far more than it is."))
        elif not member.is_dir() and member.compress_type in _METHODS:
            self._files.setdefault(path, member)

    def close(self) -> None:
        self._zip.close()

    def files(self) -> Iterator[SourceFile]:
        for path, member in self._files.items():
            yield SourceFile(path, member.file_size)

    def passed_over(self) -> Iterator[tuple[str, str]]:
        yield from self._passed_over

    def find(self, path: str) -> SourceFile | None:
        member = self._files.get(path)
        return None if member is None else SourceFile(path, member.file_size)

    @asynccontextmanager
    async def open(self, path: str) -> AsyncIterator[AsyncIterator[bytes]]:
        member = self._files.get(path)
        if member is None:
            raise SourceUnreadable("It is not in the archive.")
        try:
            opened = self._zip.open(member)
        except _DAMAGE as error:
            raise SourceUnreadable(f"It is damaged: {error}") from None
        try:
            yield _chunks(opened, member.file_size)
        finally:
            opened.close()


async def _chunks(opened: IO[bytes], byte_size: int) -> AsyncIterator[bytes]:
    """No more than was declared, whatever it unpacks to; the checksum is looked at by who reads the end."""
    came = 0
    while True:
        try:
            chunk = await in_thread(opened.read, _CHUNK)
        except _DAMAGE as error:
            raise SourceUnreadable(f"It is damaged: {error}") from None
        came += len(chunk)
        if came > byte_size or (not chunk and came < byte_size):
            raise SourceUnreadable("It does not have the size that the archive tells.")
        if not chunk:
            return
        yield chunk
