"""Jobs and events in memory, and a way to do the jobs at once."""

import json
from collections.abc import Sequence

from dishka import AsyncContainer

from photostore.event.ports import EventPublisher
from photostore.job.job import Job
from photostore.job.ports import JobQueue
from photostore.reactions import jobs_caused_by, subjects_allowed_by, subjects_revoked_by
from photostore.replica.policy import ReplicaPolicy
from photostore.replica.ports import ReplicaTasks
from photostore.replicating import plans_caused_by
from photostore.shared.aggregate import Event
from photostore.shared.media import MediaRevoker
from photostore_adapters.jobs.handlers import HANDLERS
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.store import FakeStore


class FakeJobQueue(JobQueue):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._store = store
        self._unit_of_work = unit_of_work

    async def enqueue(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            await self._unit_of_work.lock(*([("job", job.dedupe_key)] if job.dedupe_key else []))
            if job.dedupe_key is None or not self._waits(job.dedupe_key):
                self._store.jobs_made += 1
                self._unit_of_work.put(self._store.jobs, self._store.jobs_made, job)

    def _waits(self, dedupe_key: str) -> bool:
        return bool(self._unit_of_work.where(self._store.jobs, lambda job: job.dedupe_key == dedupe_key))


class FakeEventPublisher(EventPublisher):
    """What was published and committed stands in the store's `events`."""

    def __init__(
        self,
        unit_of_work: FakeUnitOfWork,
        jobs: JobQueue,
        media: MediaRevoker,
        replicas: ReplicaPolicy,
        replica_tasks: ReplicaTasks,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._jobs = jobs
        self._media = media
        self._replicas = replicas
        self._replica_tasks = replica_tasks

    async def publish(self, events: Sequence[Event]) -> None:
        for event in events:
            self._unit_of_work.record(event)
        await self._jobs.enqueue(jobs_caused_by(events))
        await self._media.revoke(subjects_revoked_by(events))
        await self._media.allow(subjects_allowed_by(events))
        await self._replica_tasks.plan(plans_caused_by(events, self._replicas.names))


async def run_jobs(container: AsyncContainer, store: FakeStore) -> list[str]:
    """Do every job that waits, and those that they cause; answer their names. One that raises stays where it is."""
    done: list[str] = []
    while waiting := store.waiting_jobs():
        number, job = waiting[0]
        async with container() as scope:
            await HANDLERS[job.name](scope, json.loads(json.dumps(job.arguments)))
        del store.jobs.rows[number]
        done.append(job.name)
    return done
