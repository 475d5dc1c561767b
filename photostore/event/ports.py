"""Where recorded facts go, and who hears of changes."""

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from photostore.shared.aggregate import Event
from photostore.shared.ids import UserId


class EventPublisher(Protocol):
    """Repositories hand it what an aggregate recorded, in the transaction that saves the aggregate."""

    @abstractmethod
    async def publish(self, events: Sequence[Event]) -> None:
        """Cause the jobs that `reactions.py` names, and the changes that `changes.py` names, in the same transaction."""


class ChangeHistory(Protocol):
    """What of the feeds is long past."""

    @abstractmethod
    async def owners(self, *, after: UserId | None, before: datetime, limit: int) -> Sequence[UserId]:
        """In the order of their ids, those whose next change to be compacted is older than `before`."""

    @abstractmethod
    async def compact(self, owner: UserId, *, before: datetime, limit: int) -> int:
        """Look at the next changes older than `before`, at most `limit`, and answer how many those were. Within the unit
        of work; whoever does the same at the same time waits.

        Earlier changes of the same things go, and so do tombstones and the changes of uploads themselves: what stays is
        the last change of everything that is there.
        """


class Listening(Protocol):
    @abstractmethod
    async def changed(self, seconds: float) -> bool:
        """Wait until something of the owner's has changed since this was last asked, but no longer than that: then it is
        worth another look. `False` when the time is over, or nothing can be heard any more."""


class ChangeHearer(Protocol):
    """Follows the feeds of many owners at once. What it is told, it only takes note of."""

    @abstractmethod
    def heard(self, owner: UserId) -> None:
        """Something of the owner's has changed."""

    @abstractmethod
    def unsure(self, *, hearing: bool) -> None:
        """Something may have been missed; and what changes is heard from now on, or not."""

    @abstractmethod
    def over(self) -> None:
        """The process ends, and everything that goes on should end at once."""


class ChangeSignal(Protocol):
    """Tells those who wait that there is something new, in whatever process it was changed."""

    @abstractmethod
    def listen(self, owner: UserId, *, seconds: float) -> AbstractAsyncContextManager[Listening | None]:
        """From the beginning of the block on nothing of the owner's is missed. `None` when too many listen already, or
        it cannot be listened within `seconds`."""

    @abstractmethod
    def attend(self, hearer: ChangeHearer) -> None:
        """`hearer` is told of every owner's changes from now on, as long as the process lives, and at once how it stands."""

    @abstractmethod
    def stop(self) -> None:
        """End all waiting at once, and let nobody begin."""
