"""The photo as clients read it."""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict

from photostore.photo.picture import ImageFormat
from photostore.photo.queries import PhotoQueries, PhotoView, RenditionView, SubmittedPhotoView
from photostore.shared.ids import UserId
from photostore.shared.media import MediaUrls, audience_of
from photostore.upload.commands.complete_upload import Uploaded

Sign = Callable[[str, str, int, str, datetime], str]


class Camera(Struct, frozen=True, kw_only=True):
    """What took the picture, as its metadata say. Focal length in millimetres, not converted to another sensor."""

    make: str | None
    model: str | None
    lens: str | None
    f_number: float | None
    exposure_seconds: float | None
    iso: int | None
    focal_length_mm: float | None


# A page makes thousands of these. None can hold itself, so the collector need not look for that (`gc=False`).
class Location(Struct, frozen=True, kw_only=True, gc=False):
    """Where it was taken: degrees (WGS 84) and metres."""

    latitude: float
    longitude: float
    altitude_m: float | None


class Rendition(Struct, frozen=True, gc=False):
    """A smaller picture made from the original: one entry for each size and format. `url` is signed, and needs no header; it
    is null while the photo is in the trash."""

    name: str
    width: int
    height: int
    byte_size: int
    content_type: str
    url: str | None


FailureReason = Literal[
    "truncated",
    "corrupt",
    "too_many_pixels",
    "too_many_frames",
    "timed_out",
    "out_of_memory",
    "unsupported_compression",
    "unsupported_feature",
    "crashed",
    "original_missing",
    "original_damaged",
]


class Photo(Struct, frozen=True, kw_only=True, gc=False):
    """A photo. Sizes in bytes and pixels as displayed; `url` and `file_url` are signed and need no header; they are null
    while the photo is in the trash, and in the change feed, where `urls_expire_at` is null, too.

    `taken_at` is UTC when `taken_at_offset_minutes` is known, else the camera's clock written as if it were UTC.
    `sha256`, `favorite`, `custom` and `trashed_at` are for the owner alone: of others' photos they are null.
    `placeholder` is a ThumbHash in base64. `failure` says why a `failed` photo could not be decoded, or
    that its original was lost.
    """

    id: UUID
    owner_id: UUID
    filename: str
    title: str | None
    description: str | None
    content_type: str
    byte_size: int
    sha256: str | None
    width: int
    height: int
    taken_at: datetime | None
    taken_at_offset_minutes: int | None
    hashtags: Sequence[str]
    favorite: bool | None
    custom: Mapping[str, Any] | None
    status: Literal["processing", "ready", "failed"]
    file_url: str | None
    urls_expire_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime
    camera: Camera | None
    location: Location | None
    failure: FailureReason | None
    placeholder: str | None
    renditions: list[Rendition]
    duplicate: bool = False
    trashed_at: datetime | None = None


class PhotoSubmission(Struct, frozen=True, kw_only=True):
    """That a guest of a share link sent it, and who they said that they are."""

    id: UUID
    guest_name: str | None
    share_link_id: UUID


class AlbumPhoto(Photo, frozen=True, kw_only=True, gc=False):
    """A photo in an album: a `Photo`, and how it came there, where a guest sent it."""

    submission: PhotoSubmission | None = None


_CONTENT_TYPES = {each.value: each.content_type for each in ImageFormat}


def photo_of(view: PhotoView, urls: MediaUrls, expires_at: datetime, *, duplicate: bool = False) -> Photo:
    if view.trashed_at is not None:
        # Those that are about are taken back; one signed now would serve nothing, or live on after that is forgotten.
        return _photo(view, None, expires_at, _without_urls(view), duplicate=duplicate)
    audience = audience_of(view.owner_id)
    renditions = [_rendition(told, urls.sign, audience, expires_at) for told in view.renditions]
    file_url = urls.sign(view.blob_key, view.content_type, view.byte_size, audience, expires_at)
    return _photo(view, file_url, expires_at, renditions, duplicate=duplicate)


async def view_of_uploaded(uploaded: Uploaded, photos: PhotoQueries, *, owner: UserId) -> PhotoView:
    """One that was made just now is at hand: nothing that fails from here on makes its upload look failed."""
    return uploaded.made or await photos.get(uploaded.photo_id, owner=owner)


def photo_in_album(view: PhotoView, urls: MediaUrls, expires_at: datetime, *, reader: UUID, audience: str) -> Photo:
    """As somebody reads it who sees it in an album: of others' without what is for its owner alone, signed for `audience`."""
    if view.owner_id == reader:
        return photo_of(view, urls, expires_at)
    renditions = [_rendition(told, urls.sign, audience, expires_at) for told in view.renditions]
    file_url = urls.sign(view.blob_key, view.content_type, view.byte_size, audience, expires_at)
    return _photo(view, file_url, expires_at, renditions, private=False)


def album_photo(view: PhotoView, photo: Photo) -> AlbumPhoto:
    mark = view.submission if isinstance(view, SubmittedPhotoView) else None
    if mark is None:
        return AlbumPhoto(**asdict(photo))
    by = PhotoSubmission(id=mark.id, guest_name=mark.guest_name, share_link_id=mark.link_id)
    return AlbumPhoto(**asdict(photo), submission=by)


def photo_without_urls(view: PhotoView) -> Photo:
    """For what is told once, and kept by who is told: URLs would die there."""
    return _photo(view, None, None, _without_urls(view))


def _photo(
    view: PhotoView,
    file_url: str | None,
    expires_at: datetime | None,
    renditions: list[Rendition],
    *,
    duplicate: bool = False,
    private: bool = True,
) -> Photo:
    return Photo(
        id=view.id,
        owner_id=view.owner_id,
        filename=view.filename,
        title=view.title,
        description=view.description,
        content_type=view.content_type,
        byte_size=view.byte_size,
        sha256=view.sha256.hex() if private else None,
        width=view.width,
        height=view.height,
        taken_at=view.taken_at,
        taken_at_offset_minutes=view.taken_at_offset_minutes,
        hashtags=view.hashtags,
        favorite=view.favorite if private else None,
        custom=view.custom if private else None,
        status=view.status,  # type: ignore[arg-type]
        file_url=file_url,
        urls_expire_at=expires_at,
        version=view.version,
        created_at=view.created_at,
        updated_at=view.updated_at,
        camera=view.camera,  # type: ignore[arg-type]
        location=None if view.latitude is None else location_of(view),
        failure=view.failure,  # type: ignore[arg-type]
        placeholder=None if view.placeholder is None else b64encode(view.placeholder).decode(),
        renditions=renditions,
        duplicate=duplicate,
        trashed_at=view.trashed_at if private else None,
    )


def _without_urls(view: PhotoView) -> list[Rendition]:
    return [
        Rendition(told["name"], told["width"], told["height"], told["byte_size"], _CONTENT_TYPES[told["format"]], None)
        for told in view.renditions
    ]


def location_of(view: PhotoView) -> Location:
    assert view.latitude is not None
    assert view.longitude is not None
    return Location(latitude=view.latitude, longitude=view.longitude, altitude_m=view.altitude_m)


def _rendition(told: RenditionView, sign: Sign, audience: str, expires_at: datetime) -> Rendition:
    content_type = _CONTENT_TYPES[told["format"]]
    byte_size = told["byte_size"]
    url = sign(told["blob_key"], content_type, byte_size, audience, expires_at)
    return Rendition(told["name"], told["width"], told["height"], byte_size, content_type, url)
