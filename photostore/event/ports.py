"""Where recorded facts go."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from photostore.shared.aggregate import Event


class EventPublisher(Protocol):
    """Repositories hand it what an aggregate recorded, in the transaction that saves the aggregate."""

    @abstractmethod
    async def publish(self, events: Sequence[Event]) -> None:
        """Cause the jobs that `reactions.py` names, in the same transaction."""
