"""Photos as archives need them, and the checksums that archives find out."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.archive.ports import Checksum, ChecksumRepository
from photostore.archive.queries import ArchivedPhoto, ArchiveQueries
from photostore.shared.ids import AlbumId, PhotoId, UserId
from photostore_adapters.postgres.reading import Reader, Statement

# As `ArchivedPhoto` has them.
ARCHIVED = """
    photos.owner_id, photos.id, photos.filename, photos.content_type, photos.byte_size, photos.blob_key, photos.taken_at,
    photos.taken_at_offset_minutes, photos.created_at, photos.crc32
"""
_CHOSEN = Statement(
    f"""
    SELECT {ARCHIVED} FROM unnest($2::uuid[]) WITH ORDINALITY AS asked (id, place)
    JOIN photos ON photos.owner_id = $1 AND photos.id = asked.id AND photos.trashed_at IS NULL
    ORDER BY asked.place
    """,  # noqa: S608 - made of constants
    ("owner", "photo_ids"),
)
_OF_ALBUM = Statement(
    f"""
    SELECT {ARCHIVED} FROM (
        SELECT photo_owner_id, photo_id, position FROM album_photos
        WHERE owner_id = $1 AND album_id = $2 AND visible ORDER BY position, photo_id LIMIT $3
    ) AS placed JOIN photos ON photos.owner_id = photo_owner_id AND photos.id = photo_id
    ORDER BY position, photo_id
    """,  # noqa: S608 - made of constants
    ("owner", "album", "limit"),
)
_OF_SHARED_ALBUM = Statement(
    """
    SELECT photos.owner_id, photos.id, coalesce(sent.filename, photos.filename), photos.content_type, photos.byte_size,
           photos.blob_key, photos.taken_at, photos.taken_at_offset_minutes, coalesce(sent.created_at, photos.created_at),
           photos.crc32, submission_id
    FROM (
        SELECT photo_owner_id, photo_id, position, submission_id FROM album_photos
        WHERE owner_id = $1 AND album_id = $2 AND visible ORDER BY position, photo_id LIMIT $3
    ) AS placed JOIN photos ON photos.owner_id = photo_owner_id AND photos.id = placed.photo_id
    LEFT JOIN submissions AS sent ON sent.owner_id = $1 AND sent.id = submission_id AND NOT sent.made_photo
    ORDER BY position, placed.photo_id
    """,
    ("owner", "album", "limit"),
)
# Whoever changes a photo keeps it locked, and nobody waits for the other.
_KEEP = text("""
    UPDATE photos SET crc32 = free.crc32 FROM (
        SELECT photos.owner_id, photos.id, told.crc32
        FROM unnest(CAST(:owners AS uuid[]), CAST(:photos AS uuid[]), CAST(:sums AS bigint[]))
            AS told (owner_id, id, crc32)
        JOIN photos ON photos.owner_id = told.owner_id AND photos.id = told.id
        WHERE photos.crc32 IS NULL ORDER BY photos.owner_id, photos.id FOR UPDATE OF photos SKIP LOCKED
    ) AS free WHERE photos.owner_id = free.owner_id AND photos.id = free.id
""")


class PostgresArchiveQueries(ArchiveQueries):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def chosen(self, photo_ids: Sequence[PhotoId], *, owner: UserId) -> Sequence[ArchivedPhoto]:
        rows = await self._reader.fetch(_CHOSEN, owner=owner, photo_ids=list(dict.fromkeys(photo_ids)))
        return [ArchivedPhoto(*row) for row in rows]

    async def of_album(self, album_id: AlbumId, *, owner: UserId, limit: int) -> Sequence[ArchivedPhoto]:
        rows = await self._reader.fetch(_OF_ALBUM, owner=owner, album=album_id, limit=limit)
        return [ArchivedPhoto(*row) for row in rows]

    async def of_shared_album(self, album_id: AlbumId, *, owner: UserId, limit: int) -> Sequence[ArchivedPhoto]:
        rows = await self._reader.fetch(_OF_SHARED_ALBUM, owner=owner, album=album_id, limit=limit)
        return [ArchivedPhoto(*row) for row in rows]


class PostgresChecksumRepository(ChecksumRepository):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def keep(self, checksums: Sequence[Checksum]) -> None:
        told = {
            "owners": [each.owner_id for each in checksums],
            "photos": [each.photo_id for each in checksums],
            "sums": [each.crc32 for each in checksums],
        }
        await self._session.execute(_KEEP, told)
