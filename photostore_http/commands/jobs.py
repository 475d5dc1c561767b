"""`photostore jobs ...`."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, TypeVar

import click

from photostore.job.queries import JobFilter, Trouble
from photostore_adapters.administering import Administration, Jobs, administration
from photostore_adapters.launch import Settings
from photostore_http.commands.database import on_database
from photostore_http.commands.tables import Table, show
from photostore_http.commands.telling import agreed

T = TypeVar("T")


def show_jobs(name: str | None, status: Literal["retrying", "failed"] | None, limit: int, *, as_json: bool) -> None:
    wanted = JobFilter(name=name, status=None if status is None else Trouble(status))
    jobs = _administered(lambda administration: administration.jobs(wanted, limit=limit))
    show(jobs, *_tables(jobs), as_json=as_json)


def _tables(jobs: Jobs) -> list[Table]:
    queue = Table(
        title="Queue",
        columns=("Job", "Status", "Jobs", "Oldest (s)"),
        rows=[(each.name, each.status, each.jobs, round(each.oldest_seconds)) for each in jobs.queue],
        numbers=("Jobs", "Oldest (s)"),
    )
    failed = Table(
        title="Failed",
        columns=("Id", "Job", "Status", "Failures", "Last failure", "Next try", "About", "Error"),
        rows=[
            (
                each.id,
                each.name,
                each.status,
                each.failures,
                each.failed_at,
                each.next_try_at,
                ", ".join(f"{name}={value}" for name, value in each.arguments.items()) or None,
                each.error,
            )
            for each in jobs.failed
        ],
        numbers=("Id", "Failures"),
    )
    return [queue, failed] if jobs.failed else [queue]


def retry(job_ids: Sequence[int], name: str | None, *, every: bool) -> None:
    if job_ids:
        _each(job_ids, lambda administration, job_id: administration.retry(job_id))
        retried = len(job_ids)
    else:
        retried = _administered(lambda administration: administration.retry_failed(None if every else name))
    click.echo(f"{retried} jobs are done again.")


def discard(job_ids: Sequence[int], *, yes: bool) -> None:
    if agreed(f"{len(job_ids)} jobs are never done: {', '.join(map(str, job_ids))}.", yes=yes):
        _each(job_ids, lambda administration, job_id: administration.discard(job_id))
        click.echo(f"{len(job_ids)} jobs were given up.")


def _each(job_ids: Sequence[int], do: Callable[[Administration, int], Awaitable[None]]) -> None:
    async def do_all(administration: Administration) -> None:
        for job_id in job_ids:
            await do(administration, job_id)

    _administered(do_all)


def _administered(do: Callable[[Administration], Awaitable[T]]) -> T:
    async def administer(settings: Settings, url: str) -> T:
        async with administration(settings, url) as offered:
            return await do(offered)

    return on_database(administer)
