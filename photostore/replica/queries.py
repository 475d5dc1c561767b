"""What is read of replicas."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(slots=True)
class ReplicaWork:
    """Of one store: how many originals are to be copied or mended, to be deleted, and cannot be copied; since when the oldest
    of all waits."""

    store: str
    to_copy: int
    to_delete: int
    failing: int
    oldest_at: datetime | None


@dataclass(slots=True)
class ReplicaView:
    """One store as an operator sees it. `walked` of `photos` were looked at in the walk that began then."""

    store: str
    work: ReplicaWork
    adopted_at: datetime | None
    seen_at: datetime | None
    walked: int
    walk_began_at: datetime | None
    walk_ended_at: datetime | None
    failing_since: datetime | None
    failure: str | None

    @property
    def state(self) -> str:
        """`failing`, `copying` (for the first time, or what is new), `behind` (some originals cannot be copied) or `ok`."""
        if self.failing_since is not None:
            return "failing"
        if self.walk_ended_at is None or self.work.to_copy > self.work.failing:
            return "copying"
        return "behind" if self.work.failing else "ok"


class ReplicaQueries(Protocol):
    @abstractmethod
    async def work(self, stores: Sequence[str]) -> Sequence[ReplicaWork]:
        """Of each of these stores, in this order."""

    @abstractmethod
    async def views(self, stores: Sequence[str]) -> Sequence[ReplicaView]:
        """The same, with what is remembered of each."""

    @abstractmethod
    async def count_photos(self) -> int: ...
