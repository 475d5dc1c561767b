"""The photo as visitors of a share read it."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from photostore.photo.picture import ImageFormat
from photostore.photo.queries import PhotoView, RenditionView
from photostore.photo.renditions import rendition_folder
from photostore.share_link.gate import Share, Unlocked
from photostore.share_link.ports import ShareFileUrls
from photostore.share_link.telling import is_shown, shown_id
from photostore.shared.blobs import BlobKey
from photostore.shared.ids import PhotoId
from photostore.shared.media import MediaUrls
from photostore_http.photo_responses import Camera, FailureReason, Location, Rendition, location_of

_CONTENT_TYPES = {each.value: each.content_type for each in ImageFormat}
_ENDINGS = {"image/jpeg": "jpg", "image/svg+xml": "svg"}


class PublicPhoto(Struct, frozen=True, kw_only=True, gc=False):
    """A photo of a share: a `Photo` without what is its owner's alone, which is null.

    `url` and `file_url` are signed and need no header; they end with the share, and `file_url` is null where originals are
    not given away. Where metadata are hidden, `camera`, `location` and `taken_at_offset_minutes` are null, and `filename`
    is not the original's.
    """

    id: UUID
    owner_id: None = None
    filename: str
    title: str | None
    description: str | None
    content_type: str
    byte_size: int
    sha256: None = None
    width: int
    height: int
    taken_at: datetime | None
    taken_at_offset_minutes: int | None
    hashtags: Sequence[str]
    favorite: None = None
    custom: None = None
    status: Literal["processing", "ready", "failed"]
    file_url: str | None
    urls_expire_at: datetime
    version: int
    created_at: datetime
    updated_at: datetime
    camera: Camera | None
    location: Location | None
    failure: FailureReason | None
    placeholder: str | None
    renditions: list[Rendition]
    duplicate: bool = False
    trashed_at: None = None


class SharedPhotos:
    """The photos of one answer: what all of them have in common is looked at once."""

    def __init__(self, share: Share, token: str, urls: MediaUrls, file_urls: ShareFileUrls, base_url: str) -> None:
        self._link = share.link
        self._audience = share.audience
        self._share = share
        self._unlocked = Unlocked(link_id=share.link.id, generation=share.link.generation)
        self._urls = urls
        self._file_urls = file_urls
        self._photos_url = f"{base_url}/api/v1/public/{token}/photos"

    def all(self, views: Sequence[PhotoView], now: datetime) -> list[PublicPhoto]:
        expires_at = self._share.lives_until(self._urls.expiry(now))
        return [self._photo(view, expires_at) for view in views]

    def _photo(self, view: PhotoView, expires_at: datetime) -> PublicPhoto:
        hidden = self._link.hide_metadata
        return PublicPhoto(
            id=shown_id(view),
            filename=neutral_name(view) if hidden else view.filename,
            title=view.title,
            description=view.description,
            content_type=view.content_type,
            byte_size=view.byte_size,
            width=view.width,
            height=view.height,
            taken_at=view.taken_at,
            taken_at_offset_minutes=None if hidden else view.taken_at_offset_minutes,
            hashtags=view.hashtags,
            status=view.status,  # type: ignore[arg-type]
            file_url=self._file_url(view, expires_at) if self._gives(view) else None,
            urls_expire_at=expires_at,
            version=view.version,
            created_at=view.created_at,
            updated_at=view.updated_at,
            camera=None if hidden else view.camera,  # type: ignore[arg-type]
            location=None if hidden or view.latitude is None else location_of(view),
            failure=view.failure,  # type: ignore[arg-type]
            placeholder=None if view.placeholder is None else b64encode(view.placeholder).decode(),
            renditions=self._renditions(view, expires_at) if view.renditions else [],
        )

    def _gives(self, view: PhotoView) -> bool:
        return self._link.allow_download and is_shown(view)

    def _file_url(self, view: PhotoView, expires_at: datetime) -> str:
        photo_id = PhotoId(shown_id(view))
        return f"{self._photos_url}/{photo_id}/file?{self._file_urls.sign(self._unlocked, photo_id, expires_at)}"

    def _renditions(self, view: PhotoView, expires_at: datetime) -> list[Rendition]:
        """Where they lie is told once a photo, sealed."""
        folder = rendition_folder(BlobKey(view.blob_key))
        concealed, named = self._urls.conceal(folder, self._audience), len(folder)
        return [self._rendition(told, concealed + told["blob_key"][named:], expires_at) for told in view.renditions]

    def _rendition(self, told: RenditionView, key: str, expires_at: datetime) -> Rendition:
        content_type, byte_size = _CONTENT_TYPES[told["format"]], told["byte_size"]
        url = self._urls.sign(key, content_type, byte_size, self._audience, expires_at)
        return Rendition(told["name"], told["width"], told["height"], byte_size, content_type, url)


def neutral_name(view: PhotoView, content_type: str | None = None) -> str:
    """A name that tells nothing, of a photo whose own is not told."""
    kind = content_type or view.content_type
    ending = _ENDINGS.get(kind, kind.rpartition("/")[2].removeprefix("x-"))
    return f"photo-{shown_id(view).hex[-12:]}.{ending}"
