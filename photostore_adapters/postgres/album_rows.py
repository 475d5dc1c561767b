"""Albums as rows, and their queries as JSON."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from photostore.hashtag.name import HashtagName
from photostore.photo.photo import PhotoStatus
from photostore.photo.queries import PhotoFilter
from photostore_adapters.postgres.rows import Row


class AlbumRow(Row):
    __tablename__ = "albums"

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str | None]
    cover_photo_id: Mapped[UUID | None]
    query: Mapped[dict[str, Any] | None]
    queries: Mapped[int]
    photo_count: Mapped[int]
    last_position: Mapped[int]
    memberships: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int]


class AlbumPhotoRow(Row):
    """What reading needs to know of it."""

    __tablename__ = "album_photos"

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    album_id: Mapped[UUID] = mapped_column(primary_key=True)
    photo_id: Mapped[UUID] = mapped_column(primary_key=True)
    photo_owner_id: Mapped[UUID]
    taken_at: Mapped[datetime | None]
    visible: Mapped[bool]


def query_told(query: PhotoFilter | None) -> dict[str, Any] | None:
    """What is not said is left out."""
    if query is None:
        return None
    told = {
        "hashtags": list(query.hashtags) or None,
        "q": query.text,
        "favorite": query.favorite,
        "taken_after": query.taken_from and query.taken_from.isoformat(),
        "taken_before": query.taken_before and query.taken_before.isoformat(),
        "status": query.status,
    }
    return {name: value for name, value in told.items() if value is not None}


def query_of(told: Mapping[str, Any] | None) -> PhotoFilter | None:
    if told is None:
        return None
    return PhotoFilter(
        hashtags=tuple(HashtagName(name) for name in told.get("hashtags", ())),
        text=told.get("q"),
        favorite=told.get("favorite"),
        taken_from=_moment(told.get("taken_after")),
        taken_before=_moment(told.get("taken_before")),
        status=PhotoStatus(told["status"]) if "status" in told else None,
    )


def _moment(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)
