"""Bytes that are known by their digest."""

from collections.abc import AsyncIterable, AsyncIterator
from hashlib import sha256 as sha256_of

from photostore.shared.blobs import BlobDamaged


async def verified(chunks: AsyncIterable[bytes], *, byte_size: int, sha256: bytes) -> AsyncIterator[bytes]:
    """The same chunks. Raise `BlobDamaged` as soon as there are too many, and at their end when they are others: whoever
    passes them on must let nobody take them for the whole before."""
    digest, seen = sha256_of(), 0
    async for chunk in chunks:
        seen += len(chunk)
        if seen > byte_size:
            raise BlobDamaged(f"There are more than {byte_size} bytes.")
        digest.update(chunk)
        yield chunk
    if seen != byte_size or digest.digest() != sha256:
        raise BlobDamaged("The bytes are not those that were stored.")
