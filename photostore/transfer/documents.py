"""The JSON documents of an export: all that photostore knows of a photo, an album and an owner."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from photostore.album.queries import AlbumView
from photostore.photo.photo import PhotoStatus
from photostore.photo.queries import PhotoFilter, PhotoView
from photostore.transfer.queries import Membership, NamedMember, Owner, PlacedPhoto

FORMAT = "photostore_export"
VERSION = 1


def written(document: Mapping[str, object]) -> bytes:
    """The same document gives the same bytes."""
    return json.dumps(document, ensure_ascii=False, indent=1, default=_told).encode() + b"\n"


def photo_document(photo: PhotoView, memberships: Sequence[Membership]) -> dict[str, object]:
    location = None
    if photo.latitude is not None:
        location = {"latitude": photo.latitude, "longitude": photo.longitude, "altitude_m": photo.altitude_m}
    return {
        FORMAT: VERSION,
        "entity": "photo",
        "id": photo.id,
        "owner_id": photo.owner_id,
        "filename": photo.filename,
        "content_type": photo.content_type,
        "byte_size": photo.byte_size,
        "sha256": photo.sha256.hex(),
        "width": photo.width,
        "height": photo.height,
        "title": photo.title,
        "description": photo.description,
        "hashtags": list(photo.hashtags),
        "favorite": photo.favorite,
        "custom": photo.custom,
        "taken_at": photo.taken_at,
        "taken_at_offset_minutes": photo.taken_at_offset_minutes,
        "camera": photo.camera,
        "location": location,
        "albums": [{"id": each.album_id, "name": each.album_name} for each in memberships],
        "trashed_at": photo.trashed_at,
        "created_at": photo.created_at,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumToTell:
    """An album with all that an export tells of it; `cover` is the digest of the photo that covers it."""

    view: AlbumView
    photos: Sequence[PlacedPhoto]
    members: Sequence[NamedMember]
    cover: bytes | None


def album_document(album: AlbumToTell) -> dict[str, object]:
    view = album.view
    return {
        FORMAT: VERSION,
        "entity": "album",
        "id": view.id,
        "name": view.name,
        "description": view.description,
        "query": query_document(view.query),
        "cover": album.cover and album.cover.hex(),
        "members": [
            {"email": each.email, "display_name": each.display_name, "role": each.role} for each in album.members
        ],
        "photos": [each.sha256.hex() for each in album.photos],
        "photos_of_others": [each.sha256.hex() for each in album.photos if each.owner_id != view.owner_id],
        "created_at": view.created_at,
    }


def library_document(owner: Owner, hashtags: Sequence[str]) -> dict[str, object]:
    return {
        FORMAT: VERSION,
        "entity": "library",
        "owner": {"id": owner.id, "email": owner.email, "display_name": owner.display_name},
        "hashtags": list(hashtags),
    }


def query_document(query: PhotoFilter | None) -> dict[str, object] | None:
    """As clients of the API write it."""
    if query is None:
        return None
    return {
        "hashtag": list(query.hashtags) or None,
        "q": query.text,
        "favorite": query.favorite,
        "taken_after": query.taken_from,
        "taken_before": query.taken_before,
        "status": query.status and PhotoStatus(query.status).value,
    }


def _told(value: Any) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)
