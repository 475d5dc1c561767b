"""What the replica room asks of the world to write."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from photostore.replica.task import Original, Place, Plan, ReplicaState, Task
from photostore.shared.blobs import BlobKey


class ReplicaTasks(Protocol):
    """What is to be done, one task a photo and store. Within a unit of work."""

    @abstractmethod
    async def plan(self, plans: Sequence[Plan]) -> None:
        """What is to be deleted replaces what was to be done before; to mend replaces to copy; to copy replaces nothing."""

    @abstractmethod
    async def due(self, store: str, *, now: datetime, limit: int) -> Sequence[Task]:
        """The longest due first."""

    @abstractmethod
    async def done(self, tasks: Sequence[Task]) -> None:
        """Forget them, unless something else is to be done by now."""

    @abstractmethod
    async def postpone(self, tasks: Sequence[Task], *, until: datetime, failure: str | None = None) -> None:
        """Until then. With `failure` it is the photo's own, and counts as an attempt; without, it is the store's."""

    @abstractmethod
    async def forget(self, store: str) -> None:
        """All of them, and what is remembered of the store."""


class ReplicaStates(Protocol):
    """What is remembered of each store. Within a unit of work."""

    @abstractmethod
    async def get(self, store: str) -> ReplicaState | None: ...

    @abstractmethod
    async def keep(self, state: ReplicaState) -> None: ...


class Originals(Protocol):
    """The originals of all photos, for whoever runs the service. Asked outside of units of work."""

    @abstractmethod
    async def find(self, key: BlobKey) -> Original | None:
        """The original that lies under this key, if it is a photo's."""

    @abstractmethod
    async def walk(self, *, after: Place | None, limit: int) -> Sequence[Original]:
        """By owner and id, those of the trash too."""


class DamageReports(Protocol):
    """Where readers tell of what they found."""

    @abstractmethod
    async def report(self, original: Original, store: str) -> None:
        """It is missing in this store, or its bytes are others: somebody mends it soon. Said again it does nothing."""
