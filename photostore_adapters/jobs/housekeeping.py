"""The queue's own upkeep and its state."""

from dataclasses import dataclass

from photostore.shared.health import HealthCheck
from photostore_adapters.postgres.reading import Reader, Statement

# Of a job that failed and is still there, why it failed is kept.
_PRUNE = Statement(
    """
    DELETE FROM pgqueuer_log WHERE created < now() - interval '7 days'
        AND NOT EXISTS (SELECT FROM pgqueuer WHERE pgqueuer.id = job_id AND traceback IS NOT NULL)
    """,
    (),
)
_CHECK = Statement("SELECT id FROM pgqueuer LIMIT 1", ())
_STATE = Statement(
    """
    SELECT entrypoint, status::text,  count(*) AS jobs,
           coalesce(extract(epoch FROM now() - min(execute_after) FILTER (WHERE execute_after <= now())), 0)::float AS oldest
    FROM pgqueuer GROUP BY entrypoint, status
    """,
    (),
)


class QueueLog:
    """What pgqueuer writes down of each job; a week of it is kept, and why a job failed for as long as that is there."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def prune(self) -> None:
        await self._reader.fetch(_PRUNE)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """Of one kind of job in one status (`queued`, `picked`, `failed`): how many, and for how many seconds the oldest is due."""

    job: str
    status: str
    jobs: int
    oldest_seconds: float


class QueueQueries:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def state(self) -> list[QueueState]:
        rows = await self._reader.fetch(_STATE)
        return [
            QueueState(job=row["entrypoint"], status=row["status"], jobs=row["jobs"], oldest_seconds=row["oldest"])
            for row in rows
        ]


class JobsCheck(HealthCheck):
    """Whether the queue's table answers."""

    name = "jobs"

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def check(self) -> None:
        await self._reader.fetch(_CHECK)
