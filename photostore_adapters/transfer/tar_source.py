"""A tar file to be imported, compressed by gzip or not. Nothing of it is ever unpacked to the disk."""

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
from photostore.transfer.layout import SIDECAR, XMP
from photostore.transfer.ports import ImportSource, SourceFile
from photostore_adapters.transfer.paths import MAX_FILES, safe_path
from photostore_adapters.transfer.threads import in_thread

_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"
_SAYING = (SIDECAR, XMP)
_MOST_RATIO, _SMALL = 100, 1 << 20
_DAMAGE = (tarfile.TarError, EOFError, OSError, zlib.error, igzip.BadGzipFile, ValueError)


@dataclass(frozen=True, slots=True)
class _Member:
    offset: int
    byte_size: int
    sha256: bytes | None
    content: bytes | None
    """Of a document beside a picture, compressed: it is read before the picture, and may lie behind it."""


class TarSource(ImportSource):
    """It is gone through once at the beginning, for its names alone where it is not compressed. A compressed one is read as
    one stream: what is asked in the order of `files` is read once more, and anything else from its beginning.

    Raise `SourceUnreadable` when it is made of a file that is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._passed_over: list[tuple[str, str]] = []
        self._files: dict[str, _Member] = {}
        self.broken: list[str] = []
        # An honest archive of photos is hardly smaller than they are.
        self._most_bytes = _MOST_RATIO * path.stat().st_size + _SMALL
        with path.open("rb") as begun:
            self._compressed = begun.read(2) == _GZIP
        self.at_once = 1 if self._compressed else 4
        self._stream = self._opened() if self._compressed else None
        try:
            self._look_through()
        except _DAMAGE as error:
            if not self._files:
                self.close()
                raise SourceUnreadable(f"{path.name} is no tar file, or not all of one: {error}") from None
            self.broken.append(f"{path.name} is not all of a tar file: {error}")

    def _opened(self) -> BinaryIO:
        if not self._compressed:
            return self._path.open("rb")
        stream: BinaryIO = igzip.open(self._path, "rb")  # type: ignore[no-untyped-call]
        return stream

    def _look_through(self) -> None:
        stream = self._stream or self._opened()
        try:
            with tarfile.open(fileobj=_Headers(stream), mode="r:") as archive:  # type: ignore[call-overload]
                while (member := archive.next()) is not None:
                    archive.members = []  # it would keep them all
                    self._add(member, stream)
        finally:
            if stream is not self._stream:
                stream.close()

    def _add(self, member: tarfile.TarInfo, stream: BinaryIO) -> None:
        path = safe_path(member.name)
        if len(self._files) + len(self._passed_over) >= MAX_FILES:
            raise ValueError(f"it holds more than {MAX_FILES} files")
        if path is None:
            self._passed_over.append((member.name[:200], "Its name leads elsewhere."))
        elif member.isdir():
            return
        elif not member.isreg() or member.issparse():
            self._passed_over.append((path, "It is no file."))
        elif member.offset_data + member.size > self._most_bytes:
            raise ValueError("it would unpack to far more than it is")
        else:
            # What comes later under the same name is what unpacking would leave.
            self._files[path] = self._member(path, member, stream)

    def _member(self, path: str, member: tarfile.TarInfo, stream: BinaryIO) -> _Member:
        """Of a compressed archive looked at while it passes: to come back would mean to unpack all that is before again."""
        if not self._compressed:
            return _Member(member.offset_data, member.size, None, None)
        says = path.lower().endswith(_SAYING) and member.size <= _SMALL
        digest, kept = sha256(), bytearray()
        for chunk in _passing(stream, member):
            digest.update(chunk)
            if says:
                kept += chunk
        content = zlib.compress(kept) if says else None
        return _Member(member.offset_data, member.size, digest.digest(), content)

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
        if self._stream is not None:
            yield _chunks(self._stream, member)
            return
        with self._opened() as stream:
            yield _chunks(stream, member)


class _Headers:
    """A tar file as `tarfile` reads it, which takes a header, with the name in it, whole into memory."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.seek, self.tell = stream.seek, stream.tell

    def read(self, size: int) -> bytes:
        if size > _SMALL:
            raise ValueError("a name in it is far too long")
        return self._stream.read(size)


def _passing(stream: BinaryIO, member: tarfile.TarInfo) -> Iterator[bytes]:
    left = member.size
    stream.seek(member.offset_data)
    while left:
        chunk = stream.read(min(_CHUNK, left))
        if not chunk:
            raise EOFError("it ends too early")
        left -= len(chunk)
        yield chunk


async def _chunks(stream: BinaryIO, member: _Member) -> AsyncIterator[bytes]:
    if member.content is not None:
        yield zlib.decompress(member.content)
        return
    left, place = member.byte_size, member.offset
    while left:
        try:
            chunk = await in_thread(_read, stream, place, min(_CHUNK, left))
        except _DAMAGE as error:
            raise SourceUnreadable(f"It is damaged: {error}") from None
        if not chunk:
            raise SourceUnreadable("The archive ends before it does.")
        place, left = place + len(chunk), left - len(chunk)
        yield chunk


def _read(stream: BinaryIO, place: int, length: int) -> bytes:
    stream.seek(place)
    return stream.read(length)
