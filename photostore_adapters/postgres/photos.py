"""Photos, as rows. `photo_queries.py` reads them for clients."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from photostore.hashtag.name import HashtagName
from photostore.photo.errors import PhotoNotFound
from photostore.photo.events import PhotoDeleted
from photostore.photo.photo import Photo, PhotoStatus
from photostore.photo.picture import Camera, Failure, ImageFormat, Location, Rendition
from photostore.photo.ports import DeletionLedger, PhotoRepository
from photostore.shared.blobs import BlobKey
from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import PhotoId, UserId
from photostore_adapters.postgres.events import Outbox
from photostore_adapters.postgres.photo_events import follow
from photostore_adapters.postgres.reading import Statement, compiled
from photostore_adapters.postgres.rows import Row, as_sent, table_of, update_versioned
from photostore_adapters.postgres.writing import run


class PhotoRow(Row):
    __tablename__ = "photos"

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    blob_key: Mapped[str]
    filename: Mapped[str]
    title: Mapped[str | None]
    description: Mapped[str | None]
    content_type: Mapped[str]
    byte_size: Mapped[int]
    sha256: Mapped[bytes]
    width: Mapped[int]
    height: Mapped[int]
    taken_at: Mapped[datetime | None]
    taken_at_offset_minutes: Mapped[int | None]
    hashtags: Mapped[list[str]]
    favorite: Mapped[bool]
    custom: Mapped[dict[str, Any]]
    status: Mapped[str]
    failure: Mapped[str | None]
    camera: Mapped[dict[str, Any] | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    altitude_m: Mapped[float | None]
    placeholder: Mapped[bytes | None]
    renditions: Mapped[list[dict[str, Any]]]
    decode_attempts: Mapped[int] = mapped_column(server_default="0")
    edited_version: Mapped[int]
    taken_at_edited: Mapped[bool]
    trashed_at: Mapped[datetime | None]
    images_bytes: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int]


_PHOTOS = table_of(PhotoRow)
PHOTO_COLUMNS = [column for column in _PHOTOS.c if column.name != "decode_attempts"]
_ADD = compiled(
    insert(_PHOTOS)
    .values({column.name: bindparam(column.name) for column in PHOTO_COLUMNS})
    .on_conflict_do_nothing(index_elements=["owner_id", "sha256"])
    .returning(_PHOTOS.c.id)
)
_COUNT_DECODING = text("""
    UPDATE photos SET decode_attempts = decode_attempts + 1 WHERE owner_id = :owner AND id = :photo
    RETURNING decode_attempts
""")
_FORGET_DECODING = text("""
    UPDATE photos SET decode_attempts = greatest(decode_attempts - 1, 0) WHERE owner_id = :owner AND id = :photo
""")
_COUNT_PROCESSING = Statement(
    """
    SELECT count(*) FROM (
        SELECT FROM photos WHERE owner_id = $1 AND status = 'processing' LIMIT $2::bigint
    ) AS counted
    """,
    ("owner", "at_most"),
)
_IMAGE_COUNTED = text("""
    INSERT INTO photo_images (owner_id, photo_id, blob_key, byte_size) VALUES (:owner, :photo, :key, :byte_size)
    ON CONFLICT DO NOTHING RETURNING byte_size
""")
_IMAGES_GREW = text(
    "UPDATE photos SET images_bytes = images_bytes + :byte_size WHERE owner_id = :owner AND id = :photo"
)
_FORGET_IMAGE = text("""
    DELETE FROM photo_images WHERE owner_id = :owner AND photo_id = :photo AND blob_key = :key RETURNING byte_size
""")
_REMEMBER = text("""
    INSERT INTO deleted_photos (owner_id, sha256, deleted_at)
    SELECT * FROM unnest(CAST(:owners AS uuid[]), CAST(:digests AS bytea[]), CAST(:moments AS timestamptz[]))
        AS gone (owner_id, sha256, deleted_at) ORDER BY owner_id, sha256
    ON CONFLICT (owner_id, sha256) DO UPDATE SET deleted_at = excluded.deleted_at
""")
_DELETED_AT = text("SELECT deleted_at FROM deleted_photos WHERE owner_id = :owner AND sha256 = :sha256")


def to_photo(row: Any) -> Photo:
    values = dict(row._mapping)
    values["id"] = PhotoId(values["id"])
    values["owner_id"] = UserId(values["owner_id"])
    values["blob_key"] = BlobKey(values["blob_key"])
    values["hashtags"] = tuple(HashtagName(name) for name in values["hashtags"])
    values["status"] = PhotoStatus(values["status"])
    values["failure"] = None if values["failure"] is None else Failure(values["failure"])
    values["camera"] = None if values["camera"] is None else Camera(**values["camera"])
    values["location"] = _location(*(values.pop(name) for name in ("latitude", "longitude", "altitude_m")))
    values["renditions"] = tuple(_rendition(**told) for told in values["renditions"])
    return Photo(**values)


def _location(latitude: float | None, longitude: float | None, altitude_m: float | None) -> Location | None:
    if latitude is None or longitude is None:
        return None
    return Location(latitude=latitude, longitude=longitude, altitude_m=altitude_m)


def _rendition(*, format: str, blob_key: str, **told: Any) -> Rendition:
    return Rendition(format=ImageFormat(format), blob_key=BlobKey(blob_key), **told)


def _changing(photo: Photo) -> dict[str, object]:
    return {
        "title": photo.title,
        "description": photo.description,
        "taken_at": photo.taken_at,
        "taken_at_offset_minutes": photo.taken_at_offset_minutes,
        "hashtags": list(photo.hashtags),
        "favorite": photo.favorite,
        "custom": photo.custom,
        "updated_at": photo.updated_at,
        "edited_version": photo.edited_version,
        "taken_at_edited": photo.taken_at_edited,
        **_decoded(photo),
    }


def _decoded(photo: Photo) -> dict[str, object]:
    location = photo.location
    return {
        "width": photo.width,
        "height": photo.height,
        "status": photo.status.value,
        "failure": photo.failure,
        "camera": asdict(photo.camera) if photo.camera else None,
        "latitude": location and location.latitude,
        "longitude": location and location.longitude,
        "altitude_m": location and location.altitude_m,
        "placeholder": photo.placeholder,
        "renditions": [asdict(each) for each in photo.renditions],
    }


def _first(photo: Photo) -> dict[str, object]:
    """What is written once, or by statements of its own."""
    return {
        "owner_id": photo.owner_id,
        "id": photo.id,
        "blob_key": photo.blob_key,
        "filename": photo.filename,
        "content_type": photo.content_type,
        "byte_size": photo.byte_size,
        "sha256": photo.sha256,
        "created_at": photo.created_at,
        "version": photo.version,
        "trashed_at": photo.trashed_at,
        "images_bytes": photo.images_bytes,
    }


class PostgresPhotoRepository(PhotoRepository):
    def __init__(self, session: AsyncSession, outbox: Outbox) -> None:
        self._session = session
        self._outbox = outbox

    async def add(self, photo: Photo) -> PhotoId | None:
        values = as_sent(_PHOTOS, _first(photo) | _changing(photo))
        if not await run(self._session, _ADD, **values):
            existing = await self._find_by_sha256(photo.sha256, owner=photo.owner_id)
            if existing is None:
                raise ConcurrentUpdate("The photo with the same bytes was deleted at the same time. Try again.")
            return existing
        await follow(self._session, self._outbox, photo)
        return None

    async def _find_by_sha256(self, sha256: bytes, *, owner: UserId) -> PhotoId | None:
        statement = select(PhotoRow.id).where(PhotoRow.owner_id == owner, PhotoRow.sha256 == sha256)
        found = (await self._session.execute(statement)).scalar_one_or_none()
        return None if found is None else PhotoId(found)

    async def get(self, photo_id: PhotoId, *, owner: UserId) -> Photo:
        statement = select(*PHOTO_COLUMNS).where(PhotoRow.owner_id == owner, PhotoRow.id == photo_id).with_for_update()
        row = (await self._session.execute(statement)).one_or_none()
        if row is None:
            raise PhotoNotFound(f"There is no photo {photo_id}.")
        return to_photo(row)

    async def save(self, photo: Photo) -> None:
        key = {"owner_id": photo.owner_id, "id": photo.id}
        await update_versioned(self._session, PhotoRow, photo, _changing(photo), **key)
        await follow(self._session, self._outbox, photo)

    async def remove(self, photos: Sequence[Photo]) -> None:
        if not photos:
            return
        versions = [(photo.owner_id, photo.id, photo.version) for photo in photos]
        statement = (
            delete(PhotoRow)
            .where(tuple_(PhotoRow.owner_id, PhotoRow.id, PhotoRow.version).in_(versions))
            .execution_options(synchronize_session=False)
            .returning(PhotoRow.id)
        )
        removed = (await self._session.execute(statement)).all()
        if len(removed) != len(photos):
            raise ConcurrentUpdate("A photo was changed by someone else. Read it again.")
        await self._remember(photos)
        await follow(self._session, self._outbox, *photos)

    async def count_decoding(self, photo_id: PhotoId, *, owner: UserId) -> int:
        counted = (
            await self._session.execute(_COUNT_DECODING, {"owner": owner, "photo": photo_id})
        ).scalar_one_or_none()
        if counted is None:
            raise PhotoNotFound(f"There is no photo {photo_id}.")
        return int(counted)

    async def forget_decoding(self, photo_id: PhotoId, *, owner: UserId) -> None:
        await self._session.execute(_FORGET_DECODING, {"owner": owner, "photo": photo_id})

    async def count_processing(self, owner: UserId, *, at_most: int) -> int:
        [counted] = await run(self._session, _COUNT_PROCESSING, owner=owner, at_most=at_most)
        return int(counted["count"])

    async def count_image(self, photo_id: PhotoId, *, owner: UserId, key: BlobKey, byte_size: int) -> int:
        _ = await self.get(photo_id, owner=owner)
        image = {"owner": owner, "photo": photo_id, "key": key, "byte_size": byte_size}
        if (await self._session.execute(_IMAGE_COUNTED, image)).scalar_one_or_none() is None:
            return 0
        await self._session.execute(_IMAGES_GREW, {"owner": owner, "photo": photo_id, "byte_size": byte_size})
        return byte_size

    async def forget_image(self, photo_id: PhotoId, *, owner: UserId, key: BlobKey) -> int:
        image = {"owner": owner, "photo": photo_id, "key": key}
        byte_size: int | None = (await self._session.execute(_FORGET_IMAGE, image)).scalar_one_or_none()
        if byte_size is None:
            return 0
        await self._session.execute(_IMAGES_GREW, {"owner": owner, "photo": photo_id, "byte_size": -byte_size})
        return byte_size

    async def oldest(self, owner: UserId, *, limit: int) -> Sequence[Photo]:
        statement = (
            select(*PHOTO_COLUMNS)
            .where(PhotoRow.owner_id == owner)
            .order_by(PhotoRow.owner_id, PhotoRow.id)
            .limit(limit)
            .with_for_update()
        )
        return [to_photo(row) for row in await self._session.execute(statement)]

    async def _remember(self, photos: Sequence[Photo]) -> None:
        deleted = [(photo, each.at) for photo in photos for each in photo.events if isinstance(each, PhotoDeleted)]
        if deleted:
            gone = {
                "owners": [photo.owner_id for photo, _ in deleted],
                "digests": [photo.sha256 for photo, _ in deleted],
            }
            await self._session.execute(_REMEMBER, gone | {"moments": [at for _, at in deleted]})


class PostgresDeletionLedger(DeletionLedger):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def deleted_at(self, sha256: bytes, *, owner: UserId) -> datetime | None:
        found = await self._session.execute(_DELETED_AT, {"owner": owner, "sha256": sha256})
        moment: datetime | None = found.scalar_one_or_none()
        return moment
