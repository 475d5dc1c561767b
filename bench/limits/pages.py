"""A page of photos with nothing around it: one statement on one connection, the response, its JSON.

`python -m bench.limits.pages DATABASE_URL OWNER` makes as many pages as a line of stdin says, and answers each line by one.
"""

import asyncio
import sys
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import msgspec
import uvloop

from photostore_adapters.postgres.reading import open_pool
from photostore_adapters.postgres.settings import PostgresSettings
from photostore_http.paging import Page
from photostore_http.photo_responses import Photo

_PAGE = """
    SELECT id, owner_id, filename, title, description, content_type, byte_size, sha256, width, height, taken_at,
           taken_at_offset_minutes, hashtags, favorite, custom, status, version, created_at, updated_at
    FROM photos WHERE owner_id = $1 ORDER BY id DESC LIMIT 50
"""
# Of the length that signed ones have.
_URL = "http://127.0.0.1:8000/media/originals/" + "0" * 73 + "?t=image/jpeg&a=owner&e=1700000000&s=" + "0" * 22
_EXPIRY = datetime(2026, 1, 1, tzinfo=UTC)

_encode = msgspec.json.Encoder().encode


def _photo(row: asyncpg.Record) -> Photo:
    return Photo(
        id=row[0],
        owner_id=row[1],
        filename=row[2],
        title=row[3],
        description=row[4],
        content_type=row[5],
        byte_size=row[6],
        sha256=row[7].hex(),
        width=row[8],
        height=row[9],
        taken_at=row[10],
        taken_at_offset_minutes=row[11],
        hashtags=row[12],
        favorite=row[13],
        custom=row[14],
        status=row[15],
        file_url=_URL,
        urls_expire_at=_EXPIRY,
        version=row[16],
        created_at=row[17],
        updated_at=row[18],
    )


async def _pages(connection: asyncpg.Connection, owner: UUID, number: int) -> None:
    for _ in range(number):
        rows = await connection.fetch(_PAGE, owner)
        _encode(Page(items=[_photo(row) for row in rows], next_cursor="0" * 68))


async def main(database_url: str, owner: UUID) -> None:
    pool = await open_pool(PostgresSettings(url=database_url))
    async with pool.acquire() as connection:
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            await _pages(connection, owner, int(line))
            print("done", flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], UUID(sys.argv[2])))
