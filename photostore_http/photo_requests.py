"""What requests about photos hold: parameters, cursors and edits, as the domain wants them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar.params import PathParameter, QueryParameter
from msgspec import UNSET, Struct, UnsetType

from photostore.hashtag.errors import NotAHashtag
from photostore.hashtag.name import HashtagName, hashtag_names
from photostore.photo.photo import PhotoEdit, PhotoStatus
from photostore.photo.queries import PhotoPosition, PhotoSort
from photostore.shared.errors import FieldError
from photostore.shared.unset import UNSET as LEFT
from photostore_http.moments import in_utc
from photostore_http.paging import (
    BadCursor,
    BadParameter,
    decode_cursor,
    encode_cursor,
)


class EditPhotoRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A JSON merge patch (RFC 7396): what is absent stays, what is null goes."""

    title: str | None | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    hashtags: list[str] | None | UnsetType = UNSET
    favorite: bool | None | UnsetType = UNSET
    taken_at: datetime | None | UnsetType = UNSET
    custom: dict[str, Any] | None | UnsetType = UNSET


class _Cursor(Struct, array_like=True, frozen=True):
    sort: str
    id: UUID
    taken_at: datetime | None


Hashtags = Annotated[
    list[str] | None, QueryParameter(description="Photos that carry this hashtag; it may repeat: all of them.")
]
SearchText = Annotated[
    str | None, QueryParameter(description="Looked for in title, description and filename, whatever the case.")
]
Favorite = Annotated[bool | None, QueryParameter(description="Favorites alone, or all others.")]
TakenAfter = Annotated[datetime | None, QueryParameter(description="Taken then or later (RFC 3339).")]
TakenBefore = Annotated[datetime | None, QueryParameter(description="Taken earlier than that (RFC 3339).")]
Status = Annotated[PhotoStatus | None, QueryParameter(description="Whether the picture has been looked into.")]
Trashed = Annotated[bool, QueryParameter(description="The trash, in place of all else.")]
InAlbumId = Annotated[
    UUID | None,
    QueryParameter(description="Photos in this album, whoever owns them; the caller's, or shared with them."),
]
Sort = Annotated[PhotoSort, QueryParameter(description="Photos without `taken_at` come last in both of its orders.")]
Id = Annotated[UUID, PathParameter(description="The photo's id.")]
TagName = Annotated[str, PathParameter(description="The hashtag, with or without `#`.")]


def wanted_hashtags(texts: list[str] | None) -> tuple[HashtagName, ...]:
    try:
        return hashtag_names(texts or (), field="hashtag")
    except NotAHashtag as error:
        raise BadParameter(error.detail, errors=error.errors) from None


def position_of(cursor: str | None, sort: PhotoSort) -> PhotoPosition | None:
    position = decode_cursor(cursor, _Cursor)
    if position is None:
        return None
    if position.sort != sort.value:
        raise BadCursor("The cursor belongs to another order.", errors=[FieldError("cursor", "is of another sort")])
    return PhotoPosition(id=position.id, taken_at=position.taken_at and in_utc(position.taken_at))


def cursor_of(position: PhotoPosition, sort: PhotoSort) -> str:
    return encode_cursor(_Cursor(sort.value, position.id, position.taken_at))


def edit_of(data: EditPhotoRequest) -> PhotoEdit:
    """Where `null` has no meaning of its own it takes the value back to what a new photo has."""
    return PhotoEdit(
        title=LEFT if isinstance(data.title, UnsetType) else data.title,
        description=LEFT if isinstance(data.description, UnsetType) else data.description,
        hashtags=LEFT if isinstance(data.hashtags, UnsetType) else data.hashtags or (),
        favorite=LEFT if isinstance(data.favorite, UnsetType) else bool(data.favorite),
        taken_at=LEFT if isinstance(data.taken_at, UnsetType) else data.taken_at,
        custom=LEFT if isinstance(data.custom, UnsetType) else data.custom,
    )
