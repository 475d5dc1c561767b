"""Which bytes jobs are about to remove."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.check.ports import Deletions
from photostore.reactions import DELETE_BLOBS
from photostore.shared.blobs import BlobKey

_UNDER_WAY = text(f"""
    SELECT DISTINCT key FROM pgqueuer, jsonb_array_elements_text(convert_from(payload, 'UTF8')::jsonb->'keys') AS key
    WHERE entrypoint = '{DELETE_BLOBS}' AND status IN ('queued', 'picked') AND key = ANY(CAST(:keys AS text[]))
""")  # noqa: S608 - the job's name


class QueuedDeletions(Deletions):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def under_way(self, keys: Sequence[BlobKey]) -> set[BlobKey]:
        rows = await self._session.execute(_UNDER_WAY, {"keys": list(keys)})
        return {BlobKey(key) for key in rows.scalars()}
