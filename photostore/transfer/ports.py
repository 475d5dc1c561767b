"""What moving libraries asks of the world."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file of an export's payload, as it was written. `sha256` are the 32 bytes of its digest."""

    path: str
    sha256: bytes
    byte_size: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing lies; `before` is where it lay until now, if that was elsewhere."""

    path: str
    before: str | None


class ExportIndex(Protocol):
    """What an export holds, kept from one run to the next as far as the target is. Calls are quick, and never wait."""

    @abstractmethod
    def settle(self, kind: str, id: UUID, *, owner: UUID, wanted: str) -> Place:
        """A path of its own for this thing: the wanted one unless another has it, and always the same one again. It is of
        this run from now on."""

    @abstractmethod
    def file(self, path: str) -> ExportedFile | None: ...

    @abstractmethod
    def keep(self, kind: str, id: UUID, file: ExportedFile) -> None:
        """It is there, whole."""

    @abstractmethod
    def moved(self, before: str, path: str) -> None:
        """The file of this path has another one now."""

    @abstractmethod
    def forget(self, path: str) -> None: ...

    @abstractmethod
    def stale(self, owner: UUID | None) -> Iterator[tuple[str, UUID, list[str]]]:
        """Kind, id and files of what earlier runs wrote and this one did not come upon: of one owner, or of all. It is
        forgotten as it is told."""

    @abstractmethod
    def files(self) -> Iterator[ExportedFile]:
        """All, owner by owner: albums first, then photos by age."""

    @abstractmethod
    def totals(self) -> tuple[int, int]:
        """How many files there are, and how many bytes they have."""

    @abstractmethod
    def save(self) -> None:
        """What was told until now outlives this process."""


class ExportTarget(Protocol):
    """Where an export is written: a folder, or one stream. Paths are relative, of segments joined by `/`."""

    told_as: str
    """What it is, for people."""
    at_once: int
    """How many files may be written at the same time."""
    takes_back: bool
    """Whether what was begun can be left out again; of a stream it cannot."""

    @abstractmethod
    async def holds(self, file: ExportedFile) -> bool:
        """Whether it lies there, as far as that is looked at."""

    @abstractmethod
    async def write(self, path: str, chunks: AsyncIterator[bytes], *, byte_size: int, modified_at: datetime) -> None:
        """Under its name only when whole: when `chunks` raises, or ends early, nothing of it is left, unless the target is
        a stream, of which that is the end. What lay there is replaced."""

    @abstractmethod
    async def move(self, before: str, path: str) -> bool:
        """Whether it was there to be moved."""

    @abstractmethod
    async def remove(self, path: str) -> None:
        """With the folders that are empty then. Absent already is fine."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that is there to be imported. `sha256` where it is known without reading."""

    path: str
    byte_size: int
    sha256: bytes | None = None


class ImportSource(Protocol):
    """Files to be imported: a folder, or archives. Paths are relative, of segments joined by `/`, and lead nowhere else."""

    at_once: int
    """How many files may be read at the same time."""
    broken: Sequence[str]
    """What is the matter with archives of which only a part is there."""

    @abstractmethod
    def files(self) -> Iterator[SourceFile]:
        """In the order in which they are read best."""

    @abstractmethod
    def passed_over(self) -> Iterator[tuple[str, str]]:
        """Name and reason of what is there and cannot be read: links, devices, names that lead elsewhere."""

    @abstractmethod
    def find(self, path: str) -> SourceFile | None: ...

    @abstractmethod
    def open(self, path: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Its bytes, in chunks. Raise `SourceUnreadable`, also midway, for one that is damaged or gone."""
