"""`/auth/me` and `/auth/logout`: the caller's own account."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response
from litestar.params import JSONBody
from msgspec import UNSET, Struct, UnsetType

from photostore.shared.errors import ConcurrentUpdate, PreconditionFailed
from photostore.user.actor import Actor
from photostore.user.commands.close_account import CloseAccount
from photostore.user.commands.rename_user import RenameUser
from photostore.user.commands.revoke_session import RevokeSession
from photostore.user.errors import (
    InsufficientScope,
    InvalidToken,
    UserInvalid,
)
from photostore.user.queries import UserQueries, UserView
from photostore_http.authentication import (
    interactive,
    signed_in,
)
from photostore_http.conditions import etag, expected_version, is_unchanged
from photostore_http.declaring import ETAG, UNCHANGED
from photostore_http.problem_specs import refusals
from photostore_http.routing import delete, get, patch, post

AnyRequest = Request[Any, Any, Any]


class User(Struct, frozen=True, kw_only=True):
    id: UUID
    email: str | None
    display_name: str | None
    is_admin: bool
    created_at: datetime


class EditUserRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A JSON merge patch (RFC 7396)."""

    display_name: str | None | UnsetType = UNSET


def _user(request: AnyRequest, view: UserView) -> Response[User]:
    headers = {"ETag": etag(view.version)}
    if request.method == "GET" and is_unchanged(request, view.version):
        return Response(None, status_code=304, headers=headers)  # type: ignore[arg-type]
    return Response(msgspec.convert(view, User, from_attributes=True), headers=headers)


class AccountController(Controller):
    """The caller's own account."""

    path = "/auth"
    tags = ("auth",)

    @post(
        "/logout",
        operation_id="SignOut",
        status_code=204,
        guards=[interactive],
        responses=refusals(InvalidToken, InsufficientScope),
    )
    @inject
    async def sign_out(self, actor: FromDishka[Actor], revoke_session: FromDishka[RevokeSession]) -> None:
        """The session is revoked, with all its tokens."""
        if actor.session_id is not None:
            await revoke_session(actor=actor.user_id, session_id=actor.session_id)

    @get(
        "/me",
        operation_id="GetMe",
        guards=[signed_in],
        response_headers=[ETAG],
        responses={304: UNCHANGED, **refusals(InvalidToken)},
    )
    @inject
    async def me(self, request: AnyRequest, actor: FromDishka[Actor], users: FromDishka[UserQueries]) -> Response[User]:
        """Who the token belongs to."""
        return _user(request, await users.get(actor.user_id))

    @patch(
        "/me",
        operation_id="EditMe",
        guards=[interactive],
        response_headers=[ETAG],
        responses=refusals(InvalidToken, InsufficientScope, UserInvalid, PreconditionFailed, ConcurrentUpdate),
    )
    @inject
    async def edit_me(
        self,
        request: AnyRequest,
        data: JSONBody[EditUserRequest],
        actor: FromDishka[Actor],
        rename: FromDishka[RenameUser],
        users: FromDishka[UserQueries],
    ) -> Response[User]:
        """A JSON merge patch."""
        expected = expected_version(request)
        if not isinstance(data.display_name, UnsetType):
            await rename(actor=actor.user_id, display_name=data.display_name, expected_version=expected)
            return _user(request, await users.get(actor.user_id))
        view = await users.get(actor.user_id)
        expected.demand(view.version)
        return _user(request, view)

    @delete(
        "/me",
        operation_id="CloseAccount",
        guards=[interactive],
        responses=refusals(InvalidToken, InsufficientScope, PreconditionFailed, ConcurrentUpdate),
    )
    @inject
    async def close(
        self, request: AnyRequest, actor: FromDishka[Actor], close_account: FromDishka[CloseAccount]
    ) -> None:
        """The account is gone at once; its photos are erased right after."""
        await close_account(actor=actor.user_id, expected_version=expected_version(request))
