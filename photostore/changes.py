"""What the owner is told of an event, and whoever shares the thing: two tables. Whoever publishes events has these told in
the same transaction."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from photostore.album.events import AlbumChanged, AlbumCreated, AlbumDeleted, MemberJoined, MemberLeft
from photostore.event.change import Change, Entity, Happening
from photostore.hashtag.events import HashtagCreated
from photostore.photo.events import (
    PhotoCreated,
    PhotoDecoded,
    PhotoDecodingFailed,
    PhotoDeleted,
    PhotoEdited,
    PhotoOriginalLost,
    PhotoOriginalRecovered,
    PhotoRenditionsLost,
    PhotoRestored,
    PhotoRetagged,
    PhotoTrashed,
)
from photostore.shared.aggregate import Event
from photostore.shared.ids import UserId
from photostore.upload.events import UploadAborted, UploadAnnounced, UploadCompleted, UploadExpired, UploadRejected

Told = Callable[[Any], Change]
ToldToAll = Callable[[Any], Sequence[Change]]


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
    PhotoOriginalLost: _told(Entity.PHOTO, Happening.UPDATED),
    PhotoOriginalRecovered: _told(Entity.PHOTO, Happening.UPDATED),
    PhotoRenditionsLost: _told(Entity.PHOTO, Happening.UPDATED),
    PhotoTrashed: _told(Entity.PHOTO, Happening.TRASHED),
    PhotoRestored: _told(Entity.PHOTO, Happening.RESTORED),
    PhotoDeleted: _told(Entity.PHOTO, Happening.DELETED),
    AlbumCreated: _told(Entity.ALBUM, Happening.CREATED),
    HashtagCreated: _told(Entity.HASHTAG, Happening.CREATED),
    UploadAnnounced: _told(Entity.UPLOAD, Happening.CREATED),
    UploadCompleted: _told(Entity.UPLOAD, Happening.COMPLETED),
    UploadAborted: _told(Entity.UPLOAD, Happening.ABORTED),
    UploadExpired: _told(Entity.UPLOAD, Happening.EXPIRED),
    UploadRejected: _told(Entity.UPLOAD, Happening.REJECTED),
}


def _told_to_people(happening: Happening) -> ToldToAll:
    """Of events of an album that name all who can see it."""

    def changes(event: Any) -> list[Change]:
        return [_of_album(event, person, happening) for person in event.people]

    return changes


def _told_to_member(happening: Happening) -> ToldToAll:
    """To them alone the album comes into being, or goes."""
    return lambda event: [_of_album(event, event.user_id, happening)]


def _of_album(event: Any, person: UserId, happening: Happening) -> Change:
    return Change(owner_id=person, entity=Entity.ALBUM, entity_id=event.album_id, happening=happening, at=event.at)


# What several are told.
SHARED_CHANGES: Mapping[type[Event], ToldToAll] = {
    AlbumChanged: _told_to_people(Happening.UPDATED),
    AlbumDeleted: _told_to_people(Happening.DELETED),
    MemberJoined: _told_to_member(Happening.CREATED),
    MemberLeft: _told_to_member(Happening.DELETED),
}


def changes_told_of(events: Sequence[Event]) -> list[Change]:
    """In the order of the events."""
    told = list[Change]()
    for event in events:
        if type(event) in CHANGES:
            told.append(CHANGES[type(event)](event))
        elif type(event) in SHARED_CHANGES:
            told += SHARED_CHANGES[type(event)](event)
    return told
