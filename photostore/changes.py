"""What the owner is told of an event: one table. Whoever publishes events has these told in the same transaction."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from photostore.event.change import Change, Entity, Happening
from photostore.hashtag.events import HashtagCreated
from photostore.photo.events import (
    PhotoCreated,
    PhotoDecoded,
    PhotoDecodingFailed,
    PhotoDeleted,
    PhotoEdited,
    PhotoRestored,
    PhotoRetagged,
    PhotoTrashed,
)
from photostore.shared.aggregate import Event
from photostore.upload.events import UploadAborted, UploadAnnounced, UploadCompleted, UploadExpired, UploadRejected

Told = Callable[[Any], Change]


def _told(entity: Entity, happening: Happening) -> Told:
    """Of events that name their owner, and the thing by the id that is called after it."""
    named = f"{entity}_id"

    def change(event: Any) -> Change:
        return Change(
            owner_id=event.owner_id,
            entity=entity,
            entity_id=getattr(event, named),
            happening=happening,
            at=event.at,
        )

    return change


CHANGES: Mapping[type[Event], Told] = {
    PhotoCreated: _told(Entity.PHOTO, Happening.CREATED),
    PhotoEdited: _told(Entity.PHOTO, Happening.UPDATED),
    PhotoRetagged: _told(Entity.PHOTO, Happening.UPDATED),
    PhotoDecoded: _told(Entity.PHOTO, Happening.UPDATED),
    PhotoDecodingFailed: _told(Entity.PHOTO, Happening.UPDATED),
    PhotoTrashed: _told(Entity.PHOTO, Happening.TRASHED),
    PhotoRestored: _told(Entity.PHOTO, Happening.RESTORED),
    PhotoDeleted: _told(Entity.PHOTO, Happening.DELETED),
    HashtagCreated: _told(Entity.HASHTAG, Happening.CREATED),
    UploadAnnounced: _told(Entity.UPLOAD, Happening.CREATED),
    UploadCompleted: _told(Entity.UPLOAD, Happening.COMPLETED),
    UploadAborted: _told(Entity.UPLOAD, Happening.ABORTED),
    UploadExpired: _told(Entity.UPLOAD, Happening.EXPIRED),
    UploadRejected: _told(Entity.UPLOAD, Happening.REJECTED),
}


def changes_told_of(events: Sequence[Event]) -> list[Change]:
    """One change an event that is told, in order."""
    return [CHANGES[type(event)](event) for event in events if type(event) in CHANGES]
