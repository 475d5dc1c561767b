"""A photo as it lies in the cache: the document that its owner reads, without URLs, and what URLs are made of."""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from photostore.photo.picture import ImageFormat
from photostore.photo.queries import PhotoView

_CONTENT_TYPES = {each.value: each.content_type for each in ImageFormat}


class _Location(msgspec.Struct, frozen=True, gc=False):
    latitude: float
    longitude: float
    altitude_m: float | None


class _Rendition(msgspec.Struct, frozen=True, gc=False):
    name: str
    width: int
    height: int
    byte_size: int
    content_type: str
    url: None = None


class _Kept(msgspec.Struct, frozen=True, gc=False):
    """Beside the document: its version, where a script finds it (`photo_cache.py`), in which run of Redis it was looked for,
    and where the bytes of the photo and its renditions lie."""

    version: int
    run: str
    blob_key: str
    formats: Sequence[str]
    blob_keys: Sequence[str]


class _Document(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The API's `Photo`. What is looked at before anything is decoded stands first: id, owner and version."""

    id: UUID
    owner_id: UUID
    kept: _Kept
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
    hashtags: list[str]
    favorite: bool
    custom: dict[str, Any]
    status: str
    file_url: None = None
    urls_expire_at: None = None
    version: int
    created_at: datetime
    updated_at: datetime
    camera: Mapping[str, Any] | None
    location: _Location | None
    failure: str | None
    placeholder: str | None
    renditions: list[_Rendition]
    duplicate: bool = False
    trashed_at: datetime | None


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(_Document)


def beginning_of(photo_id: UUID, owner: UUID) -> bytes:
    """How the document of this photo begins, if it is this owner's."""
    return b'{"id":"%s","owner_id":"%s",' % (str(photo_id).encode(), str(owner).encode())


def document_of(view: PhotoView, *, run: str) -> bytes:
    """Raise `ValueError` or `OverflowError` where JSON has no words for what somebody keeps in `custom`."""
    renditions = [
        _Rendition(told["name"], told["width"], told["height"], told["byte_size"], _CONTENT_TYPES[told["format"]])
        for told in view.renditions
    ]
    keys = [told["blob_key"] for told in view.renditions]
    kept = _Kept(view.version, run, view.blob_key, [told["format"] for told in view.renditions], keys)
    return _ENCODER.encode(
        _Document(
            id=view.id,
            owner_id=view.owner_id,
            kept=kept,
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
            hashtags=list(view.hashtags),
            favorite=view.favorite,
            custom=dict(view.custom),
            status=view.status,
            version=view.version,
            created_at=view.created_at,
            updated_at=view.updated_at,
            camera=view.camera,
            location=_location_of(view),
            failure=view.failure,
            placeholder=None if view.placeholder is None else b64encode(view.placeholder).decode(),
            renditions=renditions,
            trashed_at=view.trashed_at,
        )
    )


def view_in(document: bytes, *, run: str) -> PhotoView | None:
    """`None` where it was read in another run of Redis. Raise `msgspec.MsgspecError` for what another version wrote."""
    told = _DECODER.decode(document)
    kept, location = told.kept, told.location
    if kept.run != run:
        return None
    return PhotoView(
        id=told.id,
        owner_id=told.owner_id,
        blob_key=kept.blob_key,
        filename=told.filename,
        title=told.title,
        description=told.description,
        content_type=told.content_type,
        byte_size=told.byte_size,
        sha256=bytes.fromhex(told.sha256),
        width=told.width,
        height=told.height,
        taken_at=told.taken_at,
        taken_at_offset_minutes=told.taken_at_offset_minutes,
        hashtags=told.hashtags,
        favorite=told.favorite,
        custom=told.custom,
        status=told.status,
        version=told.version,
        created_at=told.created_at,
        updated_at=told.updated_at,
        failure=told.failure,
        camera=told.camera,
        latitude=None if location is None else location.latitude,
        longitude=None if location is None else location.longitude,
        altitude_m=None if location is None else location.altitude_m,
        placeholder=None if told.placeholder is None else b64decode(told.placeholder),
        renditions=[
            {
                "name": each.name,
                "format": made_as,
                "width": each.width,
                "height": each.height,
                "byte_size": each.byte_size,
                "blob_key": key,
            }
            for each, made_as, key in zip(told.renditions, kept.formats, kept.blob_keys, strict=True)
        ],
        trashed_at=told.trashed_at,
    )


def _location_of(view: PhotoView) -> _Location | None:
    if view.latitude is None or view.longitude is None:
        return None
    return _Location(view.latitude, view.longitude, view.altitude_m)
