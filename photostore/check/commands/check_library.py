"""Check the whole library, step by step, or go on where a check was broken off."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from photostore.check.batch import Batch
from photostore.check.commands.audit_rows import AuditRows
from photostore.check.commands.compare_store import CompareStore
from photostore.check.commands.find_leftovers import FindLeftovers
from photostore.check.commands.verify_originals import VerifyOriginals
from photostore.check.pace import Pace, Unhurried
from photostore.check.ports import CheckRuns, Findings
from photostore.check.run import CheckRun, CheckScope, Step
from photostore.shared.blobs import MendableBlobStore
from photostore.shared.clock import Clock
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.ownership import is_marked_as_own
from photostore.upload.ports import BlobReferences


@dataclass(frozen=True, slots=True)
class CheckLibrary:
    """Beside whatever runs, and changing nothing but what it notes of itself: what a batch found and how far it came are one
    transaction. Raise `StoreOfAnother` when the bytes belong to another database: nothing that was found would be true."""

    runs: CheckRuns
    findings: Findings
    compare_store: CompareStore
    find_leftovers: FindLeftovers
    audit_rows: AuditRows
    verify_originals: VerifyOriginals
    blobs: MendableBlobStore
    references: BlobReferences
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(
        self,
        *,
        scope: CheckScope,
        repair: bool = False,
        restart: bool = False,
        pace: Pace | None = None,
        told: Callable[[CheckRun], None] | None = None,
    ) -> CheckRun:
        """`told` hears how far it is. Who is going to `repair` goes on with a check of today that is done."""
        async with self.unit_of_work:
            installation = await self.references.installation()
        await is_marked_as_own(self.blobs, installation)
        run, pace = await self._begin(scope, repair=repair, restart=restart), pace or Unhurried()
        while run.step is not Step.DONE:
            async for batch in self._batches(run, pace):
                run = run.moved(
                    place=batch.place, photos=batch.photos, bytes_read=batch.bytes_read, now=self.clock.now()
                )
                await self._keep(run, batch)
                if told is not None:
                    told(run)
                await pace.looked_at(batch.photos)
            run = run.at_next_step(now=self.clock.now())
            async with self.unit_of_work:
                await self.runs.save(run)
        return run

    async def _begin(self, scope: CheckScope, *, repair: bool, restart: bool) -> CheckRun:
        now = self.clock.now()
        async with self.unit_of_work:
            last = await self.runs.last()
            if last is not None and not restart and last.can_go_on(scope, repair=repair, now=now):
                return last
            run = CheckRun(scope=scope, started_at=now, moved_at=now)
            await self.runs.begin(run)
        return run

    async def _keep(self, run: CheckRun, batch: Batch) -> None:
        async with self.unit_of_work:
            if batch.findings:
                await self.findings.note(batch.findings)
            await self.runs.save(run)

    def _batches(self, run: CheckRun, pace: Pace) -> AsyncIterator[Batch]:
        owner, place = run.scope.owner, run.place
        match run.step:
            case Step.PHOTOS:
                return self.compare_store(owner=owner, after=place)
            case Step.LEFTOVERS:
                return self.find_leftovers(after=place)
            case Step.OWNERS:
                return self.audit_rows(owner=owner, after=place)
            case Step.CHECKSUMS:
                return self.verify_originals(owner=owner, after=place, pace=pace)
            case _:
                return self._of_hashtags()

    async def _of_hashtags(self) -> AsyncIterator[Batch]:
        yield await self.audit_rows.of_nobody()
