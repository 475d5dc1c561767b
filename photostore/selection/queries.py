"""What is read of selections."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from photostore.shared.ids import AlbumId, ShareLinkId, UserId


@dataclass(slots=True)
class MarkView:
    """`shown_id` is by what visitors know the photo."""

    photo_id: UUID
    shown_id: UUID
    filename: str
    favorite: bool
    comment: str | None


@dataclass(slots=True)
class SelectionView:
    submitted_at: datetime | None
    guest_name: str | None
    note: str | None
    marks: Sequence[MarkView]


class SelectionQueries(Protocol):
    @abstractmethod
    async def get(
        self, link_id: ShareLinkId, *, owner: UserId, album_id: AlbumId | None, by_query: bool
    ) -> SelectionView:
        """An empty one where nobody has chosen yet. Marks of photos that the link shows no longer are left out, in the order
        of the photos' ids; where the album finds its photos by a query, those in the trash alone: who calls sees to
        the rest."""
