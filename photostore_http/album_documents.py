"""Albums as clients read and write them."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from photostore.album.album import UNSET as LEFT
from photostore.album.album import AlbumEdit
from photostore.album.errors import AlbumInvalid
from photostore.album.queries import AlbumView
from photostore.hashtag.name import hashtag_names
from photostore.photo.photo import PhotoStatus
from photostore.photo.queries import PhotoFilter
from photostore.shared.errors import FieldError
from photostore.shared.ids import PhotoId
from photostore_http.moments import in_utc

Status = Literal["processing", "ready", "failed"]


class AlbumQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of the owner's photos show in the album: the filters of `GET /photos`, all of which must hold. Never the trash."""

    hashtag: list[str] | None = None
    q: str | None = None
    favorite: bool | None = None
    taken_after: datetime | None = None
    taken_before: datetime | None = None
    status: Status | None = None


class EditAlbumQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is absent stays, what is null goes."""

    hashtag: list[str] | None | UnsetType = UNSET
    q: str | None | UnsetType = UNSET
    favorite: bool | None | UnsetType = UNSET
    taken_after: datetime | None | UnsetType = UNSET
    taken_before: datetime | None | UnsetType = UNSET
    status: Status | None | UnsetType = UNSET


class Album(Struct, frozen=True, kw_only=True):
    """An album; `role` is the caller's. With a `query` it shows what that finds, and `photo_count` is null. `cover_photo_id`
    is null while the cover is in the trash."""

    id: UUID
    owner_id: UUID
    name: str
    description: str | None
    cover_photo_id: UUID | None
    photo_count: int | None
    query: AlbumQuery | None
    role: Literal["owner", "editor", "contributor", "viewer"]
    version: int
    created_at: datetime
    updated_at: datetime


class CreateAlbumRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With a `query` nobody puts photos into it: it shows what the query finds."""

    name: str
    description: str | None = None
    query: AlbumQuery | None = None


class EditAlbumRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A JSON merge patch (RFC 7396): what is absent stays, what is null goes."""

    name: str | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    cover_photo_id: UUID | None | UnsetType = UNSET
    query: EditAlbumQuery | UnsetType = UNSET


def album_of(view: AlbumView) -> Album:
    return Album(
        id=view.id,
        owner_id=view.owner_id,
        name=view.name,
        description=view.description,
        cover_photo_id=view.cover_photo_id,
        photo_count=view.photo_count,
        query=None if view.query is None else _query(view.query),
        role=view.role.value,
        version=view.version,
        created_at=view.created_at,
        updated_at=view.updated_at,
    )


def filter_of(query: AlbumQuery | None) -> PhotoFilter | None:
    """Raise `NotAHashtag` or `AlbumInvalid`."""
    if query is None:
        return None
    return PhotoFilter(**{_FIELDS[name]: _value(name, getattr(query, name)) for name in _FIELDS})


def edit_of(data: EditAlbumRequest) -> AlbumEdit:
    """Raise `NotAHashtag` or `AlbumInvalid`."""
    cover: PhotoId | None | UnsetType = data.cover_photo_id  # type: ignore[assignment]  # any id may be a photo's
    return AlbumEdit(
        name=LEFT if isinstance(data.name, UnsetType) else data.name,
        description=LEFT if isinstance(data.description, UnsetType) else data.description,
        cover_photo_id=LEFT if isinstance(cover, UnsetType) else cover,
        query=LEFT if isinstance(data.query, UnsetType) else _changes(data.query),
    )


# What each filter of the contract is called in the core.
_FIELDS = {
    "hashtag": "hashtags",
    "q": "text",
    "favorite": "favorite",
    "taken_after": "taken_from",
    "taken_before": "taken_before",
    "status": "status",
}


def _changes(query: EditAlbumQuery) -> dict[str, Any]:
    said = {name: getattr(query, name) for name in _FIELDS}
    return {_FIELDS[name]: _value(name, value) for name, value in said.items() if not isinstance(value, UnsetType)}


def _value(name: str, value: Any) -> Any:
    if name == "hashtag":
        return hashtag_names(value or (), field="query.hashtag")
    if value is None:
        return None
    if name == "q":
        return _text(value)
    if name == "status":
        return PhotoStatus(value)
    return in_utc(value) if isinstance(value, datetime) else value


def _text(text: str) -> str | None:
    if "\x00" in text:
        raise AlbumInvalid("No photo holds that.", errors=[FieldError("query.q", "must not hold a NUL")])
    return text or None


def _query(query: PhotoFilter) -> AlbumQuery:
    status: Any = query.status and query.status.value
    return AlbumQuery(
        hashtag=list(query.hashtags) or None,
        q=query.text,
        favorite=query.favorite,
        taken_after=query.taken_from,
        taken_before=query.taken_before,
        status=status,
    )
