"""Whether a bucket takes uploads in parts."""

from collections.abc import AsyncIterator

from photostore.shared.blobs import BlobKey, BlobStoreUnavailable, MultipartNotFound, PartsMismatch
from photostore_adapters.examining.finding import Finding, Part
from photostore_adapters.s3.blob_store import S3BlobStore
from photostore_adapters.s3.connection import connected
from photostore_adapters.s3.multiparts import S3MultipartBlobStore
from photostore_adapters.s3.settings import S3Settings
from photostore_adapters.system.clock import SystemClock

_PART = Part("storage")
_BYTES = b"one part of one"


async def examine_multiparts(settings: S3Settings, key: BlobKey) -> Finding:
    async with connected(settings, SystemClock()) as connection:
        store = S3MultipartBlobStore(connection)
        multipart_id = None
        try:
            multipart_id = await store.start(key)
            await store.put_part(key, multipart_id, number=1, chunks=_chunks(), length=len(_BYTES))
            parts = await store.parts(key, multipart_id)
            await store.complete(key, multipart_id, parts)
            found = await S3BlobStore(connection).head(key)
        except (BlobStoreUnavailable, MultipartNotFound, PartsMismatch) as error:
            if multipart_id is not None:
                await store.abort(key, multipart_id)
            fix = (
                "Allow the key multipart uploads (s3:PutObject, s3:ListMultipartUploadParts, s3:AbortMultipartUpload)."
            )
            return _PART.failed("multipart", f"An upload in parts does not work: {error}", fix)
    if found.byte_size != len(_BYTES):
        told = f"Of {len(_BYTES)} bytes in one part {found.byte_size} are there."
        return _PART.failed("multipart", told, "Update the store, or use another.")
    return _PART.ok("multipart", "An upload in parts works.")


async def _chunks() -> AsyncIterator[bytes]:
    yield _BYTES
