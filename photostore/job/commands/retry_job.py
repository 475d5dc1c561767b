"""Have a failed job done again."""

from dataclasses import dataclass

from photostore.audit.commands.record_action import RecordAction
from photostore.audit.entry import Origin, Target
from photostore.job.ports import TroubledJobs
from photostore.job.queries import ids_of
from photostore.shared.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class RetryJob:
    """Now, and with all its tries before it. Raise `JobNotFound`."""

    jobs: TroubledJobs
    record_action: RecordAction
    unit_of_work: UnitOfWork

    async def __call__(self, *, by: Origin, job_id: int) -> None:
        async with self.unit_of_work.answering():
            job = await self.jobs.retry(job_id)
            target = Target(kind="job", id=str(job_id))
            details = {"name": job.name, "arguments": ids_of(job.arguments)}
            await self.record_action(by=by, action="job.retried", target=target, details=details)
