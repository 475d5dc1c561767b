"""`/auth`: registering and signing in."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import msgspec
from dishka.integrations.litestar import FromDishka, inject
from litestar import Controller, Request, Response
from litestar.datastructures import Cookie
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, QueryParameter
from litestar.response import Redirect
from msgspec import Meta, Struct

from photostore.shared.clock import Clock
from photostore.shared.errors import ConcurrentUpdate
from photostore.user.attempts import LIFETIME_SECONDS, PendingSignIn, PendingSignIns, ReturnTargets
from photostore.user.commands.begin_provider_sign_in import BeginProviderSignIn
from photostore.user.commands.finish_provider_sign_in import FinishProviderSignIn
from photostore.user.commands.open_session import Client, SignedIn
from photostore.user.commands.refresh_session import RefreshSession
from photostore.user.commands.register import Register
from photostore.user.commands.sign_in import SignIn
from photostore.user.errors import (
    EmailTaken,
    InvalidCredentials,
    InvalidToken,
    InvitationRequired,
    LocalAccountsDisabled,
    RefreshTokenReused,
    RegistrationClosed,
    TooManySignIns,
    UserInvalid,
)
from photostore.user.identity_provider import IdentityProviderAbsent, IdentityProviderUnavailable, SignInRefused
from photostore_http.account import User
from photostore_http.authentication import (
    client_address,
    refreshes_limited,
    sign_ins_limited,
)
from photostore_http.conditions import etag
from photostore_http.declaring import ETAG, SET_COOKIE, AnyQueryOperation
from photostore_http.problem_specs import refusals
from photostore_http.routing import get, post
from photostore_http.settings import HttpSettings

AnyRequest = Request[Any, Any, Any]
_COOKIE = "photostore_sign_in"


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


def _client(request: AnyRequest) -> Client:
    return Client(ip_address=client_address(request), user_agent=request.headers.get("user-agent"))


def _tokens(signed_in: SignedIn) -> Response[TokenResponse]:
    tokens = msgspec.convert(signed_in, TokenResponse, from_attributes=True)
    return Response(tokens, status_code=200, headers={"Cache-Control": "no-store"})


class SignInController(Controller):
    """What needs no token yet."""

    path = "/auth"
    tags = ("auth",)
    security = [{}]  # noqa: RUF012 - Litestar reads it so

    @post(
        "/register",
        operation_id="Register",
        guards=[sign_ins_limited],
        response_headers=[ETAG],
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
    async def register(self, data: JSONBody[RegisterRequest], register: FromDishka[Register]) -> Response[User]:
        """A local account. The first one of an embedded installation is an administrator."""
        user = await register(
            email=data.email,
            password=data.password,
            display_name=data.display_name,
            invitation_code=data.invitation_code,
        )
        registered = msgspec.convert(user, User, from_attributes=True)
        return Response(registered, status_code=201, headers={"ETag": etag(user.version)})

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
        began_with: Annotated[
            str | None, QueryParameter(name="state", description="What this browser's sign-in began with.")
        ] = None,
        error: Annotated[str | None, QueryParameter(description="Why the provider refused.")] = None,
        iss: Annotated[str | None, QueryParameter(description="Which provider it was (RFC 9207).")] = None,
    ) -> Response[TokenResponse]:
        """Back from the provider. The user is made, or updated, and signed in."""
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
