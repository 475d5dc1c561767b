"""Bytes that no row names, for sure."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from photostore.check.finding import Finding, Kind
from photostore.check.ports import Deletions
from photostore.photo.renditions import kept_by
from photostore.shared.blobs import BlobKey, BlobNotFound, BlobStore
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.ports import BlobReferences

AT_ONCE = 8
# Between the key of a blob in parts and the id of its parts.
PARTED = "?"


@dataclass(frozen=True, slots=True)
class Strays:
    """What was made from an original is named as long as the original is. What a deletion left is no finding while the job
    that removes it waits; nor when the job was just done, which is why the store is asked last."""

    blobs: BlobStore
    references: BlobReferences
    deletions: Deletions
    unit_of_work: UnitOfWork

    async def among(self, keys: Sequence[BlobKey]) -> Sequence[Finding]:
        unnamed, found = await self.unnamed(keys), list[Finding]()
        for start in range(0, len(unnamed), AT_ONCE):
            some = unnamed[start : start + AT_ONCE]
            sizes = await asyncio.gather(*map(self._size, some))
            found += [self._finding(key, size) for key, size in zip(some, sizes, strict=True) if size is not None]
        return found

    async def unnamed(self, keys: Sequence[BlobKey]) -> Sequence[BlobKey]:
        """Those of `keys`."""
        if not keys:
            return []
        originals = {key: kept_by(key) for key in keys}
        async with self.unit_of_work:
            unnamed = set(await self.references.unreferenced(list(set(originals.values()))))
        if not unnamed:
            return []
        # After that, as a photo goes and its job comes in one transaction.
        async with self.unit_of_work:
            unnamed -= await self.deletions.under_way(list(unnamed))
        return [key for key, original in originals.items() if original in unnamed]

    async def _size(self, key: BlobKey) -> str | None:
        try:
            return f"{(await self.blobs.head(key)).byte_size} bytes"
        except BlobNotFound:
            return None

    def _finding(self, key: BlobKey, found: str) -> Finding:
        return Finding(
            kind=Kind.BLOB_UNREFERENCED, owner_id=None, id=None, key=key, expected="a row that names it", found=found
        )
