"""`/changes`: what became of the caller's things, in order; and waiting for what comes."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response
from litestar.params import QueryParameter
from msgspec import Meta, Struct

from photostore.event.commands.follow_changes import FollowChanges, FollowedChanges
from photostore.event.errors import CursorExpired
from photostore.event.retention import ChangePosition
from photostore.shared.ids import UserId
from photostore.user.actor import Actor
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore.user.scopes import Scope
from photostore_http.authentication import authenticate, holding
from photostore_http.change_documents import ChangeDocuments, Changes
from photostore_http.declaring import LINK
from photostore_http.paging import (
    DEFAULT_LIMIT,
    BadCursor,
    BadParameter,
    CursorText,
    bad_cursor,
    decode_cursor,
    encode_cursor,
    link_next,
)
from photostore_http.problem_specs import refusals
from photostore_http.requests import while_connected
from photostore_http.routing import get

AnyRequest = Request[Any, Any, Any]

LONGEST_WAIT = 30
Limit = Annotated[int, QueryParameter(ge=1, le=500, description="How many items a page has at most.")]
Wait = Annotated[
    int, QueryParameter(ge=0, le=LONGEST_WAIT, description="For how many seconds to wait where there is nothing yet.")
]


class _Cursor(Struct, array_like=True, forbid_unknown_fields=True):
    """Whose feed, up to which number, and since when its reader has missed nothing, in seconds since 1970."""

    owner: UUID
    seq: Annotated[int, Meta(ge=0, le=(1 << 63) - 1)]
    since: Annotated[int, Meta(ge=0, lt=1 << 37)]


class ChangeController(Controller):
    path = "/changes"
    tags = ("changes",)

    @get(
        operation_id="ListChanges",
        guards=[holding(Scope.PHOTOS_READ)],
        response_headers=[LINK],
        responses=refusals(InvalidToken, InsufficientScope, BadCursor, BadParameter, CursorExpired),
    )
    @inject
    async def list_changes(
        self,
        request: AnyRequest,
        actor: FromDishka[Actor],
        follow_changes: FromDishka[FollowChanges],
        documents: FromDishka[ChangeDocuments],
        cursor: CursorText = None,
        limit: Limit = DEFAULT_LIMIT,
        wait: Wait = 0,
    ) -> Response[Changes]:
        """Whatever changed after the cursor; without one, from the beginning, which tells all that there is."""
        reading = follow_changes(actor=actor.user_id, after=position_of(cursor, actor), limit=limit, wait=wait)
        followed = await (while_connected(request, reading) if wait else reading)
        if followed.waited:
            await _still_allowed(request, followed)
        items = await documents.of(followed.page.items, owner=actor.user_id)
        next_cursor = cursor_of(followed.next, actor.user_id)
        return Response(Changes(items=items, next_cursor=next_cursor), headers=link_next(request, next_cursor))


async def _still_allowed(request: AnyRequest, followed: FollowedChanges) -> None:
    """Who lost access while waiting is told no change. The time counts for no slowness of ours."""
    request.scope["waited_seconds"] = followed.waited  # type: ignore[typeddict-unknown-key]
    (await authenticate(request)).demand(Scope.PHOTOS_READ)


def cursor_of(position: ChangePosition, owner: UserId) -> str:
    return encode_cursor(_Cursor(owner, position.seq, int(position.since.timestamp())))


def position_of(cursor: str | None, actor: Actor) -> ChangePosition | None:
    """Raise `BadCursor`, also for another owner's."""
    told = decode_cursor(cursor, _Cursor)
    if told is None:
        return None
    if told.owner != actor.user_id:
        raise bad_cursor()
    return ChangePosition(seq=told.seq, since=datetime.fromtimestamp(told.since, UTC))
