"""Time and ids as ports, so that no rule reads the wall clock or rolls dice by itself."""

from abc import abstractmethod
from datetime import datetime
from typing import Protocol
from uuid import UUID


class Clock(Protocol):
    @abstractmethod
    def now(self) -> datetime:
        """The present time, aware, in UTC, with microseconds."""


class Ids(Protocol):
    @abstractmethod
    def new(self) -> UUID:
        """A fresh UUID of version 7 (RFC 9562): later ones sort after earlier ones."""


class Secrets(Protocol):
    @abstractmethod
    def token(self, size: int) -> bytes:
        """`size` bytes that nobody can guess."""
