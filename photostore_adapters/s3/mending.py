"""Bytes over a damaged object: one PUT, without the condition that nothing may be there."""

from base64 import b64encode
from collections.abc import AsyncIterator

from photostore.shared.blobs import BlobDamaged, BlobKey
from photostore_adapters.s3.connection import S3Connection
from photostore_adapters.s3.errors import refused
from photostore_adapters.s3.sending import PutTarget, send
from photostore_adapters.s3.sized_body import SizedBody

_CHECKSUM = "x-amz-checksum-sha256"


async def mend(
    connection: S3Connection, key: BlobKey, chunks: AsyncIterator[bytes], byte_size: int, sha256: bytes
) -> None:
    """`chunks` raise when they are others than these: then the PUT is broken off before its last bytes."""
    if byte_size == 0:
        # No body is sent for none, so nobody else would find out that there are some.
        _ = [chunk async for chunk in chunks]
    body = SizedBody(chunks, byte_size, pad=False, stall_timeout=connection.settings.stall_timeout)
    headers = {"Content-Type": "application/octet-stream"}
    signed = {_CHECKSUM: b64encode(sha256).decode()}
    answer = await send(connection, PutTarget(key=key, signed_headers=signed, headers=headers), body)
    if answer.code in ("BadDigest", "XAmzContentChecksumMismatch"):
        raise BlobDamaged("The blob store received other bytes than it was told.")
    if answer.status != 200:
        raise refused("mend a blob", answer.status, answer.code)
