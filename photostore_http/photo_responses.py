"""The photo as clients read it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from photostore.photo.queries import PhotoView
from photostore.shared.blobs import BlobKey
from photostore.shared.media import MediaGrant, MediaUrls


class Camera(Struct, frozen=True, kw_only=True):
    """What took the picture, as its metadata say."""

    make: str | None
    model: str | None
    lens: str | None
    f_number: float | None
    exposure_seconds: float | None
    iso: int | None
    focal_length_mm: float | None


class Location(Struct, frozen=True, kw_only=True):
    """Where it was taken: degrees (WGS 84) and metres."""

    latitude: float
    longitude: float
    altitude_m: float | None


class Rendition(Struct, frozen=True, kw_only=True):
    """A smaller picture made from the original."""

    name: str
    width: int
    height: int
    byte_size: int
    content_type: str
    url: str


class Photo(Struct, frozen=True, kw_only=True):
    """A photo. Sizes in bytes and pixels as displayed; `url` and `file_url` are signed and need no header."""

    id: UUID
    owner_id: UUID
    filename: str
    title: str | None
    description: str | None
    content_type: str
    byte_size: int
    sha256: str
    width: int
    height: int
    taken_at: datetime | None
    taken_at_offset_minutes: int | None
    hashtags: Sequence[str]
    favorite: bool
    custom: Mapping[str, Any]
    status: Literal["processing", "ready", "failed"]
    file_url: str
    urls_expire_at: datetime
    version: int
    created_at: datetime
    updated_at: datetime
    duplicate: bool = False
    camera: Camera | None = None
    location: Location | None = None
    failure: str | None = None
    placeholder: str | None = None
    renditions: list[Rendition] = []
    trashed_at: datetime | None = None


def photo_of(view: PhotoView, urls: MediaUrls, expires_at: datetime, *, duplicate: bool = False) -> Photo:
    grant = MediaGrant(key=BlobKey(view.blob_key), content_type=view.content_type, audience="owner")
    return Photo(
        id=view.id,
        owner_id=view.owner_id,
        filename=view.filename,
        title=view.title,
        description=view.description,
        content_type=view.content_type,
        byte_size=view.byte_size,
        sha256=view.sha256.hex(),
        width=view.width,
        height=view.height,
        taken_at=view.taken_at,
        taken_at_offset_minutes=view.taken_at_offset_minutes,
        hashtags=view.hashtags,
        favorite=view.favorite,
        custom=view.custom,
        status=view.status,  # type: ignore[arg-type]
        file_url=urls.sign(grant, expires_at=expires_at),
        urls_expire_at=expires_at,
        version=view.version,
        created_at=view.created_at,
        updated_at=view.updated_at,
        duplicate=duplicate,
    )
