"""`/admin/jobs`: how long the queue is, and which jobs failed."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response
from litestar.params import PathParameter, QueryParameter
from msgspec import Struct

from photostore.audit.entry import Origin
from photostore.job.commands.discard_job import DiscardJob
from photostore.job.commands.retry_job import RetryJob
from photostore.job.errors import JobNotFound
from photostore.job.queries import JobFilter, JobQueries, Trouble
from photostore.shared.errors import ConcurrentUpdate
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore_http.authentication import administrator
from photostore_http.declaring import LINK
from photostore_http.paging import (
    DEFAULT_LIMIT,
    BadCursor,
    BadParameter,
    CursorText,
    Limit,
    decode_cursor,
    encode_cursor,
    link_next,
)
from photostore_http.problem_specs import refusals
from photostore_http.routing import get, post

AnyRequest = Request[Any, Any, Any]
_LARGEST = (1 << 63) - 1
JobName = Annotated[str | None, QueryParameter(max_length=100, description="Only jobs of this name.")]
JobStatus = Annotated[
    Literal["retrying", "failed"] | None,
    QueryParameter(description="`retrying` are tried again by themselves, `failed` wait for someone to look."),
]
JobNumber = Annotated[str, PathParameter(description="The job's id.")]


class Queue(Struct, frozen=True, kw_only=True):
    """Jobs of one name in one status (`queued`, `picked`, `failed`); `oldest_seconds` is how long the oldest is due."""

    name: str
    status: str
    jobs: int
    oldest_seconds: float


class TroubledJob(Struct, frozen=True, kw_only=True):
    """A job that failed. `arguments` are the ids among its arguments; `error` is one line of the last failure."""

    id: int
    name: str
    status: Literal["retrying", "failed"]
    arguments: dict[str, Any]
    failures: int
    error: str | None
    created_at: datetime
    failed_at: datetime
    next_try_at: datetime | None


class Jobs(Struct, frozen=True, kw_only=True):
    """The queue, and a page of the jobs in it that failed; `next_cursor` is null on the last."""

    queue: list[Queue]
    items: list[TroubledJob]
    next_cursor: str | None


class AdminJobController(Controller):
    path = "/admin/jobs"
    tags = ("admin",)

    @get(
        operation_id="ListJobs",
        guards=[administrator],
        response_headers=[LINK],
        responses=refusals(InvalidToken, InsufficientScope, BadCursor, BadParameter),
    )
    @inject
    async def jobs(
        self,
        request: AnyRequest,
        queries: FromDishka[JobQueries],
        name: JobName = None,
        status: JobStatus = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: CursorText = None,
    ) -> Response[Jobs]:
        """How long the queue is, by name and status, and the jobs that failed, newest first."""
        wanted = JobFilter(name=name, status=None if status is None else Trouble(status))
        views = await queries.troubled(wanted, after=decode_cursor(cursor, int), limit=limit + 1)
        shown = [msgspec.convert(view, TroubledJob, from_attributes=True) for view in views[:limit]]
        next_cursor = encode_cursor(shown[-1].id) if len(views) > limit else None
        queue = [msgspec.convert(each, Queue, from_attributes=True) for each in await queries.queue()]
        told = Jobs(queue=queue, items=shown, next_cursor=next_cursor)
        return Response(told, headers=link_next(request, next_cursor))

    @post(
        "/{job:str}/retry",
        operation_id="RetryJob",
        status_code=204,
        guards=[administrator],
        responses=refusals(InvalidToken, InsufficientScope, JobNotFound, ConcurrentUpdate),
    )
    @inject
    async def retry(self, job: JobNumber, origin: FromDishka[Origin], retry_job: FromDishka[RetryJob]) -> None:
        """It is due now, with all its tries before it. Where the same work waits already, that does for both."""
        await retry_job(by=origin, job_id=_number(job))

    @post(
        "/{job:str}/discard",
        operation_id="DiscardJob",
        status_code=204,
        guards=[administrator],
        responses=refusals(InvalidToken, InsufficientScope, JobNotFound),
    )
    @inject
    async def discard(self, job: JobNumber, origin: FromDishka[Origin], discard_job: FromDishka[DiscardJob]) -> None:
        """It is never done. What it was stays in the audit log."""
        await discard_job(by=origin, job_id=_number(job))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= _LARGEST):
        raise JobNotFound("There is no such job.")
    return int(text)
