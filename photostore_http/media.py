"""`/media/...`: a photo's bytes by signed URL, without a header and without the database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, get
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from photostore.photo.renditions import picture_of
from photostore.shared.blobs import BlobNotFound, BlobSigner, BlobStore
from photostore.shared.clock import Clock
from photostore.shared.media import MediaGrant, MediaRevocations, MediaUrlInvalid, MediaUrls, subjects_of
from photostore_http.byte_responses import FORBID_EVERYTHING, ByteRange, ByteReader, blob_reader, serve_bytes
from photostore_http.settings import HttpSettings, MediaDelivery

_REDIRECT_SECONDS = 15


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
        signer: FromDishka[BlobSigner],
        clock: FromDishka[Clock],
        settings: FromDishka[HttpSettings],
    ) -> ASGIResponse:
        now = clock.now()
        grant, expires_at = urls.verify(_as_sent(request), now=now)
        cache_control = f"private, max-age={int((expires_at - now).total_seconds())}, immutable"
        await revocations.demand_valid(*subjects_of(picture_of(grant.key), grant.audience))
        # The store's own URL would tell the key.
        if settings.media_delivery is MediaDelivery.REDIRECT and not grant.concealed:
            return _to_the_store(signer, grant)
        if settings.media_delivery is MediaDelivery.ACCEL:
            return _by_the_proxy(settings.accel_prefix, grant, cache_control)
        return serve_bytes(
            request,
            _present(blob_reader(blobs, grant.key, grant.byte_size)),
            content_type=grant.content_type,
            etag=_etag(grant),
            byte_size=grant.byte_size,
            disposition="inline",
            cache_control=cache_control,
        )


def _to_the_store(signer: BlobSigner, grant: MediaGrant) -> ASGIResponse:
    """For so short a time that what is taken back is gone within the bound all the same."""
    signed = signer.sign_get(
        grant.key, expires_in=_REDIRECT_SECONDS, content_type=grant.content_type, content_disposition="inline"
    )
    headers = {"Location": signed.url, "Cache-Control": f"private, max-age={_REDIRECT_SECONDS - 5}"}
    return ASGIResponse(status_code=302, headers=headers)


def _by_the_proxy(prefix: str, grant: MediaGrant, cache_control: str) -> ASGIResponse:
    """nginx' X-Accel-Redirect: the proxy sends the file, with these headers, and does the ranges."""
    headers = {
        **FORBID_EVERYTHING,
        "X-Accel-Redirect": prefix + grant.key,
        "Content-Type": grant.content_type,
        "Content-Disposition": "inline",
        "Cache-Control": cache_control,
        "ETag": f'"{_etag(grant)}"',
    }
    return ASGIResponse(status_code=200, headers=headers)


def _etag(grant: MediaGrant) -> str:
    """A key names the same bytes for ever."""
    return grant.key.rpartition("/")[2]


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
