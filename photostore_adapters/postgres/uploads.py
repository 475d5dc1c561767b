"""Uploads, as rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from photostore.hashtag.name import HashtagName
from photostore.shared.blobs import BlobKey
from photostore.shared.ids import AlbumId, PhotoId, ShareLinkId, SubmissionId, UploadId, UserId
from photostore.submission.guest import GuestUpload
from photostore.upload.details import UploadDetails
from photostore.upload.errors import UploadNotFound
from photostore.upload.ports import BlobReferences, UploadRepository
from photostore.upload.reception import Reception
from photostore.upload.upload import OPEN_STATES, Door, Upload, UploadState
from photostore_adapters.postgres.events import Outbox
from photostore_adapters.postgres.reading import compiled
from photostore_adapters.postgres.rows import Row, table_of, update_versioned
from photostore_adapters.postgres.writing import json, run


class UploadRow(Row):
    __tablename__ = "uploads"

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    blob_key: Mapped[str]
    reserved_bytes: Mapped[int]
    state: Mapped[str]
    reason: Mapped[str | None]
    photo_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    door: Mapped[str] = mapped_column(server_default="form")
    filename: Mapped[str | None]
    content_type: Mapped[str | None]
    byte_size: Mapped[int | None]
    sha256: Mapped[bytes | None]
    details: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    part_bytes: Mapped[int | None]
    multipart_id: Mapped[str | None]
    completing_until: Mapped[datetime | None]
    received_bytes: Mapped[int | None]
    tail_key: Mapped[str | None]
    held_by: Mapped[UUID | None]
    held_until: Mapped[datetime | None]
    metadata_text: Mapped[str | None]
    version: Mapped[int]


_UPLOADS = table_of(UploadRow)
_ADD = compiled(insert(_UPLOADS))
# How far one has come that comes piece by piece; null of all others.
_OF_RECEPTION = ("received_bytes", "tail_key", "held_by", "held_until", "metadata_text")
# What an upload has otherwise than its row.
_PARTED = ("details", "sha256", *_OF_RECEPTION)
_WHOLE = tuple(column.name for column in _UPLOADS.c if column.name not in _PARTED)
_GET = compiled(
    select(*_UPLOADS.c)
    .where(_UPLOADS.c.owner_id == bindparam("owner"), _UPLOADS.c.id == bindparam("upload"))
    .with_for_update()
)


def to_upload(values: dict[str, Any]) -> Upload:
    """The upload of a row, by the names of its columns."""
    details, sha256 = values.pop("details"), values.pop("sha256")
    reception = _reception({name: values.pop(name) for name in _OF_RECEPTION})
    return Upload(
        **{
            **values,
            "id": UploadId(values["id"]),
            "owner_id": UserId(values["owner_id"]),
            "blob_key": BlobKey(values["blob_key"]),
            "state": UploadState(values["state"]),
            "door": Door(values["door"]),
            "photo_id": None if values["photo_id"] is None else PhotoId(values["photo_id"]),
            "reception": reception,
            "details": UploadDetails(
                title=details.get("title"),
                description=details.get("description"),
                hashtags=tuple(HashtagName(name) for name in details.get("hashtags", ())),
                sha256=sha256,
                keywords_as_hashtags=details.get("keywords_as_hashtags"),
                refuse_deleted=details.get("refuse_deleted", False),
                guest=_guest(details.get("guest")),
                album_id=AlbumId(UUID(details["album_id"])) if "album_id" in details else None,
            ),
        }
    )


def _reception(values: dict[str, Any]) -> Reception | None:
    """Only uploads that come piece by piece have one."""
    if values["received_bytes"] is None:
        return None
    return Reception(
        received_bytes=values["received_bytes"],
        tail_key=None if values["tail_key"] is None else BlobKey(values["tail_key"]),
        held_by=values["held_by"],
        held_until=values["held_until"],
        metadata=values["metadata_text"],
    )


def _columns_of(reception: Reception | None) -> dict[str, object]:
    if reception is None:
        return dict.fromkeys(_OF_RECEPTION)
    holding = (reception.held_by, reception.held_until)
    told = (reception.received_bytes, reception.tail_key, *holding, reception.metadata)
    return dict(zip(_OF_RECEPTION, told, strict=True))


def _guest(told: dict[str, Any] | None) -> GuestUpload | None:
    if told is None:
        return None
    return GuestUpload(
        link_id=ShareLinkId(UUID(told["link_id"])),
        album_id=AlbumId(UUID(told["album_id"])),
        submission_id=SubmissionId(UUID(told["submission_id"])),
        name=told["name"],
    )


def _told_of(guest: GuestUpload | None) -> dict[str, object] | None:
    if guest is None:
        return None
    ids = {"link_id": guest.link_id, "album_id": guest.album_id, "submission_id": guest.submission_id}
    return {**{name: str(value) for name, value in ids.items()}, "name": guest.name}


def _details(details: UploadDetails) -> dict[str, object]:
    """What was said, without what was not: of most uploads that is nothing."""
    said = {
        "title": details.title,
        "description": details.description,
        "hashtags": list(details.hashtags) or None,
        "keywords_as_hashtags": details.keywords_as_hashtags,
        "refuse_deleted": details.refuse_deleted or None,
        "guest": _told_of(details.guest),
        "album_id": None if details.album_id is None else str(details.album_id),
    }
    return {name: value for name, value in said.items() if value is not None}


class PostgresUploadRepository(UploadRepository):
    def __init__(self, session: AsyncSession, outbox: Outbox) -> None:
        self._session = session
        self._outbox = outbox

    async def add(self, upload: Upload) -> None:
        values: dict[str, object] = {name: getattr(upload, name) for name in _WHOLE}
        values |= _columns_of(upload.reception)
        values |= {"details": json(_details(upload.details)), "sha256": upload.details.sha256}
        await run(self._session, _ADD, **values)
        await self._outbox.publish(upload.take_events())

    async def get(self, upload_id: UploadId, *, owner: UserId) -> Upload:
        rows = await run(self._session, _GET, owner=owner, upload=upload_id)
        if not rows:
            raise UploadNotFound(f"There is no upload {upload_id}.")
        return to_upload(dict(rows[0]))

    async def save(self, upload: Upload) -> None:
        columns: dict[str, object] = {
            "state": upload.state,
            "reason": upload.reason,
            "photo_id": upload.photo_id,
            "completing_until": upload.completing_until,
        }
        if upload.reception is not None:
            # Its size may become known on the way, and its room with it.
            columns |= {"byte_size": upload.byte_size, "reserved_bytes": upload.reserved_bytes}
            columns |= _columns_of(upload.reception)
        key = {"owner_id": upload.owner_id, "id": upload.id}
        await update_versioned(self._session, UploadRow, upload, columns, **key)
        await self._outbox.publish(upload.take_events())

    async def open_of(self, owner: UserId) -> Sequence[Upload]:
        statement = (
            select(*_UPLOADS.c)
            .where(UploadRow.owner_id == owner, UploadRow.state.in_([state.value for state in OPEN_STATES]))
            .order_by(UploadRow.id)
            .with_for_update()
        )
        return [to_upload(dict(row._mapping)) for row in await self._session.execute(statement)]

    async def forget(self, *, before: datetime) -> int:
        removed = await self._session.execute(
            delete(UploadRow)
            .where(UploadRow.state.not_in([state.value for state in OPEN_STATES]), UploadRow.expires_at < before)
            .execution_options(synchronize_session=False)
            .returning(UploadRow.id)
        )
        return len(removed.all())

    async def expired(self, *, before: datetime, limit: int) -> Sequence[Upload]:
        statement = (
            select(*_UPLOADS.c)
            .where(UploadRow.state.in_([state.value for state in OPEN_STATES]), UploadRow.expires_at < before)
            .where(or_(UploadRow.completing_until.is_(None), UploadRow.completing_until < before))
            .order_by(UploadRow.expires_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [to_upload(dict(row._mapping)) for row in await self._session.execute(statement)]


_UNREFERENCED = text("""
    SELECT key FROM unnest(CAST(:keys AS text[])) AS key
    WHERE NOT EXISTS (SELECT FROM photos WHERE blob_key = key)
      AND NOT EXISTS (SELECT FROM uploads WHERE blob_key = key AND state IN ('pending', 'completing'))
      AND NOT EXISTS (SELECT FROM uploads WHERE tail_key = key AND state IN ('pending', 'completing'))
""")


class PostgresBlobReferences(BlobReferences):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def installation(self) -> UUID:
        found: UUID = (await self._session.execute(text("SELECT id FROM installation"))).scalar_one()
        return found

    async def unreferenced(self, keys: Sequence[BlobKey]) -> Sequence[BlobKey]:
        rows = await self._session.execute(_UNREFERENCED, {"keys": list(keys)})
        return [BlobKey(row.key) for row in rows]
