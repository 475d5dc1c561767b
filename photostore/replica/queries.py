"""What is read of replicas."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(slots=True)
class ReplicaView:
    """One further store: its `kind` is `s3` or `filesystem`, its `state` `ok`, `lagging` or `failing`.

    `copied` originals are there, `lagging` are still to come, the oldest of them since `oldest_lag_seconds`.
    """

    name: str
    kind: str
    state: str
    copied: int
    lagging: int
    oldest_lag_seconds: float | None
    last_error: str | None


class ReplicaQueries(Protocol):
    @abstractmethod
    async def replicas(self) -> Sequence[ReplicaView]:
        """In the order of the settings. A look costs a few rows for each, however large the library is."""
