"""A blob store whose originals can be read though it fails."""

from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import asynccontextmanager

from photostore.photo.renditions import ORIGINALS
from photostore.shared.blobs import (
    BlobDamaged,
    BlobInfo,
    BlobKey,
    BlobNotFound,
    BlobStore,
    BlobStoreUnavailable,
    OpenBlob,
)
from photostore_adapters.replicas.damage import Damage
from photostore_adapters.replicas.facts import OriginalFacts
from photostore_adapters.replicas.opening import within
from photostore_adapters.replicas.reading import ReplicatedReading, gravest
from photostore_adapters.replicas.watch import StoreWatch


class ReplicatedBlobStore(BlobStore):
    """The primary, with the replicas behind it. `watches` are of all of them, the primary first.

    Whatever writes, deletes or lists means the primary alone; so does all that is not an original, which is in no replica. A
    store that does not answer within `patience` seconds is passed over, and so is one that is known to be away.
    """

    def __init__(
        self,
        primary: BlobStore,
        watches: Sequence[StoreWatch],
        facts: OriginalFacts,
        damage: Damage,
        *,
        patience: float,
        verify: bool,
    ) -> None:
        self._watches = watches
        self._primary = primary
        self._facts = facts
        self._damage = damage
        self._patience = patience
        self._verify = verify

    @property
    def is_primary_away(self) -> bool:
        return self._watches[0].away

    async def put(self, key: BlobKey, chunks: AsyncIterable[bytes], *, at_most: int | None = None) -> int:
        return await self._primary.put(key, chunks, at_most=at_most)

    @asynccontextmanager
    async def open(self, key: BlobKey, *, offset: int = 0, length: int | None = None) -> AsyncIterator[OpenBlob]:
        if not key.startswith(ORIGINALS):
            async with self._primary.open(key, offset=offset, length=length) as blob:
                yield blob
            return
        reading = ReplicatedReading(
            self._watches,
            self._damage,
            key,
            await self._facts.find(key),
            offset=offset,
            length=length,
            patience=self._patience,
            verify=self._verify,
        )
        try:
            await reading.begin()
            yield OpenBlob(byte_size=reading.byte_size, chunks=reading)
        finally:
            await reading.aclose()

    async def head(self, key: BlobKey) -> BlobInfo:
        """Of an original that the primary lacks, or has otherwise, as whoever reads it finds it."""
        if not key.startswith(ORIGINALS):
            return await self._primary.head(key)
        original = await self._facts.find(key)
        faults = list[BlobNotFound | BlobStoreUnavailable]()
        for watch in sorted(self._watches, key=lambda watch: watch.away):
            try:
                info = await within(self._patience, watch.store.head(key))
            except BlobNotFound as fault:
                faults.append(fault)
            except BlobStoreUnavailable as fault:
                watch.failed(fault.detail)
                faults.append(fault)
            else:
                if original is None or info.byte_size == original.byte_size:
                    return info
                faults.append(BlobDamaged("the blob store holds another number of bytes than it should"))
        raise gravest(faults)

    async def delete(self, key: BlobKey) -> None:
        await self._primary.delete(key)

    def list(self, prefix: str, *, after: str = "") -> AsyncIterator[BlobInfo]:
        return self._primary.list(prefix, after=after)
