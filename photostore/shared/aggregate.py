"""Aggregates, and the events they record."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

Id = TypeVar("Id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact about an aggregate, in the past tense. `at` is an aware time in UTC."""

    at: datetime


@dataclass(slots=True, kw_only=True, eq=False)
class Aggregate(Generic[Id]):
    """An entity that is loaded, changed by its verbs and saved as one. Equal by id.

    `version` counts its saved changes, from 1; a repository saves it only where the stored version is still the one
    that was read. `events` are what happened since it was loaded; saving hands them on, in the same transaction.
    """

    id: Id
    version: int = 1
    events: list[Event] = field(default_factory=list, repr=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and bool(self.id == other.id)

    def __hash__(self) -> int:
        return hash(self.id)

    def record(self, event: Event) -> None:
        self.events.append(event)

    def take_events(self) -> list[Event]:
        """The events since loading, forgotten by the aggregate: each is handed on once."""
        taken, self.events = self.events, []
        return taken
