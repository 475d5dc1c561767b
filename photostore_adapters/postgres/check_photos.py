"""What the rows say of photos' bytes, for whoever compares them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from photostore.check.ports import PhotoOnFile, PhotosOnFile
from photostore.shared.ids import UserId
from photostore_adapters.postgres.reading import Reader, Statement

# Looking up images costs as much as the rest, and most photos have none.
_SELECT = """
    SELECT owner_id, id, blob_key, byte_size, sha256, failure, renditions,
        CASE WHEN images_bytes = 0 THEN '[]' ELSE coalesce((
            SELECT jsonb_agg(jsonb_build_object('blob_key', made.blob_key, 'byte_size', made.byte_size))
            FROM photo_images AS made WHERE made.owner_id = photos.owner_id AND made.photo_id = photos.id
        ), '[]') END
    FROM photos
"""
_BY_KEY = Statement(
    f"{_SELECT} WHERE blob_key > $1 ORDER BY blob_key LIMIT $2::bigint",
    ("after", "limit"),
)
_OF_OWNER = Statement(
    f"{_SELECT} WHERE owner_id = $1 AND id > $2 ORDER BY id LIMIT $3::bigint",
    ("owner", "after", "limit"),
)
_ONE = Statement(f"{_SELECT} WHERE owner_id = $1 AND id = $2", ("owner", "photo"))
_FIRST = UUID(int=0)


class PostgresPhotosOnFile(PhotosOnFile):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def by_key(self, *, after: str, limit: int) -> Sequence[PhotoOnFile]:
        return _told(await self._reader.fetch(_BY_KEY, after=after, limit=limit))

    async def of_owner(self, owner: UserId, *, after: UUID | None, limit: int) -> Sequence[PhotoOnFile]:
        return _told(await self._reader.fetch(_OF_OWNER, owner=owner, after=after or _FIRST, limit=limit))

    async def get(self, photo_id: UUID, *, owner: UUID) -> PhotoOnFile | None:
        rows = await self._reader.fetch(_ONE, owner=owner, photo=photo_id)
        return _told(rows)[0] if rows else None


def _told(rows: Sequence[Any]) -> list[PhotoOnFile]:
    return [PhotoOnFile(*row) for row in rows]
