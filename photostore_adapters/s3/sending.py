"""Bytes to the store, over HTTP on presigned URLs."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from photostore.shared.blobs import BlobKey, BlobStoreUnavailable
from photostore_adapters.s3.connection import S3Connection
from photostore_adapters.s3.errors import error_code, store_errors
from photostore_adapters.s3.sized_body import SizedBody


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How the store answered a PUT: `code` is its own word for a refusal."""

    status: int
    code: str
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PutTarget:
    """Where a body goes. Headers that start with `x-amz-` must be among the signed ones."""

    key: BlobKey
    query: Mapping[str, str] = field(default_factory=dict)
    signed_headers: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


async def send(connection: S3Connection, target: PutTarget, body: SizedBody) -> Answer:
    """PUT `body`. What its source raises comes through as it is; a store that breaks off is `BlobStoreUnavailable`.

    Tried twice only when the first connection failed before anything was taken from the source.
    """
    try:
        return await _send(connection, target, body)
    except BlobStoreUnavailable:
        if body.failure is not None:
            raise body.failure from None
        if body.started:
            raise
        return await _send(connection, target, body)
    finally:
        await body.stop()


async def _send(connection: S3Connection, target: PutTarget, body: SizedBody) -> Answer:
    url = connection.url("PUT", target.key, query=target.query, headers=target.signed_headers)
    headers = {**target.signed_headers, **target.headers, "Content-Length": str(body.byte_size)}
    data = body if body.byte_size else None
    with store_errors("keep a blob"):
        async with asyncio.timeout(None) as stall:
            body.watch(stall)
            async with connection.http.put(url, data=data, headers=headers, allow_redirects=False) as response:
                if response.status != 200:
                    code = await error_code(response)
                    response.close()  # not put back for another request: the store may not have read all of the body
                    return Answer(status=response.status, code=code, etag="")
                if not body.whole:
                    raise BlobStoreUnavailable("the blob store answered before it had all bytes")
                return Answer(status=200, code="", etag=response.headers.get("ETag", "").strip('"'))
