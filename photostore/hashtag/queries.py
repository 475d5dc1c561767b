"""What is read of hashtags."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from photostore.shared.ids import UserId


@dataclass(slots=True)
class HashtagView:
    """`photo_count` counts everyone's photos, or the reader's alone where hashtags are private."""

    id: UUID
    name: str
    photo_count: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HashtagVisibility:
    """Chosen by whoever runs the service: whether hashtags are read by signed-in users alone, each their own."""

    private: bool


class HashtagQueries(Protocol):
    """Reads of hashtags; `reader` is `None` where everyone's photos count."""

    @abstractmethod
    async def list(self, *, reader: UserId | None, after: str | None, limit: int) -> Sequence[HashtagView]:
        """By name; `after` is the last name of the page before."""

    @abstractmethod
    async def search(self, text: str, *, reader: UserId | None, limit: int) -> Sequence[HashtagView]:
        """Those that begin with `text`, most used first, then those that are similar to it, most similar first."""
