"""Hashtags, as rows."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from photostore.hashtag.errors import HashtagExists
from photostore.hashtag.hashtag import Hashtag
from photostore.hashtag.name import fold
from photostore.hashtag.ports import HashtagRepository
from photostore.hashtag.queries import HashtagQueries, HashtagView
from photostore.shared.ids import UserId
from photostore_adapters.postgres.events import Outbox
from photostore_adapters.postgres.reading import Reader, Statement
from photostore_adapters.postgres.rows import Row


class HashtagRow(Row):
    __tablename__ = "hashtags"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    photo_count: Mapped[int] = mapped_column(server_default="0")
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]


class PostgresHashtagRepository(HashtagRepository):
    def __init__(self, session: AsyncSession, outbox: Outbox) -> None:
        self._session = session
        self._outbox = outbox

    async def add(self, hashtag: Hashtag) -> None:
        values = {
            "id": hashtag.id,
            "name": hashtag.name,
            "created_by": hashtag.created_by,
            "created_at": hashtag.created_at,
        }
        statement = insert(HashtagRow).values(**values).on_conflict_do_nothing().returning(HashtagRow.id)
        if (await self._session.execute(statement)).scalar_one_or_none() is None:
            raise HashtagExists(f"The hashtag {hashtag.name} exists already.")
        await self._outbox.publish(hashtag.take_events())


# The last code point there is: `name < prefix || it` ends the range of a prefix in the order of code points.
_LAST = "\U0010ffff"
_EVERYONE = "SELECT id, name, photo_count, created_at FROM hashtags"
_OWN = """
    SELECT hashtags.id, name, own.photo_count, created_at FROM hashtags
    JOIN owner_hashtags AS own ON own.hashtag_id = hashtags.id AND own.owner_id = $1 AND own.photo_count > 0
"""
# The same parameters in both, so that one call serves either: $1 is the reader, unused where everyone's photos count.
_SOURCES = {False: f"{_EVERYONE} WHERE $1::uuid IS NULL", True: f"{_OWN} WHERE TRUE"}
_LIST = {
    private: Statement(f"{source} AND name > $2 ORDER BY name LIMIT $3", ("reader", "after", "limit"))
    for private, source in _SOURCES.items()
}
_BY_PREFIX = {
    private: Statement(
        f"{source} AND name >= $2 AND name < $3 ORDER BY photo_count DESC, name LIMIT $4",
        ("reader", "text", "end", "limit"),
    )
    for private, source in _SOURCES.items()
}
_SIMILAR = {
    private: Statement(
        f"{source} AND name % $2 AND NOT starts_with(name, $2) ORDER BY similarity(name, $2) DESC, name LIMIT $3",
        ("reader", "text", "limit"),
    )
    for private, source in _SOURCES.items()
}


class PostgresHashtagQueries(HashtagQueries):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def list(self, *, reader: UserId | None, after: str | None, limit: int) -> Sequence[HashtagView]:
        # A position that a client made up may hold what Postgres takes for no text at all.
        position = (after or "").replace("\x00", "")
        rows = await self._reader.fetch(_LIST[reader is not None], reader=reader, after=position, limit=limit)
        return [HashtagView(*row) for row in rows]

    async def search(self, text: str, *, reader: UserId | None, limit: int) -> Sequence[HashtagView]:
        prefix, private = fold(text), reader is not None
        if not prefix or "\x00" in prefix:
            return []
        rows = await self._reader.fetch(
            _BY_PREFIX[private], reader=reader, text=prefix, end=prefix + _LAST, limit=limit
        )
        if len(rows) < limit:
            rows += await self._reader.fetch(_SIMILAR[private], reader=reader, text=prefix, limit=limit - len(rows))
        return [HashtagView(*row) for row in rows]
