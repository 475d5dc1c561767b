"""Images that were asked for and are not there yet, as rows."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.photo.picture import Failure
from photostore.photo.ports import WantedImage, WantedImages
from photostore.shared.blobs import BlobKey
from photostore.shared.ids import UserId

_COUNTS = timedelta(hours=1)
_WANT = text("""
    INSERT INTO wanted_images (owner_id, blob_key, asked_at) VALUES (:owner, :key, :now)
    ON CONFLICT (owner_id, blob_key) DO UPDATE SET
        asked_at = CASE WHEN wanted_images.asked_at < :since THEN excluded.asked_at ELSE wanted_images.asked_at END,
        failure = CASE WHEN wanted_images.asked_at < :since THEN NULL ELSE wanted_images.failure END
    RETURNING failure
""")
_WAITING = text("""
    SELECT count(*) FROM wanted_images
    WHERE owner_id = :owner AND blob_key <> :key AND failure IS NULL AND asked_at >= :since
""")
_MADE = text("DELETE FROM wanted_images WHERE owner_id = :owner AND blob_key = :key")
_FAILED = text("UPDATE wanted_images SET failure = :failure WHERE owner_id = :owner AND blob_key = :key")
_FORGET = text("DELETE FROM wanted_images WHERE asked_at < :before")


class PostgresWantedImages(WantedImages):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def want(self, owner: UserId, key: BlobKey, *, now: datetime) -> WantedImage:
        told = {"owner": owner, "key": key, "since": now - _COUNTS}
        failure = (await self._session.execute(_WANT, {**told, "now": now})).scalar_one()
        waiting = (await self._session.execute(_WAITING, told)).scalar_one()
        return WantedImage(failure=None if failure is None else Failure(failure), waiting=waiting)

    async def made(self, owner: UserId, key: BlobKey) -> None:
        await self._session.execute(_MADE, {"owner": owner, "key": key})

    async def failed(self, owner: UserId, key: BlobKey, failure: Failure) -> None:
        await self._session.execute(_FAILED, {"owner": owner, "key": key, "failure": failure.value})

    async def forget(self, *, before: datetime) -> None:
        await self._session.execute(_FORGET, {"before": before})
