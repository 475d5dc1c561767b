"""Uploads as clients send and see them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from photostore.photo.details import clean_filename
from photostore.shared.errors import FieldError
from photostore.upload.commands.show_upload import ShownPart
from photostore.upload.details import AnnouncedFile, checked_details, digest_agreed
from photostore.upload.errors import UploadInvalid
from photostore.upload.upload import Upload as UploadAggregate
from photostore_http.photo_responses import Photo
from photostore_http.problems import Problem, field_problem
from photostore_http.requests import misfit


class StartUploadRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that is to be sent; `sha256` is the digest of its bytes, 64 hexadecimal digits. The photo is put into the album of
    `album_id`.

    `part_bytes` is for senders that cut the file by themselves: 5 to 64 MiB; else the answer says how it is cut.
    """

    filename: str
    content_type: str
    byte_size: int
    sha256: str | None = None
    title: str | None = None
    description: str | None = None
    hashtags: list[str] | None = None
    keywords_as_hashtags: bool | None = None
    album_id: str | None = None
    part_bytes: int | None = None


class StartUploadsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """1 to 100 files. The documentation tells what each is; one that is not so is refused by itself."""

    uploads: list[Any]


class UploadPart(Struct, frozen=True, kw_only=True):
    """Send `byte_size` bytes of the file, from `offset`, exactly so: this method, this URL, all of these headers.

    `received` is whether the store has them already.
    """

    number: int
    offset: int
    byte_size: int
    method: Literal["PUT"]
    url: str
    headers: Mapping[str, str]
    received: bool


class Upload(Struct, frozen=True, kw_only=True):
    """One upload. `parts` are those of one that is open; `reason` is why one was aborted, expired or rejected.

    `filename` and `byte_size` are as announced, and null where nothing was. `photo_id` is what became of it; lists
    show neither `parts` nor `photo`.
    """

    id: UUID
    state: Literal["pending", "completing", "completed", "aborted", "expired", "rejected"]
    reason: str | None
    filename: str | None
    byte_size: int | None
    parts: list[UploadPart]
    expires_at: datetime
    photo_id: UUID | None
    photo: Photo | None
    created_at: datetime


class StartedUpload(Struct, frozen=True, kw_only=True):
    """What became of one of many: `status` is what it would have been answered alone."""

    status: int
    upload: Upload | None
    problem: Problem | None


class StartedUploads(Struct, frozen=True, kw_only=True):
    """In the order in which they were asked for."""

    results: list[StartedUpload]


def asked(each: object) -> StartUploadRequest:
    """One of many. Raise `UploadInvalid` for what is none."""
    try:
        return msgspec.convert(each, StartUploadRequest, strict=True)
    except msgspec.ValidationError as error:
        told = field_problem(*misfit(str(error)))
        errors = [FieldError(told.field, told.message)]
        raise UploadInvalid(f"{told.field}: {told.message}", errors=errors) from None


def announced(data: StartUploadRequest, *, refuse_deleted: bool, sha256: bytes | None = None) -> AnnouncedFile:
    """`sha256` is the digest where it is told beside the document."""
    details = checked_details(
        title=data.title,
        description=data.description,
        hashtags=data.hashtags or (),
        sha256=data.sha256,
        keywords_as_hashtags=data.keywords_as_hashtags,
        refuse_deleted=refuse_deleted,
        album_id=data.album_id,
    )
    return AnnouncedFile(
        filename=clean_filename(data.filename),
        content_type=data.content_type,
        byte_size=data.byte_size,
        details=replace(details, sha256=digest_agreed(details.sha256, sha256)),
    )


def upload_of(upload: UploadAggregate, shown: Sequence[ShownPart] = (), photo: Photo | None = None) -> Upload:
    return Upload(
        id=upload.id,
        state=upload.state.value,
        reason=upload.reason,
        filename=upload.filename,
        byte_size=upload.byte_size,
        parts=[_part(each) for each in shown],
        expires_at=upload.expires_at,
        photo_id=upload.photo_id,
        photo=photo,
        created_at=upload.created_at,
    )


def _part(shown: ShownPart) -> UploadPart:
    return UploadPart(
        number=shown.part.number,
        offset=shown.part.offset,
        byte_size=shown.part.byte_size,
        method="PUT",
        url=shown.request.url,
        headers=shown.request.headers,
        received=shown.received,
    )


def tag_of(upload: UploadAggregate, shown: Sequence[ShownPart]) -> str:
    """Its version, and how many parts have arrived, which no version counts."""
    return f'"{upload.version}-{sum(each.received for each in shown)}"'
