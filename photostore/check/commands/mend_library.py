"""Put right what the last check found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from photostore.audit.commands.record_action import RecordAction
from photostore.audit.entry import Origin, Target
from photostore.check.commands.mend_photo import MendPhoto
from photostore.check.commands.mend_row import MendRow
from photostore.check.commands.mend_stray import MendStray
from photostore.check.finding import (
    OF_LOST_ORIGINALS,
    OF_ORIGINALS,
    OF_RENDITIONS,
    OF_STRAYS,
    REMOVED,
    Finding,
    Kind,
    NotedFinding,
    Outcome,
)
from photostore.check.ports import CheckRuns, Findings
from photostore.shared.blobs import MendableBlobStore
from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.commands.sweep_blobs import SweepPolicy
from photostore.upload.fencing import SweepFence
from photostore.upload.ports import BlobReferences, SweepLedger

PAGE = 200
TRIES = 3
# So many originals can be lost of whatever small library.
FEW = 10


@dataclass(frozen=True, slots=True)
class MendLibrary:
    """One after another, each looked at again first; what came of it is noted, so that one that is broken off goes on. More
    unreferenced blobs than the sweep would remove at once, or any where another state of this database swept the store, or as
    many originals that are lost, or most of all there are, are taken for a mistake (a store or a database that was not
    restored, a disk that is away), and left."""

    runs: CheckRuns
    findings: Findings
    mend_photo: MendPhoto
    mend_stray: MendStray
    mend_row: MendRow
    record_action: RecordAction
    blobs: MendableBlobStore
    references: BlobReferences
    ledger: SweepLedger
    policy: SweepPolicy
    unit_of_work: UnitOfWork

    async def __call__(
        self, *, by: Origin, told: Callable[[Finding, Outcome], None] | None = None, all_lost: bool = False
    ) -> None:
        """`told` hears what became of each; the audit log, of how many. `all_lost` is from who knows that originals are lost
        for good, however many they are."""
        too_many = await self._too_many() - (OF_LOST_ORIGINALS if all_lost else frozenset())
        last = 0
        while noted := await self._page(last):
            for each in noted:
                last = each.number
                # What was left in an earlier try may have come right by another.
                if each.outcome not in (None, Outcome.LEFT):
                    continue
                outcome = Outcome.LEFT if each.finding.kind in too_many else await self._mend(each.finding)
                async with self.unit_of_work:
                    await self.findings.conclude(each.number, outcome)
                if told is not None:
                    told(each.finding, outcome)
        await self._end(by)

    async def _end(self, by: Origin) -> None:
        async with self.unit_of_work:
            run, counted = await self.runs.last(), await self.findings.counted()
            if run is None:
                return
            await self.runs.save(replace(run, mended=True))
            details = {f"{kind}_{outcome}": number for (kind, outcome), number in sorted(counted.items(), key=str)}
            target = Target(kind="library", id=str(run.scope.owner or "all"))
            await self.record_action(by=by, action="library.mended", target=target, details=details)

    async def _too_many(self) -> frozenset[Kind]:
        async with self.unit_of_work:
            run, counted = await self.runs.last(), await self.findings.counted()
        most = max(FEW, run.photos // 2) if run is not None else 0
        limits = ((OF_STRAYS, self.policy.at_most), (OF_LOST_ORIGINALS, min(self.policy.at_most, most)))
        mistaken = [kinds for kinds, limit in limits if self._number(kinds, counted) > limit]
        fence = SweepFence(self.references, self.ledger, self.unit_of_work)
        if self._number(REMOVED, counted) and not await fence.is_open(self.blobs):
            mistaken.append(REMOVED)
        return frozenset().union(*mistaken)

    def _number(self, kinds: frozenset[Kind], counted: Mapping[tuple[Kind, Outcome | None], int]) -> int:
        return sum(number for (kind, _), number in counted.items() if kind in kinds)

    async def _page(self, last: int) -> list[NotedFinding]:
        async with self.unit_of_work:
            return list(await self.findings.page(after=last, limit=PAGE))

    async def _mend(self, finding: Finding) -> Outcome:
        for tries_left in reversed(range(TRIES)):
            try:
                return await self._mend_once(finding)
            except ConcurrentUpdate:
                if not tries_left:
                    break
        return Outcome.LEFT

    async def _mend_once(self, finding: Finding) -> Outcome:
        if finding.kind in OF_ORIGINALS | OF_RENDITIONS:
            return await self.mend_photo(finding=finding)
        if finding.kind in OF_STRAYS:
            return await self.mend_stray(finding=finding)
        return await self.mend_row(finding=finding)
