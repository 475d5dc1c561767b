"""What a process without an API tells whoever runs it: `/health`, `/ping`, `/healthz` and `/metrics`."""

from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from dishka import Scope, from_context, make_async_container
from dishka.integrations.litestar import LitestarProvider
from litestar import Litestar
from litestar.types import ASGIApp

from photostore_http.operations import MetricsSource, ReadinessProbe, health, healthz, metrics
from photostore_http.protocol import BoundedHttpProtocol
from photostore_http.request_scope import in_request_scope


class _Told(LitestarProvider):
    scope = Scope.APP

    probe = from_context(ReadinessProbe)
    metrics = from_context(MetricsSource)


def operations_app(probe: ReadinessProbe, source: MetricsSource) -> ASGIApp:
    """Paths and answers are those of the server."""
    app = Litestar(route_handlers=[health, healthz, metrics], openapi_config=None, logging_config=None)
    app.state.dishka_container = make_async_container(_Told(), context={ReadinessProbe: probe, MetricsSource: source})
    app.asgi_handler = in_request_scope(app.asgi_handler, app)
    return app


class OperationsServer(uvicorn.Server):
    """Leaves signals to the process that it is a part of; set `should_exit` to end it."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=BoundedHttpProtocol,
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=1,
                lifespan="off",
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
