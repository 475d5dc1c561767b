"""How what was made from an original gets into the blob store."""

from photostore.photo.decoding import DecodedRendition
from photostore.shared.blobs import BlobExists, BlobKey, BlobStore


async def keep(blobs: BlobStore, key: BlobKey, made: DecodedRendition) -> int:
    """Its size in bytes. There already is fine: the key tells all that the bytes depend on, so they are the same."""
    try:
        return await blobs.put(key, made.chunks(), at_most=made.byte_size)
    except BlobExists:
        return (await blobs.head(key)).byte_size
