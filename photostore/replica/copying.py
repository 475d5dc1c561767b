"""Originals from one store to another, and whether one lies where it should."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

from photostore.replica.errors import SourceFailed
from photostore.replica.stores import PRIMARY, Stores
from photostore.replica.task import Original
from photostore.shared.blobs import BlobDamaged, BlobNotFound, BlobStore, BlobStoreUnavailable
from photostore.shared.verifying import verified


class _Broke(Exception):
    """The store that is read from broke off: not to be taken for the one that is written to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where the bytes came from, and which stores were found not to have them as they should."""

    used: str
    damaged: tuple[str, ...]


async def copy_original(original: Original, *, to: str, stores: Stores) -> Sources:
    """From the first other store that has it whole. Raise `SourceFailed`, or what the store raises that it is copied to."""
    reasons, damaged, lost = list[str](), list[str](), True
    for name, source in stores.others(to).items():
        try:
            await _copy(original, source, to, stores)
        except BlobNotFound:
            reasons.append(f"{name} lacks it")
            if name == PRIMARY:
                damaged.append(name)
        except BlobDamaged:
            reasons.append(f"{name} holds other bytes")
            damaged.append(name)
        except _Broke as error:
            reasons.append(f"{name}: {error}")
            lost = False
        else:
            return Sources(used=name, damaged=tuple(damaged))
    raise SourceFailed(f"No store gives the original: {'; '.join(reasons)}.", lost=lost)


async def _copy(original: Original, source: BlobStore, to: str, stores: Stores) -> None:
    async with AsyncExitStack() as opened:
        try:
            blob = await opened.enter_async_context(source.open(original.key))
        except BlobStoreUnavailable as error:
            raise _Broke(error.detail) from error
        if blob.byte_size != original.byte_size:
            raise BlobDamaged(f"blob {original.key} has {blob.byte_size} bytes")
        await stores.get(to).mend(
            original.key, _told_apart(blob.chunks), byte_size=original.byte_size, sha256=original.sha256
        )


async def _told_apart(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        async for chunk in chunks:
            yield chunk
    except BlobStoreUnavailable as error:
        raise _Broke(error.detail) from error


async def has_size(store: BlobStore, original: Original) -> bool:
    """Whether something of the right size lies there."""
    try:
        return (await store.head(original.key)).byte_size == original.byte_size
    except BlobNotFound:
        return False


async def is_right(store: BlobStore, original: Original) -> bool:
    """Whether the very bytes lie there, and can be read: all of them are."""
    try:
        async with store.open(original.key) as blob:
            async for _ in verified(blob.chunks, byte_size=original.byte_size, sha256=original.sha256):
                pass
    except (BlobNotFound, BlobStoreUnavailable):
        # A store that is away shows that as soon as it is written to; one that reads all but this has it on a bad spot.
        return False
    return True
