"""Jobs that failed, in memory."""

from collections import Counter
from collections.abc import Sequence

from photostore.job.errors import JobNotFound
from photostore.job.job import Job
from photostore.job.ports import TroubledJobs
from photostore.job.queries import JobFilter, JobQueries, QueueView, Trouble, TroubledJobView, ids_of
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.store import FakeStore, FakeTrouble


class FakeTroubledJobs(TroubledJobs):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._store = store
        self._unit_of_work = unit_of_work

    async def retry(self, job_id: int) -> Job:
        trouble = await self._take(job_id)
        self._requeue(job_id, trouble.job)
        return trouble.job

    async def retry_failed(self, name: str | None) -> int:
        failed = [
            number
            for number, trouble in sorted(self._store.admin.troubled.rows.items())
            if trouble.next_try_at is None and name in (None, trouble.job.name)
        ]
        for number in failed:
            self._requeue(number, (await self._take(number)).job)
        return len(failed)

    async def discard(self, job_id: int) -> Job:
        return (await self._take(job_id)).job

    async def _take(self, job_id: int) -> FakeTrouble:
        await self._unit_of_work.lock((self._store.admin.troubled, job_id))
        trouble = self._unit_of_work.find(self._store.admin.troubled, job_id)
        if trouble is None:
            raise JobNotFound(f"There is no job {job_id} that failed.")
        self._unit_of_work.delete(self._store.admin.troubled, job_id)
        return trouble

    def _requeue(self, number: int, job: Job) -> None:
        waiting = self._unit_of_work.where(self._store.jobs, lambda each: each.dedupe_key == job.dedupe_key)
        if job.dedupe_key is None or not waiting:
            self._unit_of_work.put(self._store.jobs, number, job)


class FakeJobQueries(JobQueries):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def queue(self) -> Sequence[QueueView]:
        self._store.answer_or_not()
        counted = Counter((job.name, "queued") for job in self._store.jobs.rows.values())
        for trouble in self._store.admin.troubled.rows.values():
            counted[trouble.job.name, "queued" if trouble.next_try_at else "failed"] += 1
        return [QueueView(name, status, jobs, 0) for (name, status), jobs in sorted(counted.items())]

    async def troubled(self, wanted: JobFilter, *, after: int | None, limit: int) -> Sequence[TroubledJobView]:
        self._store.answer_or_not()
        views = [_view(number, trouble) for number, trouble in self._store.admin.troubled.rows.items()]
        newest_first = sorted(views, key=lambda view: view.id, reverse=True)
        return [
            view
            for view in newest_first
            if wanted.name in (None, view.name)
            and wanted.status in (None, view.status)
            and (after is None or view.id < after)
        ][:limit]


def _view(number: int, trouble: FakeTrouble) -> TroubledJobView:
    return TroubledJobView(
        id=number,
        name=trouble.job.name,
        status=Trouble.FAILED if trouble.next_try_at is None else Trouble.RETRYING,
        arguments=ids_of(trouble.job.arguments),
        failures=trouble.failures,
        error=trouble.error,
        created_at=trouble.at,
        failed_at=trouble.at,
        next_try_at=trouble.next_try_at,
    )
