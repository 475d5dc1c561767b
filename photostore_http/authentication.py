"""Who may call what: guards that stand before each route."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from dishka import AsyncContainer
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from photostore.shared.rate_limits import RateLimit, RateLimiter
from photostore.user.actor import Actor
from photostore.user.commands.authenticate import Authenticate
from photostore.user.commands.authenticate_provider_token import AuthenticateProviderToken
from photostore.user.commands.find_token_end import FindTokenEnd
from photostore.user.commands.open_session import network_of
from photostore.user.errors import InvalidToken, TooManySignIns
from photostore.user.policy import AccountPolicy
from photostore.user.scopes import Scope

Connection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[Connection, BaseRouteHandler], Awaitable[None]]


def client_address(connection: Connection) -> str:
    return connection.client.host if connection.client else "unknown"


def rate_limited_address(connection: Connection) -> str:
    return network_of(client_address(connection))


def _bearer(connection: Connection) -> str:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise InvalidToken("Send an access token or an API key as `Authorization: Bearer TOKEN`.")
    return token.strip()


async def authenticate(connection: Connection) -> Actor:
    """Raise `InvalidToken`. The actor is remembered for the rest of the request."""
    bearer = _bearer(connection)
    # What `connection.state` wraps; it would be wrapped anew each time.
    state = connection.scope["state"]
    container: AsyncContainer = state["dishka_container"]
    try:
        actor = await (await container.get(Authenticate))(bearer=bearer)
    except InvalidToken:
        policy = await container.get(AccountPolicy)
        if not policy.accept_provider_tokens:
            raise
        actor = await (await container.get(AuthenticateProviderToken))(bearer=bearer)
    state["actor"] = actor
    connection.scope["user_id"] = actor.user_id  # type: ignore[typeddict-unknown-key]
    return actor


async def token_end(connection: Connection) -> datetime | None:
    """Until when the token, which a guard has looked at, is good by itself."""
    container: AsyncContainer = connection.scope["state"]["dishka_container"]
    return await (await container.get(FindTokenEnd))(bearer=_bearer(connection))


async def signed_in(connection: Connection, _: BaseRouteHandler) -> None:
    """Any valid token."""
    await authenticate(connection)


async def interactive(connection: Connection, _: BaseRouteHandler) -> None:
    """Access tokens alone: an API key cannot manage credentials."""
    (await authenticate(connection)).demand_interactive()


async def administrator(connection: Connection, _: BaseRouteHandler) -> None:
    """An administrator's access token, or a key of theirs that holds the scope `admin`."""
    (await authenticate(connection)).demand_administrator()


def holding(scope: Scope) -> Guard:
    """A token that holds `scope`."""

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        (await authenticate(connection)).demand(scope)

    return guard


def _limited(name: str, rate_of: Callable[[AccountPolicy], RateLimit]) -> Guard:
    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        container: AsyncContainer = connection.state.dishka_container
        rate = rate_of(await container.get(AccountPolicy))
        state = await (await container.get(RateLimiter)).hit(f"{name}:{rate_limited_address(connection)}", rate)
        connection.scope["rate_limit"] = state  # type: ignore[typeddict-unknown-key]
        if state.exceeded:
            raise TooManySignIns(
                f"At most {rate.limit} are allowed from one address in {rate.window} seconds.",
                retry_after=state.reset_seconds,
                limit=rate.limit,
                window=rate.window,
            )

    return guard


sign_ins_limited = _limited("sign-in", lambda policy: policy.sign_ins_per_address)
refreshes_limited = _limited("refresh", lambda policy: policy.refreshes_per_address)
