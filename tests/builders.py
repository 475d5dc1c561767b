"""Things that tests are about: each builder takes what a test says, and makes the rest up."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, TypedDict, Unpack
from uuid import UUID

from photostore.hashtag.hashtag import Hashtag
from photostore.hashtag.name import HashtagName, hashtag_name, hashtag_names
from photostore.photo.photo import Photo, PhotoStatus
from photostore.photo.picture import Camera, Failure, ImageFormat, Location, Rendition
from photostore.photo.renditions import rendition_folder
from photostore.share_link.share_link import ShareLink
from photostore.share_link.tokens import token_digest
from photostore.shared.blobs import BlobKey, MultipartId, blob_key
from photostore.shared.ids import AlbumId, ApiKeyId, HashtagId, PhotoId, SessionId, ShareLinkId, UploadId, UserId
from photostore.shared.media import MediaGrant
from photostore.shared.rate_limits import RateLimit
from photostore.upload.details import AnnouncedFile, UploadDetails
from photostore.upload.limits import UploadLimits
from photostore.upload.parts import part_bytes
from photostore.upload.pictures import PictureHeader
from photostore.upload.reception import piece_bytes
from photostore.upload.upload import Upload, UploadState, original_key
from photostore.user.commands.open_session import Client
from photostore.user.policy import AccountPolicy, Registration
from photostore.user.scopes import Scope
from photostore.user.session import ApiKey, Session, digest
from photostore.user.user import User
from tests.fakes.system import NOW, new_id

PASSWORD = "correct horse battery staple"
PICTURE_HEAD = b"\xff\xd8\xff\xe0 the fake inspector knows pictures by this head ".ljust(512, b".")
CLIENT = Client(ip_address="192.0.2.1", user_agent="a test")


def a_user_id() -> UserId:
    return UserId(new_id())


def a_photo_id() -> PhotoId:
    return PhotoId(new_id())


def a_user(
    *,
    id: UserId | None = None,
    email: str | None = None,
    display_name: str | None = None,
    is_admin: bool = False,
    password: str = PASSWORD,
    identity: tuple[str, str] | None = None,
    disabled_at: datetime | None = None,
) -> User:
    """A local account whose password the fake hasher verifies; or one of a provider, by its (issuer, subject)."""
    user_id = id or a_user_id()
    issuer, subject = identity or (None, None)
    return User(
        id=user_id,
        email=email or (None if identity else f"{user_id}@example.test"),
        display_name=display_name,
        is_admin=is_admin,
        created_at=NOW,
        password_hash=None if identity else f"hash of {password}",
        issuer=issuer,
        subject=subject,
        disabled_at=disabled_at,
    )


def a_session(
    *,
    user_id: UserId,
    created_at: datetime = NOW,
    expires_at: datetime = NOW + timedelta(days=30),
    revoked_at: datetime | None = None,
    user_agent: str | None = "a test",
) -> Session:
    return Session(
        id=SessionId(new_id()),
        user_id=user_id,
        created_at=created_at,
        last_seen_at=created_at,
        expires_at=expires_at,
        family_digest=digest(b"family"),
        current_digest=digest(b"current"),
        user_agent=user_agent,
        ip_address="192.0.2.1",
        revoked_at=revoked_at,
    )


def an_api_key(
    *,
    user_id: UserId,
    name: str = "a program",
    scopes: frozenset[Scope] = frozenset({Scope.PHOTOS_READ}),
    secret: bytes = b"secret",
    expires_at: datetime | None = None,
) -> ApiKey:
    return ApiKey(
        id=ApiKeyId(new_id()),
        user_id=user_id,
        name=name,
        scopes=scopes,
        secret_digest=digest(secret),
        created_at=NOW,
        expires_at=expires_at,
    )


def a_rendition(original: BlobKey, *, name: str = "thumb", format: ImageFormat = ImageFormat.WEBP) -> Rendition:
    """Where one of this original would lie."""
    key = blob_key(f"{rendition_folder(original)}{new_id().hex}.{format}")
    return Rendition(name=name, format=format, width=320, height=240, byte_size=100, blob_key=key)


class PhotoDetails(TypedDict, total=False):
    """What a photo can be told besides its owner."""

    id: PhotoId
    blob_key: BlobKey
    filename: str
    title: str | None
    description: str | None
    byte_size: int
    sha256: bytes
    taken_at: datetime | None
    taken_at_offset_minutes: int | None
    favorite: bool
    custom: Mapping[str, object]
    status: PhotoStatus
    failure: Failure | None
    content_type: str
    camera: Camera | None
    location: Location | None
    renditions: tuple[Rendition, ...]
    created_at: datetime
    trashed_at: datetime | None


def a_photo(*, owner_id: UserId | None = None, hashtags: Sequence[str] = (), **details: Unpack[PhotoDetails]) -> Photo:
    """A photo of bytes that no other has. It has not said yet that it was `created`."""
    owner, photo_id = owner_id or a_user_id(), details.get("id") or a_photo_id()
    made: dict[str, Any] = {
        "id": photo_id,
        "owner_id": owner,
        "blob_key": original_key(UploadId(new_id())),
        "filename": "holiday.jpg",
        "content_type": "image/jpeg",
        "byte_size": 1000,
        "sha256": sha256(photo_id.bytes).digest(),
        "width": 4000,
        "height": 3000,
        "created_at": NOW,
        "updated_at": details.get("created_at", NOW),
        "hashtags": hashtag_names(hashtags),
        "status": PhotoStatus.READY,
    }
    return Photo(**{**made, **details})


class LinkDetails(TypedDict, total=False):
    """What a link can be told besides its owner and its photos."""

    id: ShareLinkId
    album_id: AlbumId | None
    name: str | None
    password_hash: str | None
    expires_at: datetime | None
    allow_download: bool
    allow_upload: bool
    hide_metadata: bool
    max_views: int | None
    disabled: bool


def a_share_link(
    *, owner_id: UserId | None = None, photo_ids: Sequence[PhotoId] = (), **details: Unpack[LinkDetails]
) -> ShareLink:
    """A link whose token is its id."""
    link_id = details.get("id") or ShareLinkId(new_id())
    made: dict[str, Any] = {
        "id": link_id,
        "owner_id": owner_id or a_user_id(),
        "token_digest": token_digest(str(link_id)),
        "sealed_token": f"{link_id} {link_id}",
        "photo_ids": tuple(photo_ids),
        "created_at": NOW,
    }
    return ShareLink(**{**made, **details})


def an_upload(
    *,
    owner_id: UserId | None = None,
    reserved_bytes: int = 0,
    state: UploadState = UploadState.PENDING,
    expires_at: datetime = NOW + timedelta(hours=1),
) -> Upload:
    owner, upload_id = owner_id or a_user_id(), UploadId(new_id())
    return Upload(
        id=upload_id,
        owner_id=owner,
        blob_key=original_key(upload_id),
        reserved_bytes=reserved_bytes,
        created_at=NOW,
        expires_at=expires_at,
        state=state,
    )


def a_direct_upload(
    *,
    owner_id: UserId | None = None,
    byte_size: int = 1000,
    multipart_id: MultipartId | None = None,
    sha256: bytes | None = None,
    hashtags: Sequence[str] = (),
    expires_at: datetime = NOW + timedelta(hours=24),
) -> Upload:
    """Of a file that goes straight to the store: in parts where it is told to which multipart upload."""
    upload = Upload.announce(
        id=UploadId(new_id()),
        owner_id=owner_id or a_user_id(),
        file=an_announced_file(byte_size=byte_size, sha256=sha256, hashtags=hashtags),
        now=NOW,
        expires_at=expires_at,
    )
    upload.part_bytes = part_bytes(byte_size)
    upload.multipart_id = multipart_id
    return upload


def a_tus_upload(
    *,
    owner_id: UserId | None = None,
    byte_size: int | None = 1000,
    sha256: bytes | None = None,
    metadata: str | None = None,
    expires_at: datetime = NOW + timedelta(hours=24),
) -> Upload:
    """Of a file that comes piece by piece; its parts were begun."""
    upload = Upload.resumable(
        id=UploadId(new_id()),
        owner_id=owner_id or a_user_id(),
        filename="holiday.jpg",
        content_type="image/jpeg",
        byte_size=byte_size,
        details=UploadDetails(sha256=sha256),
        metadata=metadata,
        now=NOW,
        expires_at=expires_at,
    )
    upload.part_bytes, upload.multipart_id = piece_bytes(1 << 30), MultipartId("m")
    return upload


def an_announced_file(
    *,
    byte_size: int = 1000,
    content_type: str = "image/jpeg",
    sha256: bytes | None = None,
    title: str | None = None,
    hashtags: Sequence[str] = (),
) -> AnnouncedFile:
    return AnnouncedFile(
        filename="holiday.jpg",
        content_type=content_type,
        byte_size=byte_size,
        details=UploadDetails(title=title, sha256=sha256, hashtags=hashtag_names(hashtags)),
    )


def a_hashtag(name: str, *, created_by: UserId | None = None) -> Hashtag:
    return Hashtag(id=HashtagId(new_id()), name=hashtag_name(name), created_at=NOW, created_by=created_by)


def names(*texts: str) -> tuple[HashtagName, ...]:
    return hashtag_names(texts)


def a_picture(text: str = "", *, byte_size: int = 0) -> bytes:
    """Bytes that the fake inspector takes for a JPEG: others for each `text`, at least `byte_size` of them."""
    return (PICTURE_HEAD + text.encode()).ljust(byte_size, b".")


def a_header(*, taken_at: datetime | None = None, taken_at_offset_minutes: int | None = None) -> PictureHeader:
    return PictureHeader(
        content_type="image/jpeg",
        width=4000,
        height=3000,
        taken_at=taken_at,
        taken_at_offset_minutes=taken_at_offset_minutes,
    )


def a_policy(
    *,
    local_accounts: bool = True,
    accept_provider_tokens: bool = False,
    registration: Registration = Registration.OPEN,
    invitation_codes: tuple[str, ...] = (),
    first_account_is_admin: bool = False,
    failed_per_account: int = 10,
    failed_per_address: int = 100,
    sign_ins_per_address: int = 600,
    refreshes_per_address: int = 6000,
    refreshes_per_account: int = 600,
) -> AccountPolicy:
    """Of the contract's limits, each in ten minutes."""
    return AccountPolicy(
        local_accounts=local_accounts,
        accept_provider_tokens=accept_provider_tokens,
        registration=registration,
        invitation_codes=invitation_codes,
        first_account_is_admin=first_account_is_admin,
        session_lifetime=timedelta(days=30),
        failed_sign_ins_per_account=RateLimit(limit=failed_per_account, window=600),
        failed_sign_ins_per_address=RateLimit(limit=failed_per_address, window=600),
        sign_ins_per_address=RateLimit(limit=sign_ins_per_address, window=600),
        refreshes_per_address=RateLimit(limit=refreshes_per_address, window=600),
        refreshes_per_account=RateLimit(limit=refreshes_per_account, window=600),
    )


def upload_limits(
    *,
    max_bytes: int = 1 << 20,
    max_fields_bytes: int = 1 << 10,
    form_lifetime: timedelta = timedelta(hours=1),
    direct_lifetime: timedelta = timedelta(hours=24),
    guest_lifetime: timedelta = timedelta(hours=1),
) -> UploadLimits:
    return UploadLimits(
        max_bytes=max_bytes,
        max_fields_bytes=max_fields_bytes,
        form_lifetime=form_lifetime,
        direct_lifetime=direct_lifetime,
        guest_lifetime=guest_lifetime,
        completing_patience=0.2,
    )


def as_uuids(things: Sequence[Any]) -> list[UUID]:
    """The ids of aggregates or views, in their order."""
    return [thing.id for thing in things]


def told(grant: MediaGrant) -> tuple[str, str, int, str]:
    """As signing a URL wants it."""
    return grant.key, grant.content_type, grant.byte_size, grant.audience


def an_album_id() -> AlbumId:
    return AlbumId(new_id())
