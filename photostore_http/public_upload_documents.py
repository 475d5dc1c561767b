"""Uploads as guests of a share send and see them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from photostore.photo.details import clean_filename
from photostore.upload.commands.show_upload import ShownPart
from photostore.upload.details import AnnouncedFile, checked_details, digest_agreed
from photostore.upload.upload import Upload as UploadAggregate
from photostore_http.shared_photos import PublicPhoto
from photostore_http.upload_documents import UploadPart, upload_of


class StartPublicUploadRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that a guest is about to send; `sha256` is the digest of its bytes, 64 hexadecimal digits, which is checked."""

    filename: str
    content_type: str
    byte_size: int
    sha256: str | None = None
    title: str | None = None
    guest_name: str | None = None
    part_bytes: int | None = None


class PublicUpload(Struct, frozen=True, kw_only=True):
    """One upload of a guest's, as `Upload`. `photo_id` is by what the share knows what became of it."""

    id: UUID
    state: Literal["pending", "completing", "completed", "aborted", "expired", "rejected"]
    reason: str | None
    filename: str | None
    byte_size: int | None
    parts: list[UploadPart]
    expires_at: datetime
    photo_id: UUID | None
    photo: PublicPhoto | None
    created_at: datetime


def announced_by_guest(data: StartPublicUploadRequest, *, sha256: bytes | None = None) -> AnnouncedFile:
    """`sha256` is the digest where it is told beside the document."""
    details = checked_details(
        title=data.title, description=None, hashtags=(), sha256=data.sha256, keywords_as_hashtags=False
    )
    return AnnouncedFile(
        filename=clean_filename(data.filename),
        content_type=data.content_type,
        byte_size=data.byte_size,
        details=replace(details, sha256=digest_agreed(details.sha256, sha256)),
    )


def public_upload_of(
    upload: UploadAggregate, shown: Sequence[ShownPart], photo: PublicPhoto | None = None
) -> PublicUpload:
    told, guest = upload_of(upload, shown), upload.details.guest
    return PublicUpload(
        id=told.id,
        state=told.state,
        reason=told.reason,
        filename=told.filename,
        byte_size=told.byte_size,
        parts=told.parts,
        expires_at=told.expires_at,
        photo_id=guest.submission_id if guest is not None and told.photo_id is not None else None,
        photo=photo,
        created_at=told.created_at,
    )
