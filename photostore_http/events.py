"""`/events`: the change feed as server-sent events."""

import re
from functools import partial
from typing import Any

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from photostore.event.commands.begin_stream import BeginStream
from photostore.event.errors import BadEventId, CursorExpired, TooManyFollow, TooManyFollowers
from photostore.event.retention import ChangePosition
from photostore.shared.clock import Clock
from photostore.shared.errors import FieldError
from photostore.user.actor import Actor
from photostore.user.errors import InsufficientScope, InvalidToken
from photostore.user.scopes import Scope as TokenScope
from photostore_http.authentication import holding, token_end
from photostore_http.byte_responses import UnmeasuredResponse
from photostore_http.changes import position_of
from photostore_http.declaring import LAST_EVENT_ID, EventsOperation
from photostore_http.event_streams.frames import hello
from photostore_http.event_streams.hub import EventStreams
from photostore_http.event_streams.stream import EventStream
from photostore_http.paging import BadCursor, BadParameter, CursorText
from photostore_http.problem_specs import refusals
from photostore_http.problems import request_id_of
from photostore_http.routing import get

_SEQ = re.compile(r"[0-9]{1,18}", re.ASCII)
# Nobody on the way may keep it, or hold it back to gather more.
_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}


class EventStreamResponse(UnmeasuredResponse):
    """Begins the answer. The rest goes on outside of the request, which is over for everyone who works for it."""

    __slots__ = ("_stream", "_streams")

    def __init__(self, streams: EventStreams, stream: EventStream) -> None:
        super().__init__(headers=_HEADERS)
        self._streams = streams
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Here, since nobody else gets a turn between this and taking the place.
        self._streams.demand_place(self._stream.actor.user_id)
        await self.start_response(send)
        await send({"type": "http.response.body", "body": hello(self._stream.position.seq), "more_body": True})
        scope["goes_on"] = partial(self._streams.run, self._stream)  # type: ignore[typeddict-unknown-key]


class EventController(Controller):
    path = "/events"
    tags = ("changes",)

    @get(
        operation_id="FollowEvents",
        operation_class=EventsOperation,
        guards=[holding(TokenScope.PHOTOS_READ)],
        responses=refusals(
            InvalidToken,
            InsufficientScope,
            BadEventId,
            BadCursor,
            BadParameter,
            CursorExpired,
            TooManyFollow,
            TooManyFollowers,
        ),
    )
    @inject
    async def follow_events(
        self,
        request: Request[Any, Any, Any],
        actor: FromDishka[Actor],
        begin: FromDishka[BeginStream],
        streams: FromDishka[EventStreams],
        clock: FromDishka[Clock],
        cursor: CursorText = None,
    ) -> ASGIResponse:
        """Every change as it comes, as server-sent events (WHATWG HTML): the items of `/changes`, none lost and none repeated.

        `Last-Event-ID` goes on after the event of that number, a `cursor` where `/changes` ended; the header wins. Without
        either it tells what comes from now on. A stream ends when its token does, when access is taken back, and when the
        server stops: come again with `Last-Event-ID` then.
        """
        after = _told_last(request, clock) or position_of(cursor, actor)
        position = await begin(actor=actor.user_id, after=after)
        if "is_head" in request.scope:
            return ASGIResponse(headers=_HEADERS, is_head_response=True)
        ends_at = await token_end(request)
        stream = EventStream(actor, position, ends_at=ends_at, request_id=request_id_of(request))
        return EventStreamResponse(streams, stream)


def _told_last(request: Request[Any, Any, Any], clock: Clock) -> ChangePosition | None:
    """Raise `BadEventId`. An empty one says that nothing was told, as clients do that were told no number yet."""
    told = request.headers.get(LAST_EVENT_ID)
    if not told:
        return None
    if not _SEQ.fullmatch(told):
        message = "must be the id of an event of this stream, a whole number"
        raise BadEventId("There is no such event.", errors=[FieldError(LAST_EVENT_ID, message)])
    return ChangePosition.told_last(int(told), now=clock.now())
