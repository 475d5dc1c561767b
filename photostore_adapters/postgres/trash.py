"""The trash, as rows: photos whose `trashed_at` is set."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.photo.photo import Photo
from photostore.photo.ports import TrashRepository
from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import PhotoId, UserId
from photostore_adapters.postgres.events import Outbox
from photostore_adapters.postgres.photo_events import follow
from photostore_adapters.postgres.photos import PHOTO_COLUMNS, PhotoRow, to_photo

_MOVE = text("""
    UPDATE photos SET trashed_at = moved.trashed_at, updated_at = moved.updated_at,
                      edited_version = moved.edited_version, version = photos.version + 1
    FROM unnest(CAST(:ids AS uuid[]), CAST(:versions AS integer[]), CAST(:trashed AS timestamptz[]),
                CAST(:updated AS timestamptz[]), CAST(:edited AS integer[]))
        AS moved (id, version, trashed_at, updated_at, edited_version)
    WHERE photos.owner_id = :owner AND photos.id = moved.id AND photos.version = moved.version
    RETURNING photos.id
""")
_MOVE_FINGERPRINTS = text("""
    UPDATE photo_fingerprints SET trashed = moved.trashed
    FROM unnest(CAST(:ids AS uuid[]), CAST(:trashed AS boolean[])) AS moved (id, trashed)
    WHERE photo_fingerprints.owner_id = :owner AND photo_fingerprints.photo_id = moved.id
""")


class PostgresTrashRepository(TrashRepository):
    def __init__(self, session: AsyncSession, outbox: Outbox) -> None:
        self._session = session
        self._outbox = outbox

    async def find(self, photo_ids: Sequence[PhotoId], *, owner: UserId) -> Sequence[Photo]:
        statement = (
            select(*PHOTO_COLUMNS)
            .where(PhotoRow.owner_id == owner, PhotoRow.id.in_(set(photo_ids)))
            .order_by(PhotoRow.id)
            .with_for_update()
        )
        return [to_photo(row) for row in await self._session.execute(statement)]

    async def move(self, photos: Sequence[Photo]) -> None:
        if not photos:
            return
        owner, ids = photos[0].owner_id, [photo.id for photo in photos]
        values = {
            "versions": [photo.version for photo in photos],
            "trashed": [photo.trashed_at for photo in photos],
            "updated": [photo.updated_at for photo in photos],
            "edited": [photo.edited_version for photo in photos],
        }
        moved = (await self._session.execute(_MOVE, {"owner": owner, "ids": ids} | values)).all()
        if len(moved) != len(photos):
            raise ConcurrentUpdate("A photo was changed by someone else. Read it again.")
        flags = {"owner": owner, "ids": ids, "trashed": [photo.trashed_at is not None for photo in photos]}
        await self._session.execute(_MOVE_FINGERPRINTS, flags)
        for photo in photos:
            photo.version += 1
        await follow(self._session, self._outbox, *photos)

    async def trashed_of(self, owner: UserId, *, until: datetime, limit: int) -> Sequence[Photo]:
        statement = (
            select(*PHOTO_COLUMNS)
            .where(PhotoRow.owner_id == owner, PhotoRow.trashed_at.is_not(None), PhotoRow.trashed_at <= until)
            .order_by(PhotoRow.owner_id, PhotoRow.id)
            .limit(limit)
            .with_for_update()
        )
        return [to_photo(row) for row in await self._session.execute(statement)]

    async def trashed_before(self, moment: datetime, *, limit: int) -> Sequence[Photo]:
        statement = (
            select(*PHOTO_COLUMNS)
            .where(PhotoRow.trashed_at.is_not(None), PhotoRow.trashed_at < moment)
            .order_by(PhotoRow.trashed_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [to_photo(row) for row in await self._session.execute(statement)]
