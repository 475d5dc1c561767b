"""A tar file to be imported, compressed by gzip or not. Nothing of it is ever unpacked to the disk."""

import asyncio
import tarfile
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from isal import igzip

from photostore.transfer.errors import SourceUnreadable
from photostore.transfer.ports import ImportSource, SourceFile
from photostore_adapters.transfer.paths import MAX_FILES, safe_path

_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"
_DAMAGE = (tarfile.TarError, EOFError, OSError, zlib.error, igzip.BadGzipFile, ValueError)


@dataclass(frozen=True, slots=True)
class _Member:
    offset: int
    byte_size: int
    sha256: bytes | None


class TarSource(ImportSource):
    """It is gone through once at the beginning, for its names alone where it is not compressed. A compressed one is read as
    one stream: what is asked in the order of `files` is read once more, and anything else from its beginning.

    Raise `SourceUnreadable` when it is made of a file that is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._passed_over: list[tuple[str, str]] = []
        self._files: dict[str, _Member] = {}
        with path.open("rb") as begun:
            self._compressed = begun.read(2) == _GZIP
        self.at_once = 1 if self._compressed else 4
        self._stream = self._opened() if self._compressed else None
        try:
            self._look_through()
        except _DAMAGE as error:
            self.close()
            raise SourceUnreadable(f"{path.name} is no tar file, or not all of one: {error}") from None

    def _opened(self) -> BinaryIO:
        return igzip.open(self._path, "rb") if self._compressed else self._path.open("rb")

    def _look_through(self) -> None:
        stream = self._stream or self._opened()
        try:
            with tarfile.open(fileobj=stream, mode="r:") as archive:
                while (member := archive.next()) is not None:
                    archive.members.clear()  # it would keep them all
                    self._add(member, stream)
        finally:
            if stream is not self._stream:
                stream.close()

    def _add(self, member: tarfile.TarInfo, stream: BinaryIO) -> None:
        path = safe_path(member.name)
        if path is None:
            self._passed_over.append((member.name[:200], "Its name leads elsewhere."))
        elif member.isdir():
            return
        elif not member.isreg() or member.issparse():
            self._passed_over.append((path, "It is no file."))
        elif len(self._files) >= MAX_FILES:
            raise ValueError(f"it holds more than {MAX_FILES} files")
        else:
            digest = _digest(stream, member) if self._compressed else None
            # What comes later under the same name is what unpacking would leave.
            self._files[path] = _Member(member.offset_data, member.size, digest)

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()

    def files(self) -> Iterator[SourceFile]:
        for path, member in self._files.items():
            yield SourceFile(path, member.byte_size, member.sha256)

    def passed_over(self) -> Iterator[tuple[str, str]]:
        yield from self._passed_over

    def find(self, path: str) -> SourceFile | None:
        member = self._files.get(path)
        return None if member is None else SourceFile(path, member.byte_size, member.sha256)

    @asynccontextmanager
    async def open(self, path: str) -> AsyncIterator[AsyncIterator[bytes]]:
        member = self._files.get(path)
        if member is None:
            raise SourceUnreadable("It is not in the archive.")
        stream = self._stream or await asyncio.to_thread(self._opened)
        try:
            yield _chunks(stream, member)
        finally:
            if stream is not self._stream:
                stream.close()


def _digest(stream: BinaryIO, member: tarfile.TarInfo) -> bytes:
    """While it passes: to come back for it would mean to unpack all that is before it again."""
    digest, left = sha256(), member.size
    stream.seek(member.offset_data)
    while left:
        chunk = stream.read(min(_CHUNK, left))
        if not chunk:
            raise EOFError("it ends too early")
        digest.update(chunk)
        left -= len(chunk)
    return digest.digest()


async def _chunks(stream: BinaryIO, member: _Member) -> AsyncIterator[bytes]:
    left, place = member.byte_size, member.offset
    while left:
        try:
            chunk = await asyncio.to_thread(_read, stream, place, min(_CHUNK, left))
        except _DAMAGE as error:
            raise SourceUnreadable(f"It is damaged: {error}") from None
        if not chunk:
            raise SourceUnreadable("The archive ends before it does.")
        place, left = place + len(chunk), left - len(chunk)
        yield chunk


def _read(stream: BinaryIO, place: int, length: int) -> bytes:
    stream.seek(place)
    return stream.read(length)
