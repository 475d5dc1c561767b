"""What is read of replicas."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(slots=True)
class ReplicaWork:
    """Of one store: how many originals are to be copied or mended, to be deleted, and are to be copied, but no store has them;
    since when the oldest of all waits."""

    store: str
    to_copy: int
    to_delete: int
    lost: int
    oldest_at: datetime | None


@dataclass(slots=True)
class ReplicaView:
    """One further store: its `kind` is `s3` or `filesystem`, its `state` `ok`, `lagging` or `failing`.

    About so many originals are `copied`, and `lagging` are still to come, the oldest that is known of since
    `oldest_lag_seconds`; `lost` of these are in no store, and `deleting` are to go. `walked` were looked at in the walk over
    all photos that last began; `complete_at` is when one last came to its end. `failing_since` tells `last_error`.
    """

    name: str
    kind: str
    state: str
    copied: int
    lagging: int
    oldest_lag_seconds: float | None
    last_error: str | None
    lost: int = 0
    deleting: int = 0
    failing_since: datetime | None = None
    seen_at: datetime | None = None
    walked: int = 0
    complete_at: datetime | None = None


class ReplicaQueries(Protocol):
    @abstractmethod
    async def replicas(self) -> Sequence[ReplicaView]:
        """In the order of the settings. A look costs a few rows for each, and those that wait."""

    @abstractmethod
    async def work(self, stores: Sequence[str]) -> Sequence[ReplicaWork]:
        """Of each of these stores, in this order; the primary can be one."""
