"""A page of photos with nothing around it: one statement on one connection, the response, its JSON.

`python -m bench.limits.pages DATABASE_URL OWNER` writes its port on the first line, and makes a page for each byte sent there.
That it is asked for one page after the other, too, matters: whoever never waits never meets a cold cache.
"""

import asyncio
import sys
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import uvloop

from photostore_adapters.postgres.reading import open_pool
from photostore_adapters.postgres.settings import PostgresSettings
from photostore_http.paging import Page
from photostore_http.photo_responses import Location, Photo, Rendition

_PAGE = """
    SELECT id, owner_id, filename, title, description, content_type, byte_size, sha256, width, height, taken_at,
           taken_at_offset_minutes, hashtags, favorite, custom, status, version, created_at, updated_at, camera,
           latitude, longitude, altitude_m, placeholder, renditions
    FROM photos WHERE owner_id = $1 ORDER BY id DESC LIMIT 50
"""
# Of the length that signed ones have.
_URL = "http://127.0.0.1:8000/media/originals/" + "0" * 39 + "?t=image/jpeg&a=user-" + "0" * 68
_RENDITION_URL = "http://127.0.0.1:8000/media/renditions/" + "0" * 77 + "?t=image/webp&a=user-" + "0" * 68
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
        camera=row[19],
        location=Location(latitude=row[20], longitude=row[21], altitude_m=row[22]),
        failure=None,
        placeholder=b64encode(row[23]).decode(),
        renditions=[
            Rendition(each["name"], each["width"], each["height"], each["byte_size"], "image/webp", _RENDITION_URL)
            for each in row[24]
        ],
    )


class _Pages(asyncio.Protocol):
    """Makes a page for each byte that comes, and sends the byte back."""

    def __init__(self, connection: asyncpg.Connection, owner: UUID) -> None:
        self._connection = connection
        self._owner = owner
        self._making: asyncio.Task[None] | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._making = asyncio.ensure_future(self._make(data))

    async def _make(self, asked: bytes) -> None:
        rows = await self._connection.fetch(_PAGE, self._owner)
        _encode(Page(items=[_photo(row) for row in rows], next_cursor="0" * 68))
        self._transport.write(asked)


async def main(database_url: str, owner: UUID) -> None:
    pool = await open_pool(PostgresSettings(url=database_url))
    async with pool.acquire() as connection:
        server = await asyncio.get_running_loop().create_server(lambda: _Pages(connection, owner), "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], UUID(sys.argv[2])))
