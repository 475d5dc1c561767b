"""The container of each request, where `inject` looks for it."""

from litestar import Litestar, Request
from litestar.types import ASGIApp, Receive, Scope, Send


def in_request_scope(handler: ASGIApp, app: Litestar) -> ASGIApp:
    """As dishka's own, which wraps the application's and the request's state several times for each request."""

    async def scoped(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)  # type: ignore[var-annotated]
        async with app.state.dishka_container({Request: request}) as container:
            scope["state"]["dishka_container"] = container
            await handler(scope, receive, send)

    return scoped
