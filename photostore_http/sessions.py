"""`/auth/sessions`: where the caller is signed in."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response
from litestar.params import PathParameter
from msgspec import Struct

from photostore.shared.ids import SessionId
from photostore.user.actor import Actor
from photostore.user.commands.revoke_other_sessions import RevokeOtherSessions
from photostore.user.commands.revoke_session import RevokeSession
from photostore.user.errors import (
    InsufficientScope,
    InvalidToken,
    SessionNotFound,
)
from photostore.user.queries import CredentialQueries
from photostore_http.authentication import (
    interactive,
)
from photostore_http.declaring import LINK
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
from photostore_http.routing import delete, get, post

AnyRequest = Request[Any, Any, Any]


class Session(Struct, frozen=True, kw_only=True):
    """One signed-in device; `current` is the one that asks."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    user_agent: str | None
    ip_address: str | None
    current: bool


class Revoked(Struct, frozen=True, kw_only=True):
    revoked: int


class SessionController(Controller):
    path = "/auth/sessions"
    tags = ("auth",)

    @get(
        operation_id="ListSessions",
        guards=[interactive],
        response_headers=[LINK],
        responses=refusals(InvalidToken, InsufficientScope, BadCursor, BadParameter),
    )
    @inject
    async def sessions(
        self,
        request: AnyRequest,
        actor: FromDishka[Actor],
        credentials: FromDishka[CredentialQueries],
        limit: Limit = DEFAULT_LIMIT,
        cursor: CursorText = None,
    ) -> Response[Page[Session]]:
        """Where the caller is signed in, newest first."""
        after = decode_cursor(cursor, UUID)
        views = await credentials.sessions(actor.user_id, after=SessionId(after) if after else None, limit=limit + 1)
        items = [
            Session(
                id=view.id,
                created_at=view.created_at,
                last_seen_at=view.last_seen_at,
                user_agent=view.user_agent,
                ip_address=view.ip_address,
                current=view.id == actor.session_id,
            )
            for view in views
        ]
        return page_of(request, items, limit=limit, position=lambda session: session.id)

    @delete(
        "/{session_id:str}",
        operation_id="RevokeSession",
        guards=[interactive],
        responses=refusals(InvalidToken, InsufficientScope, SessionNotFound),
    )
    @inject
    async def revoke(
        self,
        session_id: Annotated[str, PathParameter(description="The session's id, or `current`.")],
        actor: FromDishka[Actor],
        revoke_session: FromDishka[RevokeSession],
    ) -> None:
        """`current` is an id too. A revoked session's tokens are refused within 5 s everywhere."""
        await revoke_session(actor=actor.user_id, session_id=_session_id(session_id, actor))

    @post(
        "/revoke-others",
        operation_id="RevokeOtherSessions",
        status_code=200,
        guards=[interactive],
        responses=refusals(InvalidToken, InsufficientScope),
    )
    @inject
    async def revoke_others(self, actor: FromDishka[Actor], revoke_others: FromDishka[RevokeOtherSessions]) -> Revoked:
        """Every session but the one that asks; how many there were."""
        return Revoked(revoked=await revoke_others(actor=actor.user_id, current=actor.session_id))


def _session_id(text: str, actor: Actor) -> SessionId:
    if text == "current" and actor.session_id is not None:
        return actor.session_id
    try:
        return SessionId(UUID(text))
    except ValueError:
        raise SessionNotFound("There is no such session.") from None
