"""Share links as their owners write and read them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from photostore.share_link.commands.create_share_link import ShareRequest
from photostore.share_link.ports import ShareTokens
from photostore.share_link.queries import ShareLinkView
from photostore.share_link.share_link import ShareLinkEdit
from photostore.shared.ids import AlbumId, PhotoId, ShareLinkId
from photostore.shared.unset import UNSET as LEFT
from photostore.shared.unset import Unset
from photostore_http.moments import in_utc
from photostore_http.settings import HttpSettings


class CreateShareLinkRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To an album, or to photos. `max_uploads`, `max_upload_bytes` and `review` are of what guests add to the album;
    `allow_selection` is whether they choose among the photos."""

    album_id: UUID | None = None
    photo_ids: list[UUID] | None = None
    name: str | None = None
    password: str | None = None
    expires_at: datetime | None = None
    allow_download: bool = False
    allow_upload: bool = False
    hide_metadata: bool = False
    max_views: int | None = None
    max_uploads: int | None = None
    max_upload_bytes: int | None = None
    review: bool = False
    allow_selection: bool = True


class EditShareLinkRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A JSON merge patch (RFC 7396): what is absent stays, what is null goes."""

    name: str | None | UnsetType = UNSET
    password: str | None | UnsetType = UNSET
    expires_at: datetime | None | UnsetType = UNSET
    allow_download: bool | None | UnsetType = UNSET
    allow_upload: bool | None | UnsetType = UNSET
    hide_metadata: bool | None | UnsetType = UNSET
    max_views: int | None | UnsetType = UNSET
    max_uploads: int | None | UnsetType = UNSET
    max_upload_bytes: int | None | UnsetType = UNSET
    review: bool | None | UnsetType = UNSET
    allow_selection: bool | None | UnsetType = UNSET
    disabled: bool | None | UnsetType = UNSET


class ShareLink(Struct, frozen=True, kw_only=True):
    """A link as its owner reads it; whoever has `url` gets in. `token` and `url` are null once the service has another secret
    key and does not know the previous one; the link works on."""

    id: UUID
    token: str | None
    url: str | None
    album_id: UUID | None
    photo_ids: list[UUID] | None
    name: str | None
    has_password: bool
    expires_at: datetime | None
    allow_download: bool
    allow_upload: bool
    hide_metadata: bool
    max_views: int | None
    max_uploads: int | None
    max_upload_bytes: int | None
    review: bool
    allow_selection: bool
    disabled: bool
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ShareLinkDocuments:
    """Views of links with what only the service can tell: their tokens."""

    tokens: ShareTokens
    settings: HttpSettings

    def of(self, view: ShareLinkView) -> ShareLink:
        token = self.tokens.open(ShareLinkId(view.id), view.sealed_token)
        return ShareLink(
            id=view.id,
            token=token,
            url=None if token is None else f"{self.settings.base_url}/s/{token}",
            album_id=view.album_id,
            photo_ids=None if view.album_id else list(view.photo_ids),
            name=view.name,
            has_password=view.has_password,
            expires_at=view.expires_at,
            allow_download=view.allow_download,
            allow_upload=view.allow_upload,
            hide_metadata=view.hide_metadata,
            max_views=view.max_views,
            max_uploads=view.max_uploads,
            max_upload_bytes=view.max_upload_bytes,
            review=view.review,
            allow_selection=view.allow_selection,
            disabled=view.disabled,
            version=view.version,
            created_at=view.created_at,
        )


def wanted_of(data: CreateShareLinkRequest) -> ShareRequest:
    return ShareRequest(
        album_id=None if data.album_id is None else AlbumId(data.album_id),
        photo_ids=None if data.photo_ids is None else [PhotoId(each) for each in data.photo_ids],
        name=data.name,
        password=data.password,
        expires_at=data.expires_at and in_utc(data.expires_at),
        allow_download=data.allow_download,
        allow_upload=data.allow_upload,
        hide_metadata=data.hide_metadata,
        max_views=data.max_views,
        max_uploads=data.max_uploads,
        max_upload_bytes=data.max_upload_bytes,
        review=data.review,
        allow_selection=data.allow_selection,
    )


def edit_of(data: EditShareLinkRequest) -> ShareLinkEdit:
    """Where `null` has no meaning of its own it takes the value back to what a new link has."""
    return ShareLinkEdit(
        name=LEFT if isinstance(data.name, UnsetType) else data.name,
        expires_at=LEFT if isinstance(data.expires_at, UnsetType) else data.expires_at and in_utc(data.expires_at),
        allow_download=LEFT if isinstance(data.allow_download, UnsetType) else bool(data.allow_download),
        allow_upload=LEFT if isinstance(data.allow_upload, UnsetType) else bool(data.allow_upload),
        hide_metadata=LEFT if isinstance(data.hide_metadata, UnsetType) else bool(data.hide_metadata),
        max_views=LEFT if isinstance(data.max_views, UnsetType) else data.max_views,
        max_uploads=LEFT if isinstance(data.max_uploads, UnsetType) else data.max_uploads,
        max_upload_bytes=LEFT if isinstance(data.max_upload_bytes, UnsetType) else data.max_upload_bytes,
        review=LEFT if isinstance(data.review, UnsetType) else bool(data.review),
        allow_selection=LEFT if isinstance(data.allow_selection, UnsetType) else data.allow_selection is not False,
        disabled=LEFT if isinstance(data.disabled, UnsetType) else bool(data.disabled),
    )


def password_of(data: EditShareLinkRequest) -> str | Unset | None:
    return LEFT if isinstance(data.password, UnsetType) else data.password
