"""What the selection room asks of the world to write."""

from abc import abstractmethod
from typing import Protocol

from photostore.selection.selection import Mark, Selection
from photostore.shared.ids import PhotoId, ShareLinkId, UserId


class SelectionRepository(Protocol):
    """Selections with their marks; both go with their link."""

    @abstractmethod
    async def hold(self, link_id: ShareLinkId, *, owner: UserId) -> Selection:
        """Lock it until the transaction's end; where there is none yet it begins. Raise `ShareLinkNotFound`."""

    @abstractmethod
    async def save(self, selection: Selection) -> None:
        """Raise `ConcurrentUpdate` when it was changed since it was read."""

    @abstractmethod
    async def mark(self, selection: Selection, photo_id: PhotoId) -> Mark:
        """What a held selection says of a photo; of most that is nothing."""

    @abstractmethod
    async def put(self, selection: Selection, photo_id: PhotoId, mark: Mark | None) -> None:
        """Say this of a photo; `None` takes it back."""
