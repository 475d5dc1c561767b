"""A hashtag: one word that any number of photos of any number of owners can carry."""

from dataclasses import dataclass
from datetime import datetime

from photostore.hashtag.events import HashtagCreated
from photostore.hashtag.name import HashtagName
from photostore.shared.aggregate import Aggregate
from photostore.shared.ids import HashtagId, UserId


@dataclass(slots=True, kw_only=True, eq=False)
class Hashtag(Aggregate[HashtagId]):
    """The name is the identity that people know; it never changes. Tagging a photo makes the ones that are missing."""

    name: HashtagName
    created_at: datetime
    created_by: UserId | None

    def created(self) -> None:
        """Say that it came into being, where somebody made it."""
        if self.created_by is not None:
            self.record(HashtagCreated(at=self.created_at, owner_id=self.created_by, hashtag_id=self.id))
