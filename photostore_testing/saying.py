"""Small tools for saying what is promised."""

from array import array
from collections.abc import AsyncIterator
from uuid import uuid4

from photostore.shared.blobs import BlobKey, BlobNotFound, BlobStore, blob_key

NO_KEYS = [
    "",
    "/a",
    "a/",
    "a//b",
    ".",
    "..",
    "a/../b",
    "../a",
    "a/./b",
    "ä",
    "a b",
    "a\n",
    "a\\b",
    "a\0",
    "%2e%2e/a",
    "a" * 201,
    "a/" * 256 + "a",
]


class SourceFailed(Exception):
    """What a stream of bytes broke off with."""


def a_key(folder: str = "test") -> BlobKey:
    """One that nobody else uses, where originals lie."""
    return blob_key(f"originals/{folder}/{uuid4().hex}/original")


def some_bytes(size: int) -> bytes:
    """Not the same megabyte again and again, so that parts in the wrong order show."""
    return array("Q", range((size + 7) // 8)).tobytes()[:size]


async def chunked(content: bytes, size: int = 64 << 10) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def broken_after(content: bytes, error: Exception) -> AsyncIterator[bytes]:
    async for chunk in chunked(content):
        yield chunk
    raise error


async def content_of(blobs: BlobStore, key: BlobKey, *, offset: int = 0, length: int | None = None) -> bytes:
    async with blobs.open(key, offset=offset, length=length) as blob:
        return b"".join([chunk async for chunk in blob.chunks])


async def is_there(blobs: BlobStore, key: BlobKey) -> bool:
    try:
        await blobs.head(key)
    except BlobNotFound:
        return False
    return True
