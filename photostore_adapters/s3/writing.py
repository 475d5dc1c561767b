"""One `put` of one blob, by whichever way fits what is known of its length, and its undoing."""

import asyncio
from collections.abc import AsyncIterable
from contextlib import suppress

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from photostore.shared.blobs import MIN_PART_BYTES, BlobExists, BlobKey, BlobStoreUnavailable, MultipartId, StoredPart
from photostore_adapters.s3.connection import S3Connection
from photostore_adapters.s3.errors import is_absent, refused, store_errors
from photostore_adapters.s3.multiparts import S3MultipartBlobStore, complete_multipart, start_multipart
from photostore_adapters.s3.pieces import Pieces, despite_cancelling, streamed
from photostore_adapters.s3.receiving import ReceivedChunks, receive
from photostore_adapters.s3.sending import PutTarget, send
from photostore_adapters.s3.sized_body import SizedBody

_MARK = "photostore-put"


class S3Writing:
    """`token` marks the object as written by this very call, so that undoing never removes somebody else's."""

    def __init__(self, connection: S3Connection, key: BlobKey, token: str) -> None:
        self._connection = connection
        self._settings = connection.settings
        self._multiparts = S3MultipartBlobStore(connection)
        self._key = key
        self._metadata = {_MARK: token}
        self._object = {"Bucket": self._settings.bucket_name, "Key": key}
        self._if_absent = {"IfNoneMatch": "*"} if self._settings.conditional_writes else {}

    async def at_once(self, chunks: AsyncIterable[bytes], at_most: int) -> int:
        """One PUT of `at_most` bytes; a shorter stream is filled up, and the object cut to its length afterwards."""
        body = self._body(chunks, at_most)
        try:
            await self._put(body, overwrite=False)
            if body.read < at_most:
                await self._cut(body.read)
        except BlobExists:
            raise
        except BlobStoreUnavailable:
            # A store may break off a body that it refuses, so that its reason is lost: ask for it.
            if body.started and await despite_cancelling(self._undo()):
                raise BlobExists(f"blob {self._key}") from None
            raise
        except BaseException:
            if body.whole:
                await despite_cancelling(self._undo())
            raise
        return body.read

    async def in_pieces(self, chunks: AsyncIterable[bytes], at_most: int | None) -> int:
        """One PUT when the stream ends within a piece, else a multipart upload of such pieces."""
        pieces = Pieces(chunks, MIN_PART_BYTES, at_most)
        piece, size = await pieces.next()
        if pieces.ended:
            return await self.at_once(streamed(piece), size)
        multipart_id = await start_multipart(self._connection, self._key, self._metadata)
        try:
            parts = [await self._part(multipart_id, 1, streamed(piece), size)]
            while not pieces.ended:
                piece, size = await pieces.next()
                parts.append(await self._part(multipart_id, len(parts) + 1, streamed(piece), size))
            await complete_multipart(self._connection, self._key, multipart_id, parts, self._if_absent)
        except BaseException:
            await despite_cancelling(self._abandon(multipart_id))
            raise
        return pieces.read

    def _body(self, chunks: AsyncIterable[bytes], size: int) -> SizedBody:
        return SizedBody(chunks, size, pad=True, stall_timeout=self._settings.stall_timeout)

    async def _part(
        self, multipart_id: MultipartId, number: int, chunks: AsyncIterable[bytes], size: int
    ) -> StoredPart:
        return await self._multiparts.put_part(self._key, multipart_id, number=number, chunks=chunks, length=size)

    async def _put(self, body: SizedBody, *, overwrite: bool) -> None:
        headers = {"Content-Type": "application/octet-stream"}
        if self._settings.conditional_writes and not overwrite:
            headers["If-None-Match"] = "*"
        signed = {f"x-amz-meta-{name}": value for name, value in self._metadata.items()}
        answer = await send(self._connection, PutTarget(key=self._key, signed_headers=signed, headers=headers), body)
        if answer.status in (409, 412):
            raise BlobExists(f"blob {self._key}")
        if answer.status != 200:
            raise refused("keep a blob", answer.status, answer.code)

    async def _cut(self, length: int) -> None:
        """Leave the first `length` bytes of what was just put: copied within the store, where S3 copies ranges at all."""
        if length <= MIN_PART_BYTES:
            await self._put(self._body(streamed(await self._read_back(length)), length), overwrite=True)
        else:
            await self._copy_over_itself(length)
        with store_errors("look at a blob"):
            found = await self._connection.control.head_object(**self._object)
        if found["ContentLength"] != length:
            raise BlobStoreUnavailable("the blob store did not cut a blob to its length")

    async def _read_back(self, length: int) -> list[bytes]:
        if length == 0:
            return []
        async with receive(self._connection, self._key, offset=0, length=length) as (received, response):
            if received is None or received.expected != length:
                raise BlobStoreUnavailable("the blob store did not keep what it was sent")
            return [chunk async for chunk in ReceivedChunks(response, received)]

    async def _copy_over_itself(self, length: int) -> None:
        multipart_id = await start_multipart(self._connection, self._key, self._metadata)
        try:
            with store_errors("copy a part"):
                copied = await self._connection.control.upload_part_copy(
                    **self._object,
                    UploadId=multipart_id,
                    PartNumber=1,
                    CopySource=self._object,
                    CopySourceRange=f"bytes=0-{length - 1}",
                )
            part = StoredPart(number=1, byte_size=length, etag=copied["CopyPartResult"]["ETag"].strip('"'))
            await complete_multipart(self._connection, self._key, multipart_id, [part], {})
        except BaseException:
            await despite_cancelling(self._abandon(multipart_id))
            raise

    async def _abandon(self, multipart_id: MultipartId) -> None:
        with suppress(BlobStoreUnavailable, TimeoutError):
            async with asyncio.timeout(self._settings.stall_timeout):
                await self._multiparts.abort(self._key, multipart_id)
        await self._undo()

    async def _undo(self) -> bool:
        """Remove what this call wrote, if the store tells that it stands there; whether it is somebody else's."""
        control = self._connection.control
        with suppress(BlobStoreUnavailable, TimeoutError):
            async with asyncio.timeout(self._settings.stall_timeout):
                with store_errors("undo a write"):
                    try:
                        found = await control.head_object(**self._object)
                    except ClientError as error:
                        if is_absent(error):
                            return False
                        raise
                    if found.get("Metadata", {}).get(_MARK) != self._metadata[_MARK]:
                        return True
                    await control.delete_object(**self._object)
        return False
