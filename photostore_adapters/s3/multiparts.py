"""Uploads in parts, as S3 itself knows them."""

from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC
from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from photostore.shared.blobs import (
    MAX_PARTS,
    BlobExists,
    BlobKey,
    BlobKeyInvalid,
    MultipartBlobStore,
    MultipartId,
    MultipartNotFound,
    PartsMismatch,
    PendingMultipart,
    StoredPart,
    blob_key,
)
from photostore_adapters.s3.connection import S3Connection
from photostore_adapters.s3.errors import code_of, is_absent, refused, status_of, store_errors
from photostore_adapters.s3.sending import PutTarget, send
from photostore_adapters.s3.sized_body import SizedBody

_WRONG_PARTS = ("InvalidPart", "InvalidPartOrder", "EntityTooSmall")


class S3MultipartBlobStore(MultipartBlobStore):
    def __init__(self, connection: S3Connection) -> None:
        self._connection = connection
        self._control = connection.control
        self._bucket = connection.settings.bucket_name

    async def start(self, key: BlobKey) -> MultipartId:
        return await start_multipart(self._connection, key, {})

    async def put_part(
        self, key: BlobKey, multipart_id: MultipartId, *, number: int, chunks: AsyncIterable[bytes], length: int
    ) -> StoredPart:
        if not 1 <= number <= MAX_PARTS:
            raise PartsMismatch(f"a part has a number from 1 to {MAX_PARTS}, not {number}")
        stall_timeout = self._connection.settings.stall_timeout
        body = SizedBody(chunks, length, pad=False, stall_timeout=stall_timeout)
        target = PutTarget(key=blob_key(key), query={"partNumber": str(number), "uploadId": multipart_id})
        answer = await send(self._connection, target, body)
        if answer.status == 404 and answer.code != "NoSuchBucket":
            raise _not_found(key, multipart_id)
        if answer.status != 200:
            raise refused("keep a part", answer.status, answer.code)
        return StoredPart(number=number, byte_size=length, etag=answer.etag)

    async def parts(self, key: BlobKey, multipart_id: MultipartId) -> Sequence[StoredPart]:
        asked = {"Bucket": self._bucket, "Key": blob_key(key), "UploadId": multipart_id}
        found: list[StoredPart] = []
        with store_errors("list parts"):
            try:
                async for page in self._control.get_paginator("list_parts").paginate(**asked):
                    found += [_part(entry) for entry in page.get("Parts", ())]
            except ClientError as error:
                if is_absent(error):
                    raise _not_found(key, multipart_id) from None
                raise
        return found

    async def complete(self, key: BlobKey, multipart_id: MultipartId, parts: Sequence[StoredPart]) -> None:
        if not parts:
            raise PartsMismatch(f"multipart upload {multipart_id} cannot be completed without a part")
        condition = {"IfNoneMatch": "*"} if self._connection.settings.conditional_writes else {}
        await complete_multipart(self._connection, key, multipart_id, parts, condition)

    async def abort(self, key: BlobKey, multipart_id: MultipartId) -> None:
        with store_errors("abort a multipart upload"):
            try:
                await self._control.abort_multipart_upload(
                    Bucket=self._bucket, Key=blob_key(key), UploadId=multipart_id
                )
            except ClientError as error:
                if not is_absent(error):
                    raise

    async def pending(self, prefix: str) -> AsyncIterator[PendingMultipart]:
        pages = self._control.get_paginator("list_multipart_uploads").paginate(Bucket=self._bucket, Prefix=prefix)
        with store_errors("list multipart uploads"):
            async for page in pages:
                for entry in page.get("Uploads", ()):
                    with suppress(BlobKeyInvalid):  # somebody else's, in a bucket that we share
                        yield PendingMultipart(
                            key=blob_key(entry["Key"]),
                            multipart_id=MultipartId(entry["UploadId"]),
                            started_at=entry["Initiated"].astimezone(UTC),
                        )


async def start_multipart(connection: S3Connection, key: BlobKey, metadata: Mapping[str, str]) -> MultipartId:
    with store_errors("start a multipart upload"):
        answer = await connection.control.create_multipart_upload(
            Bucket=connection.settings.bucket_name,
            Key=blob_key(key),
            ContentType="application/octet-stream",
            Metadata=metadata,
        )
    return MultipartId(answer["UploadId"])


async def complete_multipart(
    connection: S3Connection,
    key: BlobKey,
    multipart_id: MultipartId,
    parts: Sequence[StoredPart],
    condition: dict[str, str],
) -> None:
    """Join `parts` under `key`, if `condition` lets the store do so."""
    ordered = sorted(parts, key=lambda part: part.number)
    listed = [{"PartNumber": part.number, "ETag": f'"{part.etag}"'} for part in ordered]
    with store_errors("complete a multipart upload"):
        try:
            await connection.control.complete_multipart_upload(
                Bucket=connection.settings.bucket_name,
                Key=blob_key(key),
                UploadId=multipart_id,
                MultipartUpload={"Parts": listed},
                **condition,
            )
        except ClientError as error:
            if is_absent(error):
                raise _not_found(key, multipart_id) from None
            if code_of(error) in _WRONG_PARTS:
                raise PartsMismatch(f"multipart upload {multipart_id} has other parts than these") from None
            if condition and status_of(error) in (409, 412):
                raise BlobExists(f"blob {key}") from None
            raise


def _part(entry: dict[str, Any]) -> StoredPart:
    return StoredPart(number=entry["PartNumber"], byte_size=entry["Size"], etag=entry["ETag"].strip('"'))


def _not_found(key: BlobKey, multipart_id: MultipartId) -> MultipartNotFound:
    return MultipartNotFound(f"multipart upload {multipart_id} of blob {key}")
