"""What stands before every route of a share: the domain's gate."""

from typing import Any, cast

from dishka import AsyncContainer
from litestar import Request
from litestar.handlers.base import BaseRouteHandler

from photostore.share_link.commands.enter_share import EnterShare, SignedFile
from photostore.share_link.errors import (
    NotAllowedByShare,
    PasswordRequired,
    ShareExpired,
    ShareNotFound,
    ShareViewsUsedUp,
    TooManyGuestWrites,
)
from photostore.share_link.policy import SharePolicy
from photostore.share_link.ports import Visitor
from photostore.shared.ids import PhotoId
from photostore.shared.rate_limits import RateLimiter
from photostore_http.authentication import Connection, client_address, rate_limited_address

GATE = (ShareNotFound, ShareExpired, ShareViewsUsedUp, PasswordRequired)
"""What the gate refuses, for the documentation."""
WRITES = (*GATE, TooManyGuestWrites, NotAllowedByShare)
"""The same where guests send or change something."""


def _bearer(connection: Connection) -> str | None:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


async def _enter(connection: Connection, signed: SignedFile | None) -> None:
    state = connection.scope["state"]
    container: AsyncContainer = state["dishka_container"]
    enter_share = await container.get(EnterShare)
    token = connection.path_params["token"]
    state["share"] = await enter_share(token=token, bearer=_bearer(connection), signed=signed)


async def entered(connection: Connection, _: BaseRouteHandler) -> None:
    """By the token in the path, and, where the link has a password, what unlocking answered."""
    await _enter(connection, None)


async def entered_by_url(connection: Connection, _: BaseRouteHandler) -> None:
    """Or by the signature of a URL that a share told."""
    query = connection.scope["query_string"].decode("latin-1")
    signed = SignedFile(photo_id=PhotoId(connection.path_params["photo_id"]), query=query)
    await _enter(connection, signed)


async def entered_to_write(connection: Connection, handler: BaseRouteHandler) -> None:
    """As `entered`, and not too often from one address: nobody fills a database through a link."""
    await entered(connection, handler)
    state = connection.scope["state"]
    container: AsyncContainer = state["dishka_container"]
    rate = (await container.get(SharePolicy)).guest_writes
    key = f"guest:{state['share'].link.id}:{rate_limited_address(connection)}"
    counted = await (await container.get(cast("Any", RateLimiter))).hit(key, rate)
    connection.scope["rate_limit"] = counted  # type: ignore[typeddict-unknown-key]
    if counted.exceeded:
        raise TooManyGuestWrites(
            f"At most {rate.limit} changes are allowed from one address in {rate.window} seconds.",
            retry_after=counted.reset_seconds,
            limit=rate.limit,
            window=rate.window,
        )


def visitor_of(request: Request[Any, Any, Any]) -> Visitor:
    return Visitor(address=client_address(request), user_agent=request.headers.get("user-agent", ""))
