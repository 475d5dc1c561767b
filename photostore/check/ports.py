"""What the check room asks of the world."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypedDict
from uuid import UUID

from photostore.check.finding import Finding, Kind, NotedFinding, Outcome
from photostore.check.run import CheckRun
from photostore.shared.blobs import BlobKey
from photostore.shared.ids import UserId


class MadePicture(TypedDict):
    """What a row says of something that was made from an original. There may be more in it."""

    blob_key: str
    byte_size: int


@dataclass(slots=True)
class PhotoOnFile:
    """What the rows say of a photo's bytes. Plain, as a million of them are made: nobody changes one."""

    owner_id: UUID
    id: UUID
    blob_key: str
    byte_size: int
    sha256: bytes
    failure: str | None
    renditions: Sequence[MadePicture]
    images: Sequence[MadePicture]


class PhotosOnFile(Protocol):
    """Read as they are committed, each call for itself: no transaction stays open while the store is asked."""

    @abstractmethod
    async def by_key(self, *, after: str, limit: int) -> Sequence[PhotoOnFile]:
        """Of all owners, in the order of the keys' characters, those behind `after`; as a store lists them."""

    @abstractmethod
    async def of_owner(self, owner: UserId, *, after: UUID | None, limit: int) -> Sequence[PhotoOnFile]:
        """By id, those behind `after`."""

    @abstractmethod
    async def get(self, photo_id: UUID, *, owner: UUID) -> PhotoOnFile | None:
        """As it is now; `None` when it is gone."""


class Deletions(Protocol):
    """Bytes that jobs are about to remove. Within the unit of work."""

    @abstractmethod
    async def under_way(self, keys: Sequence[BlobKey]) -> set[BlobKey]:
        """Those of `keys` whose removal waits in the queue, or is being done."""


class RowAudit(Protocol):
    """What is kept in more than one place, so that it is fast to read, and must agree. Within the unit of work."""

    @abstractmethod
    async def owners(self, *, after: UserId | None, limit: int) -> Sequence[UserId]:
        """All there are, by id, those behind `after`."""

    @abstractmethod
    async def findings(self, kind: Kind, owners: Sequence[UserId], *, now: datetime) -> Sequence[Finding]:
        """Of these owners, or of nobody in particular where they are none, as they were at one moment: what is written
        meanwhile makes no finding."""

    @abstractmethod
    async def mend(self, finding: Finding, *, now: datetime) -> bool:
        """Look once more, with all locked that it depends on, and put right what is wrong. Answer whether anything was. Who
        reads albums and feeds is told of what changes in them."""


class CheckRuns(Protocol):
    """The last check and how far it has come; so that one that was broken off goes on. Within the unit of work."""

    @abstractmethod
    async def last(self) -> CheckRun | None: ...

    @abstractmethod
    async def begin(self, run: CheckRun) -> None:
        """The one before is forgotten, with all that it found."""

    @abstractmethod
    async def save(self, run: CheckRun) -> None: ...


class Findings(Protocol):
    """What the last check found, in that order. Within the unit of work."""

    @abstractmethod
    async def note(self, findings: Sequence[Finding]) -> None: ...

    @abstractmethod
    async def page(self, *, after: int, limit: int) -> Sequence[NotedFinding]:
        """Those of higher numbers than `after`."""

    @abstractmethod
    async def conclude(self, number: int, outcome: Outcome) -> None: ...

    @abstractmethod
    async def counted(self) -> Mapping[tuple[Kind, Outcome | None], int]: ...


class OneCheck(Protocol):
    """Two checks at once would do no harm, and twice the work."""

    @abstractmethod
    def alone(self) -> AbstractAsyncContextManager[None]:
        """Raise `CheckRunning` while another process is in such a block. Whoever dies in it leaves it."""
