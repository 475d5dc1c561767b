"""`/auth`: signing in and out, accounts, sessions."""

from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response, delete, get, patch, post
from litestar.datastructures import Cookie
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, PathParameter, QueryParameter
from litestar.response import Redirect
from msgspec import UNSET, Meta, Struct, UnsetType

from photostore.shared.clock import Clock
from photostore.shared.errors import ConcurrentUpdate, PreconditionFailed
from photostore.shared.ids import SessionId
from photostore.user.actor import Actor
from photostore.user.attempts import LIFETIME_SECONDS, PendingSignIn, PendingSignIns, ReturnTargets
from photostore.user.commands.begin_provider_sign_in import BeginProviderSignIn
from photostore.user.commands.close_account import CloseAccount
from photostore.user.commands.finish_provider_sign_in import FinishProviderSignIn
from photostore.user.commands.open_session import Client, SignedIn
from photostore.user.commands.refresh_session import RefreshSession
from photostore.user.commands.register import Register
from photostore.user.commands.rename_user import RenameUser
from photostore.user.commands.revoke_other_sessions import RevokeOtherSessions
from photostore.user.commands.revoke_session import RevokeSession
from photostore.user.commands.sign_in import SignIn
from photostore.user.errors import (
    EmailTaken,
    InsufficientScope,
    InvalidCredentials,
    InvalidToken,
    InvitationRequired,
    LocalAccountsDisabled,
    RefreshTokenReused,
    RegistrationClosed,
    SessionNotFound,
    TooManySignIns,
    UserInvalid,
)
from photostore.user.identity_provider import IdentityProviderAbsent, IdentityProviderUnavailable, SignInRefused
from photostore.user.queries import CredentialQueries, UserQueries, UserView
from photostore_http.authentication import (
    client_address,
    interactive,
    refreshes_limited,
    sign_ins_limited,
    signed_in,
)
from photostore_http.conditions import etag, expected_version, is_unchanged
from photostore_http.declaring import ETAG, LINK, SET_COOKIE, UNCHANGED, AnyQueryOperation
from photostore_http.paging import (
    DEFAULT_LIMIT,
    BadCursor,
    BadParameter,
    CursorText,
    Limit,
    Page,
    decode_cursor,
    encode_cursor,
    link_next,
)
from photostore_http.problem_specs import refusals
from photostore_http.settings import HttpSettings

AnyRequest = Request[Any, Any, Any]
_COOKIE = "photostore_sign_in"


class User(Struct, frozen=True, kw_only=True):
    id: UUID
    email: str | None
    display_name: str | None
    is_admin: bool
    created_at: datetime


class TokenResponse(Struct, frozen=True, kw_only=True):
    """`expires_in` is in seconds. The refresh token is good once; with it comes the next."""

    access_token: str
    expires_in: int
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - its name, not a secret


class RegisterRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: Annotated[str, Meta(examples=["ada@example.org"])]
    password: Annotated[str, Meta(description="8 to 1024 characters.", examples=["correct horse battery staple"])]
    display_name: str | None = None
    invitation_code: str | None = None


class SignInRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: Annotated[str, Meta(examples=["ada@example.org"])]
    password: Annotated[str, Meta(examples=["correct horse battery staple"])]


class RefreshRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    refresh_token: str


class EditUserRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A JSON merge patch (RFC 7396)."""

    display_name: str | None | UnsetType = UNSET


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


def _client(request: AnyRequest) -> Client:
    return Client(ip_address=client_address(request), user_agent=request.headers.get("user-agent"))


def _tokens(signed_in: SignedIn) -> Response[TokenResponse]:
    tokens = msgspec.convert(signed_in, TokenResponse, from_attributes=True)
    return Response(tokens, status_code=200, headers={"Cache-Control": "no-store"})


def _user(request: AnyRequest, view: UserView) -> Response[User]:
    headers = {"ETag": etag(view.version)}
    if request.method == "GET" and is_unchanged(request, view.version):
        return Response(None, status_code=304, headers=headers)  # type: ignore[arg-type]
    return Response(msgspec.convert(view, User, from_attributes=True), headers=headers)


class SignInController(Controller):
    """What needs no token yet."""

    path = "/auth"
    tags = ("auth",)
    security = [{}]  # noqa: RUF012 - Litestar reads it so

    @post(
        "/register",
        operation_id="Register",
        guards=[sign_ins_limited],
        responses=refusals(
            RegistrationClosed,
            InvitationRequired,
            LocalAccountsDisabled,
            EmailTaken,
            UserInvalid,
            TooManySignIns,
        ),
    )
    @inject
    async def register(self, data: JSONBody[RegisterRequest], register: FromDishka[Register]) -> User:
        """A local account. The first one of an embedded installation is an administrator."""
        user = await register(
            email=data.email,
            password=data.password,
            display_name=data.display_name,
            invitation_code=data.invitation_code,
        )
        return msgspec.convert(user, User, from_attributes=True)

    @post(
        "/login",
        operation_id="SignIn",
        status_code=200,
        guards=[sign_ins_limited],
        responses=refusals(InvalidCredentials, LocalAccountsDisabled, TooManySignIns),
    )
    @inject
    async def sign_in(
        self, request: AnyRequest, data: JSONBody[SignInRequest], sign_in: FromDishka[SignIn]
    ) -> Response[TokenResponse]:
        """With the address and the password of a local account."""
        return _tokens(await sign_in(email=data.email, password=data.password, client=_client(request)))

    @post(
        "/refresh",
        operation_id="Refresh",
        status_code=200,
        guards=[refreshes_limited],
        responses=refusals(InvalidToken, RefreshTokenReused, TooManySignIns),
    )
    @inject
    async def refresh(
        self, data: JSONBody[RefreshRequest], refresh_session: FromDishka[RefreshSession]
    ) -> Response[TokenResponse]:
        """Spends the refresh token. One that was spent before revokes its whole session."""
        return _tokens(await refresh_session(refresh_token=data.refresh_token))

    @get(
        "/login",
        operation_id="BeginSignIn",
        status_code=302,
        guards=[sign_ins_limited],
        response_headers=[SET_COOKIE],
        responses=refusals(SignInRefused, IdentityProviderAbsent, IdentityProviderUnavailable, TooManySignIns),
    )
    @inject
    async def begin(
        self,
        begin_sign_in: FromDishka[BeginProviderSignIn],
        pending: FromDishka[PendingSignIns],
        targets: FromDishka[ReturnTargets],
        settings: FromDishka[HttpSettings],
        clock: FromDishka[Clock],
        return_to: Annotated[
            str | None, QueryParameter(description="Where the browser wants to be afterwards.")
        ] = None,
    ) -> Redirect:
        """To the OpenID Connect provider. `return_to` must be a path of this service or among the allowed URLs."""
        target = targets.checked(return_to)
        url, attempt = await begin_sign_in(redirect_uri=settings.redirect_uri)
        sealed = pending.seal(PendingSignIn(attempt=attempt, return_to=target), now=clock.now())
        cookie = _cookie(sealed, LIFETIME_SECONDS, settings)
        return Redirect(url, status_code=302, cookies=[cookie], headers={"Cache-Control": "no-store"})

    @get(
        "/callback",
        operation_id="FinishSignIn",
        guards=[sign_ins_limited],
        opt={"any_query": True},
        operation_class=AnyQueryOperation,
        response_headers=[SET_COOKIE],
        responses={
            303: ResponseSpec(None, description="A browser that named a `return_to`, with the tokens in the fragment."),
            **refusals(
                SignInRefused,
                InvalidCredentials,
                IdentityProviderAbsent,
                ConcurrentUpdate,
                TooManySignIns,
                IdentityProviderUnavailable,
            ),
        },
    )
    @inject
    async def finish(
        self,
        request: AnyRequest,
        finish_sign_in: FromDishka[FinishProviderSignIn],
        pending: FromDishka[PendingSignIns],
        settings: FromDishka[HttpSettings],
        clock: FromDishka[Clock],
        code: Annotated[
            str | None, QueryParameter(description="What the provider gives in exchange for tokens.")
        ] = None,
        error: Annotated[str | None, QueryParameter(description="Why the provider refused.")] = None,
        iss: Annotated[str | None, QueryParameter(description="Which provider it was (RFC 9207).")] = None,
    ) -> Response[TokenResponse]:
        """Back from the provider. The user is made, or updated, and signed in.

        The query's `state` must be the one that this browser's sign-in began with.
        """
        began = pending.open(request.cookies.get(_COOKIE, ""), now=clock.now())
        answer = {name: value for name, value in request.query_params.multi_items() if isinstance(value, str)}
        signed = await finish_sign_in(attempt=began.attempt, answer=answer, client=_client(request))
        response = _arrived(request, signed, began.return_to)
        response.set_cookie(_cookie("", 0, settings))
        return response


def _cookie(value: str, max_age: int, settings: HttpSettings) -> Cookie:
    return Cookie(
        key=_COOKIE,
        value=value,
        max_age=max_age,
        path="/api/v1/auth",
        httponly=True,
        secure=settings.is_https,
        samesite="lax",
    )


def _arrived(request: AnyRequest, signed: SignedIn, return_to: str | None) -> Response[Any]:
    """Tokens as JSON; to a browser that wants to be elsewhere, in the fragment, which no server and no log sees."""
    if return_to is None or "text/html" not in request.headers.get("accept", ""):
        return _tokens(signed)
    tokens = msgspec.convert(signed, TokenResponse, from_attributes=True)
    fragment = urlencode(msgspec.to_builtins(tokens))
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Redirect(f"{return_to.partition('#')[0]}#{fragment}", status_code=303, headers=headers)


class AccountController(Controller):
    """The caller's own account and sessions."""

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

    @get(
        "/sessions",
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
            for view in views[:limit]
        ]
        next_cursor = encode_cursor(items[-1].id) if len(views) > limit else None
        return Response(Page(items=items, next_cursor=next_cursor), headers=link_next(request, next_cursor))

    @delete(
        "/sessions/{session_id:str}",
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
        "/sessions/revoke-others",
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
