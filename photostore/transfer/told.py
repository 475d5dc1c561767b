"""What is said of pictures and albums that come from elsewhere, read from documents that may hold anything."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from photostore.album.details import NAME_LIMIT
from photostore.hashtag.name import HashtagName, hashtag_names, hashtag_names_in
from photostore.photo.details import DESCRIPTION_LIMIT, HASHTAGS_LIMIT, TITLE_LIMIT, checked_custom
from photostore.photo.errors import PhotoInvalid
from photostore.photo.photo import FIRST_YEAR, LAST_YEAR, PhotoStatus
from photostore.photo.queries import PhotoFilter
from photostore.transfer.documents import FORMAT
from photostore.transfer.errors import SidecarInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is said of a picture. With `exact` it is all that was known, and the date is as it was, were it none; else what
    is not said is left to the picture, and the date counts where the picture's own is none, or a day off."""

    filename: str | None = None
    title: str | None = None
    description: str | None = None
    hashtags: tuple[str, ...] = ()
    favorite: bool = False
    custom: Mapping[str, object] = field(default_factory=dict)
    taken_at: datetime | None = None
    taken_at_offset_minutes: int | None = None
    trashed: bool = False
    albums: tuple[str, ...] = ()
    sha256: bytes | None = None
    exact: bool = False


NOTHING_TOLD = Told()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldAlbum:
    """`photos` are the digests of those in it, in its order, and `cover` is one of them."""

    name: str
    description: str | None = None
    query: PhotoFilter | None = None
    photos: tuple[bytes, ...] = ()
    cover: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldLibrary:
    owner_id: str | None
    email: str | None
    hashtags: tuple[str, ...]


def together(surest: Told, other: Told) -> Told:
    """What the surest says, and beyond that what the other does."""
    if surest.exact:
        return surest
    return Told(
        filename=surest.filename or other.filename,
        title=surest.title or other.title,
        description=surest.description or other.description,
        hashtags=tuple(dict.fromkeys((*surest.hashtags, *other.hashtags)))[:HASHTAGS_LIMIT],
        favorite=surest.favorite or other.favorite,
        custom={**other.custom, **surest.custom},
        taken_at=surest.taken_at or other.taken_at,
        taken_at_offset_minutes=(surest if surest.taken_at else other).taken_at_offset_minutes,
        trashed=surest.trashed,
    )


def document_in(content: bytes) -> Mapping[str, Any]:
    """A JSON object. Raise `SidecarInvalid`."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise SidecarInvalid("It is not JSON.") from None
    if not isinstance(document, Mapping):
        raise SidecarInvalid("It is no JSON object.")
    return document


def is_ours(document: Mapping[str, Any], entity: str) -> bool:
    """Raise `SidecarInvalid` for one of a later version, which may mean something else by the same names."""
    if FORMAT not in document:
        return False
    if document[FORMAT] != 1:
        raise SidecarInvalid(f"It was written by a later version of photostore: {FORMAT} is not 1.")
    return bool(document.get("entity") == entity)


def photo_told(document: Mapping[str, Any]) -> Told:
    offset = document.get("taken_at_offset_minutes")
    albums = document.get("albums")
    return Told(
        filename=text_in(document, "filename", 255),
        title=text_in(document, "title", TITLE_LIMIT),
        description=text_in(document, "description", DESCRIPTION_LIMIT),
        hashtags=words_in(document.get("hashtags")),
        favorite=document.get("favorite") is True,
        custom=custom_told(document.get("custom")),
        taken_at=moment_in(document.get("taken_at")),
        taken_at_offset_minutes=offset if isinstance(offset, int) and abs(offset) <= 14 * 60 else None,
        trashed=isinstance(document.get("trashed_at"), str),
        albums=tuple(
            name
            for each in (albums if isinstance(albums, list) else [])
            if isinstance(each, Mapping) and (name := (text_in(each, "name", NAME_LIMIT) or "").strip())
        ),
        sha256=digest_in(document.get("sha256")),
        exact=True,
    )


def album_told(document: Mapping[str, Any]) -> ToldAlbum:
    """Raise `SidecarInvalid` when it has no name, or a query that is none."""
    name = text_in(document, "name", NAME_LIMIT)
    if not name:
        raise SidecarInvalid("The album has no name.")
    photos = document.get("photos")
    digests = (digest_in(each) for each in (photos if isinstance(photos, list) else []))
    return ToldAlbum(
        name=name,
        description=text_in(document, "description", 5000),
        query=_query_told(document.get("query")),
        photos=tuple(each for each in digests if each is not None),
        cover=digest_in(document.get("cover")),
    )


def library_told(document: Mapping[str, Any]) -> ToldLibrary:
    owner = document.get("owner")
    told = owner if isinstance(owner, Mapping) else {}
    return ToldLibrary(
        owner_id=text_in(told, "id", 100),
        email=text_in(told, "email", 320),
        hashtags=words_in(document.get("hashtags"), at_most=None),
    )


def _query_told(document: object) -> PhotoFilter | None:
    if not isinstance(document, Mapping):
        return None
    status, favorite = document.get("status"), document.get("favorite")
    hashtags = document.get("hashtag") or []
    if not (isinstance(hashtags, list) and all(isinstance(word, str) for word in hashtags)):
        raise SidecarInvalid("The album's query names hashtags that are none.")
    if status is not None and status not in list(PhotoStatus):
        raise SidecarInvalid("The album's query names a status that there is not.")
    return PhotoFilter(
        hashtags=hashtag_names(hashtags),
        text=text_in(document, "q", 200),
        favorite=favorite if isinstance(favorite, bool) else None,
        taken_from=moment_in(document.get("taken_after")),
        taken_before=moment_in(document.get("taken_before")),
        status=None if status is None else PhotoStatus(status),
    )


def text_in(document: Mapping[str, Any], name: str, limit: int) -> str | None:
    """Cut at the limit; what is no text is none."""
    value = document.get(name)
    if not isinstance(value, str):
        return None
    return storable(value)[:limit]


def storable(text: str) -> str:
    """Without NULs, and without what stands in names for bytes that are no text: no database keeps these."""
    return text.replace("\0", "").encode(errors="ignore").decode()


def words_in(value: object, *, at_most: int | None = HASHTAGS_LIMIT) -> tuple[HashtagName, ...]:
    """Those that can be hashtags."""
    words: Iterable[str] = (word for word in value if isinstance(word, str)) if isinstance(value, list | tuple) else ()
    return tuple(hashtag_names_in(words))[:at_most]


def moment_in(value: object) -> datetime | None:
    """A time that a photo can have; one without an offset is taken for UTC."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if FIRST_YEAR <= moment.year <= LAST_YEAR else None


def digest_in(value: object) -> bytes | None:
    try:
        digest = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        return None
    return digest if len(digest) == 32 else None


def custom_told(value: object) -> Mapping[str, object]:
    """What cannot be kept is left out as a whole."""
    try:
        return checked_custom(value) if isinstance(value, Mapping) else {}
    except (PhotoInvalid, ValueError, RecursionError):
        return {}
