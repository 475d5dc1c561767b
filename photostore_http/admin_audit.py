"""`/admin/audit`: what administrators did."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response
from litestar.params import QueryParameter
from msgspec import Struct

from photostore.audit.queries import AuditFilter, AuditPosition, AuditQueries, AuditView
from photostore.shared.ids import UserId
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore_http.authentication import administrator
from photostore_http.declaring import LINK
from photostore_http.moments import in_utc
from photostore_http.paging import (
    DEFAULT_LIMIT,
    BadCursor,
    BadParameter,
    CursorText,
    Limit,
    Page,
    decode_cursor,
    page_of,
)
from photostore_http.problem_specs import refusals
from photostore_http.routing import get

AnyRequest = Request[Any, Any, Any]
_Actor = Annotated[UUID | None, QueryParameter(description="What this user did.")]
_Action = Annotated[str | None, QueryParameter(max_length=100, description="Such as `user.disabled`.")]
_Target = Annotated[str | None, QueryParameter(max_length=200, description="What was done to this, by its id.")]
_Since = Annotated[datetime | None, QueryParameter(description="Inclusive.")]
_Until = Annotated[datetime | None, QueryParameter(description="Exclusive.")]


class AuditActor(Struct, frozen=True, kw_only=True):
    """Who did it: a user by `id`, or whoever had the command line, by the `name` that the system knows them by."""

    id: UUID | None
    name: str | None


class AuditTarget(Struct, frozen=True, kw_only=True):
    """What it was done to."""

    kind: str
    id: str


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One action. `details` tell what was before and is now, as far as that is no secret."""

    id: UUID
    at: datetime
    actor: AuditActor
    action: str
    target: AuditTarget
    details: dict[str, Any]
    ip_address: str | None
    user_agent: str | None
    request_id: str | None


def _entry(view: AuditView) -> AuditEntry:
    return AuditEntry(
        id=view.id,
        at=view.at,
        actor=AuditActor(id=view.actor_id, name=view.actor_name),
        action=view.action,
        target=AuditTarget(kind=view.target_kind, id=view.target_id),
        details=dict(view.details),
        ip_address=view.ip_address,
        user_agent=view.user_agent,
        request_id=view.request_id,
    )


class AdminAuditController(Controller):
    path = "/admin/audit"
    tags = ("admin",)

    @get(
        operation_id="ListAuditEntries",
        guards=[administrator],
        response_headers=[LINK],
        responses=refusals(InvalidToken, InsufficientScope, BadCursor, BadParameter),
    )
    @inject
    async def entries(
        self,
        request: AnyRequest,
        queries: FromDishka[AuditQueries],
        actor: _Actor = None,
        action: _Action = None,
        target: _Target = None,
        since: _Since = None,
        until: _Until = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: CursorText = None,
    ) -> Response[Page[AuditEntry]]:
        """What administrators did, by HTTP and at the command line, newest first; all filters that are given hold."""
        wanted = AuditFilter(
            actor=None if actor is None else UserId(actor),
            action=action,
            target=target,
            since=None if since is None else in_utc(since),
            until=None if until is None else in_utc(until),
        )
        views = await queries.list(wanted, after=_position(cursor), limit=limit + 1)
        items = [_entry(view) for view in views]
        return page_of(request, items, limit=limit, position=lambda entry: (entry.at, entry.id))


def _position(cursor: str | None) -> AuditPosition | None:
    found = decode_cursor(cursor, tuple[datetime, UUID])
    return None if found is None else AuditPosition(at=in_utc(found[0]), id=found[1])
