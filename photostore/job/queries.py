"""What is read of jobs."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Trouble(StrEnum):
    """A job that failed is tried again for about three days (`retrying`); then it is kept for someone to look (`failed`)."""

    RETRYING = "retrying"
    FAILED = "failed"


@dataclass(slots=True)
class QueueView:
    """Of one kind of job in one status (`queued`, `picked`, `failed`): how many, and how long the oldest is due."""

    name: str
    status: str
    jobs: int
    oldest_seconds: float


@dataclass(slots=True)
class TroubledJobView:
    """`arguments` are the ids among them. `error` is one line of the last failure, as long as it is known; `next_try_at` is
    `None` where nobody tries again by himself."""

    id: int
    name: str
    status: str
    arguments: Mapping[str, object]
    failures: int
    error: str | None
    created_at: datetime
    failed_at: datetime
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """All that is given holds."""

    name: str | None = None
    status: Trouble | None = None


class JobQueries(Protocol):
    @abstractmethod
    async def queue(self) -> Sequence[QueueView]:
        """By name and status. It costs what the queue is long."""

    @abstractmethod
    async def troubled(self, wanted: JobFilter, *, after: int | None, limit: int) -> Sequence[TroubledJobView]:
        """Jobs that failed, newest first; `after` is the last id of the page before."""


def ids_of(arguments: Mapping[str, object]) -> dict[str, object]:
    """What may be told of a job's arguments: which things it is about, nothing that people said."""
    return {name: value for name, value in arguments.items() if name.endswith(("_id", "_ids"))}
