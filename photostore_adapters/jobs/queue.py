"""Enqueuing inside the transaction of a unit of work."""

import asyncio
from collections.abc import Sequence
from typing import Self

import msgspec
from pgqueuer.ports.driver import Driver, NotifyCallback, TaskManagerPort
from pgqueuer.queries import Queries
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.job.job import Job
from photostore.job.ports import JobQueue
from photostore_adapters.observability.work_spans import WorkSpans
from photostore_adapters.postgres.writing import run_sql


class SessionDriver(Driver):
    """pgqueuer's statements, in the session's transaction: on a connection of their own they would commit by themselves."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        return [dict(row) for row in await run_sql(self._session, query, args)]

    async def execute(self, query: str, *args: object) -> str:
        await run_sql(self._session, query, args)
        return ""

    async def notify(self, channel: str, payload: str) -> None:
        await self.execute("SELECT pg_notify($1, $2)", channel, payload)

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        raise TypeError("a session does not listen")

    @property
    def shutdown(self) -> asyncio.Event:
        return asyncio.Event()

    @property
    def tm(self) -> TaskManagerPort:
        raise TypeError("a session has no tasks")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


class PgQueuerJobQueue(JobQueue):
    def __init__(self, session: AsyncSession, spans: WorkSpans) -> None:
        self._session = session
        self._spans = spans

    async def enqueue(self, jobs: Sequence[Job]) -> None:
        carried = self._spans.carried()
        await Queries(SessionDriver(self._session)).enqueue(
            [job.name for job in jobs],
            [msgspec.json.encode(job.arguments) for job in jobs],
            [job.priority for job in jobs],
            execute_after=[job.delay for job in jobs],
            dedupe_key=[job.dedupe_key for job in jobs],
            headers=None if carried is None else [carried for _ in jobs],
            on_conflict="skip",
        )
