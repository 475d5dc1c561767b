"""What is told of an owner's things: one line of the change feed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from photostore.shared.ids import UserId


class Entity(StrEnum):
    """What kind of thing changed."""

    PHOTO = "photo"
    HASHTAG = "hashtag"
    UPLOAD = "upload"
    ALBUM = "album"


class Happening(StrEnum):
    """What happened to it, the weaker before the stronger: of several in one transaction the strongest is told."""

    UPDATED = "updated"
    TRASHED = "trashed"
    RESTORED = "restored"
    CREATED = "created"
    COMPLETED = "completed"
    ABORTED = "aborted"
    EXPIRED = "expired"
    REJECTED = "rejected"
    DELETED = "deleted"


# Of two that are as strong, the later one is told.
_STRENGTH = {Happening.UPDATED: 0, Happening.TRASHED: 1, Happening.RESTORED: 1, Happening.CREATED: 2}
_STRONGEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something of `owner_id`'s, or that is shared with them, changed `at` that time. How it is now is looked up when the
    change is told."""

    owner_id: UserId
    entity: Entity
    entity_id: UUID
    happening: Happening
    at: datetime

    @property
    def event(self) -> str:
        """Its name: `photo.created`."""
        return f"{self.entity}.{self.happening}"

    @property
    def strength(self) -> int:
        return _STRENGTH.get(self.happening, _STRONGEST)


def coalesced(changes: Iterable[Change]) -> list[Change]:
    """One for each thing and whom it is told, the strongest, in the order in which the things were first named."""
    told: dict[tuple[UserId, UUID], Change] = {}
    for change in changes:
        key = (change.owner_id, change.entity_id)
        before = told.get(key)
        if before is None or change.strength >= before.strength:
            told[key] = change
    return list(told.values())
