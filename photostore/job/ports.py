"""What the job room asks of the world."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from photostore.job.job import Job


class JobQueue(Protocol):
    @abstractmethod
    async def enqueue(self, jobs: Sequence[Job]) -> None:
        """Within the unit of work: they run if it commits, and only then."""


class TroubledJobs(Protocol):
    """Jobs that failed, within the unit of work: those kept as failed, and those that wait for another try."""

    @abstractmethod
    async def retry(self, job_id: int) -> Job:
        """It is due now, with all its tries before it; where the same work waits already, that does. Raise `JobNotFound`."""

    @abstractmethod
    async def retry_failed(self, name: str | None) -> int:
        """The same of all that are kept as failed, or of all of one name; answer how many."""

    @abstractmethod
    async def discard(self, job_id: int) -> Job:
        """It is never done. Raise `JobNotFound`."""
