"""Facts about hashtags."""

from dataclasses import dataclass

from photostore.shared.aggregate import Event
from photostore.shared.ids import HashtagId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class HashtagCreated(Event):
    """`owner_id` made it, by name or by tagging a photo with it. It is nobody's own."""

    owner_id: UserId
    hashtag_id: HashtagId
