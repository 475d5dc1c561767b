"""Bytes from the store, over HTTP on presigned URLs."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from photostore.shared.blobs import BlobKey, BlobNotFound, BlobStoreUnavailable
from photostore_adapters.s3.connection import S3Connection
from photostore_adapters.s3.errors import error_code, refused, store_errors

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The whole blob's size, and how many bytes of the response to skip and then to read."""

    byte_size: int
    skip: int
    expected: int


@asynccontextmanager
async def receive(
    connection: S3Connection, key: BlobKey, *, offset: int, length: int | None
) -> AsyncIterator[tuple[Received | None, aiohttp.ClientResponse]]:
    """GET a range; `None` when the range lies past the end. The connection is closed unless it was read to its end."""
    whole = offset == 0 and length is None
    last = "" if length is None else str(offset + length - 1)
    headers = {} if whole else {"Range": f"bytes={offset}-{last}"}
    with store_errors("read a blob"):
        response = await connection.http.get(connection.url("GET", key), headers=headers, allow_redirects=False)
    try:
        if response.status == 416:
            yield None, response
        elif response.status in (200, 206):
            yield _received(response, offset, length), response
        else:
            code = await error_code(response)
            if response.status == 404 and code != "NoSuchBucket":
                raise BlobNotFound(f"blob {key}")
            raise refused("read a blob", response.status, code)
    finally:
        response.close()


def _received(response: aiohttp.ClientResponse, offset: int, length: int | None) -> Received:
    """What the response holds, if it is what was asked for. A store may answer a range with the whole."""
    told = response.content_length
    if told is None:
        raise BlobStoreUnavailable("the blob store does not tell how many bytes it sends")
    if response.status == 200:
        end = told if length is None else min(offset + length, told)
        return Received(byte_size=told, skip=offset, expected=max(0, end - offset))
    found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if found is None:
        raise BlobStoreUnavailable("the blob store does not tell which bytes it sends")
    first, last, byte_size = int(found[1]), int(found[2]), int(found[3])
    end = byte_size if length is None else min(offset + length, byte_size)
    if (first, last + 1) != (offset, end) or told != end - offset:
        raise BlobStoreUnavailable("the blob store sends other bytes than it was asked for")
    return Received(byte_size=byte_size, skip=0, expected=told)


class ReceivedChunks(AsyncIterator[bytes]):
    """The bytes of a response, exactly as many as were announced, or `BlobStoreUnavailable`."""

    def __init__(self, response: aiohttp.ClientResponse, received: Received) -> None:
        self._content = response.content
        self._skip = received.skip
        self._left = received.expected

    async def __anext__(self) -> bytes:
        while self._left > 0:
            with store_errors("read a blob"):
                chunk = await self._content.readany()
            if not chunk:
                raise BlobStoreUnavailable("the blob store broke off before the end of a blob")
            wanted = chunk[self._skip : self._skip + self._left]
            self._skip = max(0, self._skip - len(chunk))
            self._left -= len(wanted)
            if wanted:
                return wanted
        raise StopAsyncIteration
