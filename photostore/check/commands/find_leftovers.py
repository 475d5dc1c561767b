"""Look for what uploads left that are over: tails, and parts that nobody joins."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from photostore.check.batch import Batch
from photostore.check.finding import Finding, Kind
from photostore.check.ports import Deletions
from photostore.check.strays import PARTED, Strays
from photostore.photo.renditions import ORIGINALS
from photostore.shared.blobs import BlobKey, MendableBlobStore, MultipartBlobStore, MultipartNotFound, PendingMultipart
from photostore.shared.clock import Clock
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.commands.sweep_blobs import SweepPolicy
from photostore.upload.ports import BlobReferences
from photostore.upload.reception import TAILS

PAGE = 500


@dataclass(frozen=True, slots=True)
class FindLeftovers:
    """Age protects those of uploads that go on, as it does from the sweep."""

    blobs: MendableBlobStore
    multiparts: MultipartBlobStore
    references: BlobReferences
    deletions: Deletions
    policy: SweepPolicy
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self, *, after: str | None) -> AsyncIterator[Batch]:
        """`after` is the place of an earlier batch: a tail's key. There are few parts, which are looked at again."""
        strays = Strays(self.blobs, self.references, self.deletions, self.unit_of_work)
        before, place = self.clock.now() - self.policy.grace, after or TAILS
        tails = list[BlobKey]()
        async for blob in self.blobs.list(TAILS, after=place):
            if blob.modified_at < before:
                tails.append(blob.key)
            if len(tails) >= PAGE:
                place = blob.key
                yield Batch(findings=await strays.among(tails), place=place)
                tails.clear()
        yield Batch(findings=await strays.among(tails), place=f"{TAILS}~")
        async for findings in self._of_multiparts(strays, before):
            yield Batch(findings=findings, place=f"{TAILS}~")

    async def _of_multiparts(self, strays: Strays, before: datetime) -> AsyncIterator[list[Finding]]:
        pending = list[PendingMultipart]()
        async for each in self.multiparts.pending(ORIGINALS):
            if each.started_at < before:
                pending.append(each)
            if len(pending) >= PAGE:
                yield await self._left_among(pending, strays)
                pending.clear()
        yield await self._left_among(pending, strays)

    async def _left_among(self, pending: Sequence[PendingMultipart], strays: Strays) -> list[Finding]:
        unnamed = set(await strays.unnamed([each.key for each in pending]))
        # The store is asked last: the job that removed the parts may just have been done.
        return [_finding(each) for each in pending if each.key in unnamed and await self._is_there(each)]

    async def _is_there(self, pending: PendingMultipart) -> bool:
        try:
            await self.multiparts.parts(pending.key, pending.multipart_id)
        except MultipartNotFound:
            return False
        return True


def _finding(pending: PendingMultipart) -> Finding:
    return Finding(
        kind=Kind.MULTIPART_UNREFERENCED,
        owner_id=None,
        id=None,
        key=f"{pending.key}{PARTED}{pending.multipart_id}",
        expected="an upload that it is of",
        found=f"begun {pending.started_at:%Y-%m-%d %H:%M}",
    )
