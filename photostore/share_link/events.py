"""What happens to share links."""

from dataclasses import dataclass

from photostore.shared.aggregate import Event
from photostore.shared.ids import ShareLinkId


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareUrlsEnded(Event):
    """What was signed or unlocked for a generation of a link is good no longer."""

    link_id: ShareLinkId
    generation: int
