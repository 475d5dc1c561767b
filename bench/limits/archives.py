"""Archives as the routes answer them, and beside them the same bytes copied from the store with nothing around them.

`python -m bench.limits.archives DATABASE_URL DATA_DIR OWNER` writes its port on the first line. `/archive?M-N` is a ZIP of the
owner's photos from the M-th up to the N-th, `/copy?M-N` their originals one after the other: through the same store and socket.
"""

import asyncio
import secrets
import socket
import sys
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import uvicorn
import uvloop
from litestar import Request

from photostore.archive.queries import ArchivedPhoto, ArchiveQueries
from photostore.shared.blobs import BlobKey, BlobStore
from photostore.shared.ids import PhotoId, UserId
from photostore_adapters.postgres.reading import Reader, Statement
from photostore_adapters.settings import load_settings
from photostore_http.archives import Archives
from photostore_http.main import http_container
from photostore_http.protocol import BoundedHttpProtocol

_IDS = Statement("SELECT id FROM photos WHERE owner_id = $1 ORDER BY id", ("owner",))


class _App:
    def __init__(self, container: Any, owner: UserId, ids: list[PhotoId]) -> None:
        self._container = container
        self._owner = owner
        self._ids = ids

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async with self._container(context={}) as requested:
            first, _, last = scope["query_string"].partition(b"-")
            asked = self._ids[int(first) : int(last)]
            photos = await (await requested.get(ArchiveQueries)).chosen(asked, owner=self._owner)
            if scope["path"] == "/copy":
                await _copy(await requested.get(BlobStore), photos, send)
                return
            answer = await (await requested.get(Archives)).of_originals(Request(scope), photos, name="bench")
            await answer(scope, receive, send)


async def _copy(blobs: BlobStore, photos: list[ArchivedPhoto], send: Any) -> None:
    length = str(sum(each.byte_size for each in photos)).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
    for photo in photos:
        async with blobs.open(BlobKey(photo.blob_key)) as blob:
            async for chunk in blob.chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _serve(database_url: str, data_dir: str, owner: str) -> None:
    settings = load_settings(
        environ={"DATABASE_URL": database_url, "DATA_DIR": data_dir, "JWT__SECRET_KEY": secrets.token_hex(32)}
    )
    container = http_container(settings, database_url)
    reader = cast("Reader", await container.get(Reader))
    ids = [PhotoId(row[0]) for row in await reader.fetch(_IDS, owner=UUID(owner))]
    app = _App(container, UserId(UUID(owner)), ids)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(cast("Any", app), lifespan="off", log_config=None, http=BoundedHttpProtocol))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    print(listening.getsockname()[1], flush=True)
    await serving


if __name__ == "__main__":
    uvloop.run(_serve(*(str(Path(each)) if number == 1 else each for number, each in enumerate(sys.argv[1:]))))
