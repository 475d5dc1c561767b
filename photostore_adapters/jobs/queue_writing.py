"""What pgqueuer writes down of a job that did not come to its end: nothing that would end it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import asyncpg
import structlog
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgPoolDriver
from pgqueuer.models import Job as QueuedJob
from pgqueuer.queries import Queries

_log = structlog.stdlib.get_logger(__name__)
_OUTAGES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


class LastingQueries(Queries):
    """A job that is cut off, or that fails while the database is away, stays taken by a worker that shows no sign of life
    for it: another one takes it after the heartbeat's time.

    pgqueuer deletes what was cut off, as if somebody had taken it back, and counts what cannot be put back into the
    queue as failed for good. Nobody takes jobs back that way here.
    """

    async def log_jobs(self, job_status: Sequence[tuple[QueuedJob, Any, Any]]) -> None:
        ended = [each for each in job_status if each[1] != "canceled"]
        if ended:
            await super().log_jobs(ended)

    async def retry_job(self, job: QueuedJob, delay: timedelta, traceback_record: Any) -> None:
        try:
            await super().retry_job(job, delay, traceback_record)
        except _OUTAGES as error:
            _log.warning("a job that failed could not be put back; it will be done again", error=repr(error))


def queuer_of(pool: asyncpg.Pool) -> PgQueuer:
    driver = AsyncpgPoolDriver(pool)
    return PgQueuer(connection=driver, queries=LastingQueries(driver))
