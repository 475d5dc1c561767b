"""Blobs as objects of a bucket.

A PUT is one stream straight to its key, and its length is told beforehand: `at_most`. When the stream then ends early,
the rest is filled with zeros to end the PUT, and the object is cut to its length at once. For that moment the
key holds too much, which nobody sees: a key is told to nobody before `put` returns.

To mend is one PUT of known length and digest, both of which the store checks too: it keeps the new object or the old.

Every PUT carries a token of its own as metadata. Whatever comes to stand under the key when a PUT fails with its outcome
unknown is deleted only if it carries that token: never what somebody else put there.
"""

from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC
from uuid import uuid4

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from photostore.shared.blobs import (
    BlobInfo,
    BlobKey,
    BlobKeyInvalid,
    BlobLengthMismatch,
    BlobNotFound,
    MendableBlobStore,
    OpenBlob,
    blob_key,
)
from photostore.shared.verifying import verified
from photostore_adapters.s3.connection import S3Connection
from photostore_adapters.s3.errors import is_absent, store_errors
from photostore_adapters.s3.mending import mend
from photostore_adapters.s3.pieces import streamed
from photostore_adapters.s3.receiving import ReceivedChunks, receive
from photostore_adapters.s3.writing import S3Writing

_MAX_SINGLE_PUT = 5 << 30


class S3BlobStore(MendableBlobStore):
    def __init__(self, connection: S3Connection) -> None:
        self._connection = connection
        self._control = connection.control
        self._bucket = connection.settings.bucket_name

    async def put(self, key: BlobKey, chunks: AsyncIterable[bytes], *, at_most: int | None = None) -> int:
        writing = S3Writing(self._connection, blob_key(key), token=uuid4().hex)
        if at_most is None or not 0 < at_most <= _MAX_SINGLE_PUT:
            return await writing.in_pieces(chunks, at_most)
        return await writing.at_once(chunks, at_most)

    @asynccontextmanager
    async def open(self, key: BlobKey, *, offset: int = 0, length: int | None = None) -> AsyncIterator[OpenBlob]:
        if length == 0:
            yield OpenBlob(byte_size=(await self.head(key)).byte_size, chunks=streamed([]))
            return
        async with receive(self._connection, blob_key(key), offset=offset, length=length) as (received, response):
            if received is None:  # nothing there so far behind
                yield OpenBlob(byte_size=(await self.head(key)).byte_size, chunks=streamed([]))
            else:
                yield OpenBlob(byte_size=received.byte_size, chunks=ReceivedChunks(response, received))

    async def mend(self, key: BlobKey, chunks: AsyncIterable[bytes], *, byte_size: int, sha256: bytes) -> None:
        blob_key(key)
        if byte_size > _MAX_SINGLE_PUT:
            raise BlobLengthMismatch(f"a blob of {byte_size} bytes is too large to be put at once")
        await mend(self._connection, key, verified(chunks, byte_size=byte_size, sha256=sha256), byte_size, sha256)

    async def head(self, key: BlobKey) -> BlobInfo:
        with store_errors("look at a blob"):
            try:
                found = await self._control.head_object(Bucket=self._bucket, Key=blob_key(key))
            except ClientError as error:
                if is_absent(error):
                    raise BlobNotFound(f"blob {key}") from None
                raise
            modified_at = found["LastModified"].astimezone(UTC)
            return BlobInfo(key=key, byte_size=found["ContentLength"], modified_at=modified_at)

    async def delete(self, key: BlobKey) -> None:
        with store_errors("delete a blob"):
            try:
                await self._control.delete_object(Bucket=self._bucket, Key=blob_key(key))
            except ClientError as error:
                if not is_absent(error):
                    raise

    async def list(self, prefix: str, *, after: str = "") -> AsyncIterator[BlobInfo]:
        """S3 lists in this order by itself."""
        asked = {"Bucket": self._bucket, "Prefix": prefix} | ({"StartAfter": after} if after else {})
        pages = self._control.get_paginator("list_objects_v2").paginate(**asked)
        with store_errors("list blobs"):
            async for page in pages:
                for entry in page.get("Contents", ()):
                    with suppress(BlobKeyInvalid):  # somebody else's, in a bucket that we share
                        yield BlobInfo(
                            key=blob_key(entry["Key"]),
                            byte_size=entry["Size"],
                            modified_at=entry["LastModified"].astimezone(UTC),
                        )
