"""Litestar's route decorators, with guards that cost nothing but themselves."""

from functools import partial
from typing import Any

from litestar.connection import ASGIConnection
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler

from photostore_http.idempotency import Idempotent


class GuardedRoute(HTTPRouteHandler):
    """Litestar copies the whole route handler for each guard of each request, which costs more than authenticating."""

    async def authorize_connection(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        for guard in self.resolve_guards():
            await guard(connection, self)  # type: ignore[misc]  # made awaitable when they were resolved


get = partial(GuardedRoute, http_method=HttpMethod.GET)
# Around each, for `Idempotency-Key`. The body counts as `opt["body"]` says: "whole" (the default), "form" for one that is read
# as it arrives, else not at all ("tus": what its headers announce).
post = partial(GuardedRoute, http_method=HttpMethod.POST, middleware=[Idempotent])
put = partial(GuardedRoute, http_method=HttpMethod.PUT)
patch = partial(GuardedRoute, http_method=HttpMethod.PATCH)
# What is registered so answers by itself; elsewhere OPTIONS is a 405 that tells the methods, or a preflight.
options = partial(GuardedRoute, http_method=[HttpMethod.OPTIONS], opt={"answers_options": True})
delete = partial(GuardedRoute, http_method=HttpMethod.DELETE)
