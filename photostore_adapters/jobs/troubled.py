"""Jobs that failed: seen, done again, or given up."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.job.errors import JobNotFound
from photostore.job.job import Job
from photostore.job.ports import TroubledJobs
from photostore.job.queries import JobFilter, JobQueries, QueueView, Trouble, TroubledJobView, ids_of
from photostore_adapters.jobs.housekeeping import QueueQueries
from photostore_adapters.postgres.reading import Reader, Statement

_ERROR_LENGTH = 300
# Before the name of an error.
_MODULE = re.compile(r"^(?:\w+\.)+(?=\w+(?::|$))")
# Between the errors of a traceback of which one led to the other.
_CHAINED = re.compile(r"\n\n(?:The above exception was|During handling of the above exception).*?:\n\n")
_IN_TROUBLE = "(status = 'failed' OR (status = 'queued' AND attempts > 0))"
_IN_STATUS = {Trouble.FAILED: "status = 'failed'", Trouble.RETRYING: "status = 'queued' AND attempts > 0"}
# Whose key another one has that waits: one of the two does for both.
_SUPERSEDED = """EXISTS (
    SELECT FROM pgqueuer AS other WHERE other.dedupe_key = failed.dedupe_key AND other.status IN ('queued', 'picked')
)"""
_LOCK = text(f"SELECT id, entrypoint, status::text, payload FROM pgqueuer WHERE id = :id AND {_IN_TROUBLE} FOR UPDATE")  # noqa: S608 - made of constants
_HURRY = text("UPDATE pgqueuer SET execute_after = now(), attempts = 0, updated = now() WHERE id = :id")
_DISCARD = text("""
    WITH gone AS (DELETE FROM pgqueuer WHERE id = :id RETURNING id, entrypoint, priority)
    INSERT INTO pgqueuer_log (job_id, status, entrypoint, priority) SELECT id, 'deleted', entrypoint, priority FROM gone
""")
# Of those with the same key the first goes back into the queue, unless one waits there.
_REQUEUE = text(f"""
    WITH failed AS (
        SELECT id, dedupe_key FROM pgqueuer
        WHERE status = 'failed' AND (CAST(:name AS text) IS NULL OR entrypoint = :name)
            AND (CAST(:id AS bigint) IS NULL OR id = :id)
        ORDER BY id FOR UPDATE
    ), counted AS (
        SELECT id, row_number() OVER (PARTITION BY coalesce(dedupe_key, 'job ' || id) ORDER BY id) > 1 OR {_SUPERSEDED}
            AS superseded
        FROM failed
    ), gone AS (
        DELETE FROM pgqueuer WHERE id IN (SELECT id FROM counted WHERE superseded)
        RETURNING id, entrypoint, priority, 'deleted'::pgqueuer_status AS status
    ), back AS (
        UPDATE pgqueuer SET status = 'queued', execute_after = now(), updated = now(), attempts = 0, queue_manager_id = NULL
        WHERE id IN (SELECT id FROM counted WHERE NOT superseded)
        RETURNING id, entrypoint, priority, status
    ), both_kinds AS (SELECT * FROM gone UNION ALL SELECT * FROM back)
    INSERT INTO pgqueuer_log (job_id, status, entrypoint, priority)
    SELECT id, status, entrypoint, priority FROM both_kinds RETURNING job_id
""")  # noqa: S608 - made of constants


class PgQueuerTroubledJobs(TroubledJobs):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def retry(self, job_id: int) -> Job:
        row = await self._locked(job_id)
        if row.status == "failed":
            await self._session.execute(_REQUEUE, {"name": None, "id": job_id})
        else:
            await self._session.execute(_HURRY, {"id": job_id})
        return _to_job(row)

    async def retry_failed(self, name: str | None) -> int:
        return len((await self._session.execute(_REQUEUE, {"name": name, "id": None})).all())

    async def discard(self, job_id: int) -> Job:
        row = await self._locked(job_id)
        await self._session.execute(_DISCARD, {"id": job_id})
        return _to_job(row)

    async def _locked(self, job_id: int) -> Any:
        row = (await self._session.execute(_LOCK, {"id": job_id})).one_or_none()
        if row is None:
            raise JobNotFound(f"There is no job {job_id} that failed.")
        return row


def _to_job(row: Any) -> Job:
    return Job(name=row.entrypoint, arguments=_arguments(row.payload))


def _arguments(payload: bytes | None) -> Mapping[str, object]:
    """None, where they cannot be read: such a job failed for that, and must be seen and given up all the same."""
    try:
        told = json.loads(payload or b"{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


@lru_cache(8)
def _list(status: Trouble | None, *, named: bool, goes_on: bool) -> Statement:
    asked, names = [_IN_TROUBLE if status is None else _IN_STATUS[status]], list[str]()
    for name, condition in (("name", "entrypoint = ${}"), ("after", "jobs.id < ${}")):
        if (named, goes_on)[name == "after"]:
            names.append(name)
            asked.append(condition.format(len(names)))
    sql = f"""
        SELECT jobs.id, entrypoint, status::text AS status, payload, attempts, created, updated, execute_after, last.error
        FROM pgqueuer AS jobs LEFT JOIN LATERAL (
            SELECT traceback AS error FROM pgqueuer_log
            WHERE job_id = jobs.id AND traceback IS NOT NULL ORDER BY created DESC LIMIT 1
        ) AS last ON true
        WHERE {" AND ".join(asked)} ORDER BY jobs.id DESC LIMIT ${len(names) + 1}
    """  # noqa: S608 - made of constants
    return Statement(sql, (*names, "limit"))


class PgQueuerJobQueries(JobQueries):
    def __init__(self, reader: Reader, queue: QueueQueries) -> None:
        self._reader = reader
        self._queue = queue

    async def queue(self) -> Sequence[QueueView]:
        states = await self._queue.state()
        views = [QueueView(each.job, each.status, each.jobs, each.oldest_seconds) for each in states]
        return sorted(views, key=lambda view: (view.name, view.status))

    async def troubled(self, wanted: JobFilter, *, after: int | None, limit: int) -> Sequence[TroubledJobView]:
        statement = _list(wanted.status, named=wanted.name is not None, goes_on=after is not None)
        rows = await self._reader.fetch(statement, name=wanted.name, after=after, limit=limit)
        return [_to_view(row) for row in rows]


def _to_view(row: Any) -> TroubledJobView:
    failed = row["status"] == "failed"
    return TroubledJobView(
        id=row["id"],
        name=row["entrypoint"],
        status=Trouble.FAILED if failed else Trouble.RETRYING,
        arguments=ids_of(_arguments(row["payload"])),
        # The last failure is the one after which it was not tried again.
        failures=row["attempts"] + failed,
        error=_line_of(row["error"]),
        created_at=row["created"],
        failed_at=row["updated"],
        next_try_at=None if failed else row["execute_after"],
    )


def _line_of(told: Any) -> str | None:
    """Which error it was, and the first line of what it said."""
    if not isinstance(told, dict):
        return None
    errors = _CHAINED.split(str(told.get("traceback") or ""))
    # What asks for another try is raised from what went wrong.
    wrong = errors[-2] if told.get("exception_type") == "RetryRequested" and len(errors) > 1 else errors[-1]
    said = list(takewhile(lambda line: not line.startswith(" "), reversed(wrong.strip().splitlines())))
    return _MODULE.sub("", said[-1])[:_ERROR_LENGTH] if said else None
