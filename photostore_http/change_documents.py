"""Changes as clients read them: how each thing is now, looked up for a whole page at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from photostore.album.queries import AlbumQueries
from photostore.event.change import Entity
from photostore.event.queries import ChangedHashtag, ChangedUpload, ChangeQueries, ChangeView
from photostore.hashtag.queries import HashtagVisibility
from photostore.photo.queries import PhotoQueries
from photostore.shared.ids import AlbumId, PhotoId, UserId
from photostore_http.album_documents import Album, album_of
from photostore_http.hashtags import Hashtag
from photostore_http.photo_responses import Photo, photo_without_urls
from photostore_http.upload_documents import Upload

_GONE = ".deleted"


class Told(Struct, frozen=True, kw_only=True, gc=False, tag_field="entity"):
    """One change. `seq` counts the caller's changes from 1; `event_id` is the same through whatever door it is told.

    `data` is the thing as it is now, which may be newer than the change. It is null where the thing is gone.
    """

    event_id: UUID
    seq: int
    event: str
    id: UUID
    occurred_at: datetime
    data: Any


class PhotoChange(Told, frozen=True, kw_only=True, gc=False, tag="photo"):
    """A change of a photo; tagging is an update. `data` has no URLs, since they would die where it is kept."""

    event: Literal["photo.created", "photo.updated", "photo.trashed", "photo.restored", "photo.deleted"]
    data: Photo | None


class HashtagChange(Told, frozen=True, kw_only=True, gc=False, tag="hashtag"):
    """A hashtag that the caller made, by its name or by tagging a photo."""

    event: Literal["hashtag.created"]
    data: Hashtag | None


class UploadChange(Told, frozen=True, kw_only=True, gc=False, tag="upload"):
    """A change of an upload that is not a form's. `data` has neither parts nor photo."""

    event: Literal["upload.created", "upload.completed", "upload.aborted", "upload.expired", "upload.rejected"]
    data: Upload | None


class AlbumChange(Told, frozen=True, kw_only=True, gc=False, tag="album"):
    """A change of an album that the caller can see, or of what is in it. Created is also what is shared with them from now
    on, deleted what they can no longer see. `data` is the album as they see it."""

    event: Literal["album.created", "album.updated", "album.deleted"]
    data: Album | None


Change = PhotoChange | HashtagChange | UploadChange | AlbumChange
_KINDS: Mapping[str, type[Change]] = {
    "photo": PhotoChange,
    "hashtag": HashtagChange,
    "upload": UploadChange,
    "album": AlbumChange,
}


class Changes(Struct, frozen=True, kw_only=True):
    """A page of the change feed. There is always a next one: at the end it is empty until something changes."""

    items: list[PhotoChange | HashtagChange | UploadChange | AlbumChange]
    next_cursor: str


class ChangeDocuments:
    """Four statements a page at most."""

    def __init__(
        self, changes: ChangeQueries, photos: PhotoQueries, albums: AlbumQueries, hashtags: HashtagVisibility
    ) -> None:
        self._changes = changes
        self._photos = photos
        self._albums = albums
        self._own_counts = hashtags.private

    async def of(self, changes: Sequence[ChangeView], *, owner: UserId) -> list[Change]:
        """The owner's own changes, in their order."""
        named: dict[str, set[UUID]] = {entity.value: set() for entity in Entity}
        for change in changes:
            if not change.event.endswith(_GONE):
                named[change.entity].add(change.entity_id)
        things = await self._things(owner, named)
        return [
            _KINDS[change.entity](
                event_id=change.event_id,
                seq=change.seq,
                event=change.event,  # type: ignore[arg-type]
                id=change.entity_id,
                occurred_at=change.occurred_at,
                data=None if change.event.endswith(_GONE) else things.get(change.entity_id),
            )
            for change in changes
        ]

    async def _things(self, owner: UserId, named: Mapping[str, set[UUID]]) -> dict[UUID, Any]:
        things: dict[UUID, Any] = {}
        if photo_ids := named[Entity.PHOTO]:
            views = await self._photos.find([PhotoId(each) for each in photo_ids], owner=owner)
            things |= {view.id: photo_without_urls(view) for view in views}
        if album_ids := named[Entity.ALBUM]:
            albums = await self._albums.find([AlbumId(each) for each in album_ids], reader=owner)
            things |= {view.id: album_of(view) for view in albums.values()}
        hashtags, uploads = list(named[Entity.HASHTAG]), list(named[Entity.UPLOAD])
        if hashtags or uploads:
            others = await self._changes.things(owner, hashtags=hashtags, uploads=uploads, own_counts=self._own_counts)
            things |= {each: _document(other) for each, other in others.items()}
        return things


def _document(thing: ChangedHashtag | ChangedUpload) -> Hashtag | Upload:
    if isinstance(thing, ChangedHashtag):
        return Hashtag(id=thing.id, name=thing.name, photo_count=thing.photo_count, created_at=thing.created_at)
    state: Any = thing.state
    return Upload(
        id=thing.id,
        state=state,
        reason=thing.reason,
        filename=thing.filename,
        byte_size=thing.byte_size,
        parts=[],
        expires_at=thing.expires_at,
        photo_id=thing.photo_id,
        photo=None,
        created_at=thing.created_at,
    )
