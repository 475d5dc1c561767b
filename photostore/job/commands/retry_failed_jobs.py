"""Have all failed jobs done again."""

from dataclasses import dataclass

from photostore.audit.commands.record_action import RecordAction
from photostore.audit.entry import Origin, Target
from photostore.job.ports import TroubledJobs
from photostore.shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class RetryFailedJobs:
    """Or those of one name; answer how many. They are recorded as one action."""

    jobs: TroubledJobs
    record_action: RecordAction
    unit_of_work: UnitOfWork

    async def __call__(self, *, by: Origin, name: str | None) -> int:
        async with self.unit_of_work:
            retried = await self.jobs.retry_failed(name)
            if retried:
                target = Target(kind="jobs", id=name or "all")
                await self.record_action(by=by, action="jobs.retried", target=target, details={"jobs": retried})
        return retried
