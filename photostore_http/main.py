"""Settings in, a served application out. Beside what the command line does, the one file here that sees adapters."""

import asyncio
import gc
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any, cast

import uvicorn
from dishka import AsyncContainer, Provider, Scope, alias, provide
from litestar.types import ASGIApp

from photostore.event.ports import ChangeSignal
from photostore_adapters.jobs.worker import Worker
from photostore_adapters.launch import Settings
from photostore_adapters.observability.logging import log_context
from photostore_adapters.observability.metrics import PrometheusRequestMetrics
from photostore_adapters.observability.snapshot import Snapshot
from photostore_adapters.observability.stream_metrics import PrometheusStreamMetrics
from photostore_adapters.observability.work_spans import WorkSpans
from photostore_adapters.wiring import (
    accompany,
    make_container,
    make_worker,
    prove_decoders,
    request_spans,
    settled,
    traced,
)
from photostore_http.app import EVENTS, HttpProvider, create_app
from photostore_http.commands.sockets import listen_on
from photostore_http.event_streams.measures import StreamMetrics, StreamTimes
from photostore_http.forms import FormLimits
from photostore_http.lifetime import Stopping, allow_many_connections, finish, tell_failure
from photostore_http.observing import Observed, RequestSpans
from photostore_http.operations import MetricsSource, ReadinessProbe
from photostore_http.protocol import BoundedHttpProtocol
from photostore_http.settings import HttpSettings, MediaDelivery
from photostore_http.webhook_payloads import PayloadsProvider

# What a request or a job that is broken off gets at the end, to give back what it holds.
_TIDY_SECONDS = 1.0


class MetricsProvider(Provider):
    scope = Scope.APP

    source = alias(source=Snapshot, provides=MetricsSource)
    streams = provide(PrometheusStreamMetrics, provides=StreamMetrics)


def http_settings(settings: Settings) -> HttpSettings:
    return HttpSettings(
        base_url=settings.base_url,
        redirect_uri=settings.oidc_redirect_uri,
        max_json_bytes=settings.limits.max_json_bytes,
        download_seconds=settings.downloads.url_expire_seconds,
        stall_seconds=settings.uploads.stall_seconds,
        media_delivery=MediaDelivery(settings.media.delivery),
        accel_prefix=settings.media.accel_prefix,
        cors_origins=settings.cors.allow_origins,
        cors_credentials=settings.cors.allow_credentials,
        version=version("photostore"),
        build=settings.build,
    )


def http_container(settings: Settings, database_url: str) -> AsyncContainer:
    context = {
        HttpSettings: http_settings(settings),
        FormLimits: FormLimits(max_fields_bytes=settings.limits.max_form_field_bytes),
        StreamTimes: StreamTimes(heartbeat=settings.events.heartbeat_seconds),
    }
    return make_container(
        settings,
        database_url,
        HttpProvider(),
        MetricsProvider(),
        PayloadsProvider(),
        *traced(settings),
        context=context,
    )


def asgi_app(settings: Settings, container: AsyncContainer, spans: RequestSpans | None = None) -> ASGIApp:
    app = create_app(container, http_settings(settings))
    return Observed(
        app,
        metrics=PrometheusRequestMetrics(),
        log_context=log_context,
        https=settings.base_url.startswith("https:"),
        spans=spans,
    )


class Server(uvicorn.Server):
    """uvicorn without its signal handlers: what a signal means is decided in `serve`, for the worker too."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def take_leave(self) -> None:
        """Every connection ends with the answer that is under way, or with its next one."""
        cast("type[BoundedHttpProtocol]", self.config.http).is_last_answer = True
        for connection in self.server_state.connections:
            cast("BoundedHttpProtocol", connection).take_leave()

    def break_off(self) -> None:
        """End without waiting for anybody."""
        self.should_exit = self.force_exit = True
        for task in self.server_state.tasks:
            task.cancel()
        for connection in list(self.server_state.connections):
            connection.transport.abort()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Requests that took too long are broken off; an upload among them still gives its reservation back."""
        await super().shutdown(sockets)
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=_TIDY_SECONDS)


def make_server(settings: Settings, app: ASGIApp) -> Server:
    class Protocol(BoundedHttpProtocol):
        stall_seconds = settings.uploads.stall_seconds
        endless_path = EVENTS

    config = uvicorn.Config(
        app,
        host=settings.server.host,
        port=settings.port,
        http=Protocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.server.trusted_proxies),
        forwarded_allow_ips=list(settings.server.trusted_proxies),
        timeout_keep_alive=settings.server.keep_alive_seconds,
        timeout_graceful_shutdown=settings.server.shutdown_seconds,
        lifespan="off",
    )
    return Server(config)


async def serve(settings: Settings, database_url: str, *, on_ready: Callable[[], None]) -> None:
    """Serve, and do jobs if so set, until SIGINT or SIGTERM; then stop in order, see `_stop`."""
    allow_many_connections(settings.events.clients)
    listening = listen_on(settings.server.host, settings.port, keys=("PORT", "SERVER__HOST"))
    container = http_container(settings, database_url)
    try:
        server = make_server(settings, asgi_app(settings, container, await request_spans(container, settings)))
        await accompany(container, settings)
        spans = await container.get(WorkSpans)
        worker = make_worker(container, settings, database_url, spans) if settings.jobs.in_server else None

        await settled(container)
        probe = await container.get(ReadinessProbe)
        changes: ChangeSignal = await container.get(cast("Any", ChangeSignal))
        stopping = Stopping(settings.server.drain_seconds + settings.server.shutdown_seconds)

        working = asyncio.create_task(worker.run()) if worker is not None else None
        if working is not None:
            working.add_done_callback(tell_failure)
            proving = asyncio.create_task(prove_decoders(container))
            proving.add_done_callback(tell_failure)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        ending = asyncio.create_task(
            _stop(stopping, server, probe, changes, worker, drain_seconds=settings.server.drain_seconds)
        )
        ending.add_done_callback(tell_failure)
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn tells it no other way
            await asyncio.sleep(0.01)
        if server.started:
            _settle()
            on_ready()
        await serving
        ending.cancel()
        if worker is not None:
            worker.stop()
        # Jobs end while requests do: theirs is the same time.
        spent = asyncio.get_running_loop().time() - (stopping.told_at or asyncio.get_running_loop().time())
        left = settings.server.drain_seconds + settings.server.shutdown_seconds - spent
        if worker is not None and working is not None:
            await finish(worker, working, max(left, _TIDY_SECONDS), stopping)
    finally:
        await container.close()


async def _stop(
    stopping: Stopping,
    server: Server,
    probe: ReadinessProbe,
    changes: ChangeSignal,
    worker: Worker | None,
    *,
    drain_seconds: float,
) -> None:
    """Readiness goes first, and no further job is taken. Once nobody sends requests here any more, streams and waits end, so
    that their clients come again elsewhere, and what else is under way may."""
    await stopping.soon.wait()
    probe.stop()
    server.take_leave()
    if worker is not None:
        worker.stop()
    await stopping.unless_now(drain_seconds)
    changes.stop()
    server.should_exit = True
    await stopping.now.wait()
    server.break_off()


def _settle() -> None:
    """What is there by now stays for good: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
