"""What the job room asks of the world."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from photostore.job.job import Job


class JobQueue(Protocol):
    @abstractmethod
    async def enqueue(self, jobs: Sequence[Job]) -> None:
        """Within the unit of work: they run if it commits, and only then."""
