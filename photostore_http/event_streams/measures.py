"""What is counted of streams, and how long they wait for what."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Ended(StrEnum):
    """Why a stream ended. It is also the comment that its client reads last."""

    LEFT = "left"
    ACCESS_ENDED = "access-ended"
    TOKEN_EXPIRED = "token-expired"  # noqa: S105 - a reason
    CURSOR_EXPIRED = "cursor-expired"
    SHUTDOWN = "shutdown"


class StreamMetrics(Protocol):
    """Where streams are counted."""

    def began(self) -> None: ...

    def ended(self, reason: Ended) -> None: ...

    def told(self, events: int) -> None:
        """Given to connections."""

    def untaken(self, events: int) -> None:
        """Of those: the client was gone, or its access, before it took them. They are still in the feed."""

    def waited(self, seconds: float) -> None:
        """From a change to when it was told those who were at the end of the feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamTimes:
    """In seconds. A revoked credential ends its streams after `access` and a look at the database, and nobody is told anything
    whose credential was not seen alive for `trust`: both are well below the 5 seconds of every revocation.

    `look` is how often it is looked whether anything was missed: a process that dies between its commit and telling of it
    tells nobody. `look_unheard` is the same while nothing can be heard. One statement for all streams.
    """

    heartbeat: float = 15.0
    tick: float = 1.0
    access: float = 2.0
    trust: float = 3.0
    look: float = 10.0
    look_unheard: float = 3.0
