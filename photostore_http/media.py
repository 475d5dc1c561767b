"""`/media/...`: a photo's bytes by signed URL, without a header and without the database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, get
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from photostore.photo.renditions import picture_of
from photostore.shared.blobs import BlobNotFound, BlobStore
from photostore.shared.clock import Clock
from photostore.shared.media import MediaRevocations, MediaUrlInvalid, MediaUrls
from photostore_http.byte_responses import ByteRange, ByteReader, blob_reader, serve_bytes


class MediaController(Controller):
    path = "/media"
    include_in_schema = False

    @get("/{key:path}", opt={"any_query": True})
    @inject
    async def media(
        self,
        request: Request[Any, Any, Any],
        key: FromPath[str],
        urls: FromDishka[MediaUrls],
        revocations: FromDishka[MediaRevocations],
        blobs: FromDishka[BlobStore],
        clock: FromDishka[Clock],
    ) -> ASGIResponse:
        now = clock.now()
        grant, expires_at = urls.verify(_as_sent(request), now=now)
        await revocations.demand_valid(picture_of(grant.key), grant.audience)
        return serve_bytes(
            request,
            _present(blob_reader(blobs, grant.key, grant.byte_size)),
            content_type=grant.content_type,
            # A key names the same bytes for ever.
            etag=grant.key.rpartition("/")[2],
            byte_size=grant.byte_size,
            disposition="inline",
            cache_control=f"private, max-age={int((expires_at - now).total_seconds())}, immutable",
        )


def _present(source: ByteReader) -> ByteReader:
    """The store is asked for the bytes alone, and may say only then that they are gone."""

    @asynccontextmanager
    async def read(chosen: ByteRange) -> AsyncIterator[AsyncIterator[bytes]]:
        try:
            async with source(chosen) as chunks:
                yield chunks
        except BlobNotFound:
            raise MediaUrlInvalid("There is nothing under this URL.") from None

    return read


def _as_sent(request: Request[Any, Any, Any]) -> str:
    query = request.scope["query_string"].decode("latin-1")
    return f"{request.scope['path']}?{query}"
