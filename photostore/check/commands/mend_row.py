"""Put right what rows say of other rows."""

from dataclasses import dataclass

from photostore.check.finding import Finding, Kind, Outcome
from photostore.check.ports import RowAudit
from photostore.job.ports import JobQueue
from photostore.photo.jobs import MOST_BEHIND, decoding
from photostore.quota.ports import QuotaAudit
from photostore.shared.clock import Clock
from photostore.shared.ids import PhotoId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.commands.expire_uploads import ExpireUploads


@dataclass(frozen=True, slots=True)
class MendRow:
    """Each in a transaction of its own."""

    audit: RowAudit
    quotas: QuotaAudit
    jobs: JobQueue
    expire_uploads: ExpireUploads
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self, *, finding: Finding) -> Outcome:
        """Raise `ConcurrentUpdate` or `Unavailable`: another try is right."""
        if finding.kind is Kind.UPLOAD_OVERDUE:
            # All of them: the next finding of this kind has gone.
            return Outcome.MENDED if await self.expire_uploads() else Outcome.GONE
        async with self.unit_of_work:
            mended = await self._mend(finding)
        return Outcome.MENDED if mended else Outcome.GONE

    async def _mend(self, finding: Finding) -> bool:
        now = self.clock.now()
        if finding.kind is Kind.QUOTA_DRIFT:
            assert finding.owner_id is not None, "a quota is somebody's"
            return bool(await self.quotas.recount(UserId(finding.owner_id)))
        if finding.kind is Kind.PHOTO_STUCK:
            return await self._enqueue(finding)
        return await self.audit.mend(finding, now=now)

    async def _enqueue(self, finding: Finding) -> bool:
        assert finding.owner_id is not None, "a photo has an owner"
        assert finding.id is not None, "a finding of a photo names it"
        owner, now = UserId(finding.owner_id), self.clock.now()
        stuck = {each.id for each in await self.audit.findings(Kind.PHOTO_STUCK, [owner], now=now)}
        if finding.id not in stuck:
            return False
        photo = PhotoId(finding.id)
        await self.jobs.enqueue([decoding(owner, photo, keywords_as_hashtags=None, behind=MOST_BEHIND)])
        return True
