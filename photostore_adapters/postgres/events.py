"""Recorded events become jobs, in the transaction that saves their aggregate."""

from collections.abc import Sequence

from photostore.event.ports import EventPublisher
from photostore.job.ports import JobQueue
from photostore.reactions import jobs_caused_by
from photostore.shared.aggregate import Event


class Outbox(EventPublisher):
    def __init__(self, jobs: JobQueue) -> None:
        self._jobs = jobs

    async def publish(self, events: Sequence[Event]) -> None:
        jobs = jobs_caused_by(events)
        if jobs:
            await self._jobs.enqueue(jobs)
