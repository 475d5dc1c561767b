"""`/health`, `/ping`, `/healthz`, `/version`, `/metrics`: for whoever runs the service."""

import asyncio
import time
from collections.abc import Sequence
from typing import Literal, Protocol

import structlog
from dishka.integrations.litestar import FromDishka, inject
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import Method
from litestar.types.internal_types import PathParameterDefinition
from msgspec import Struct

from photostore.shared.health import Degraded, HealthCheck
from photostore_http.settings import HttpSettings

_log = structlog.get_logger(__name__)
# Readiness answers within 3 s whatever hangs.
_PATIENCE_SECONDS = 2.5


class MetricsSource(Protocol):
    """All metrics as they are now, in Prometheus' text format."""

    async def __call__(self) -> bytes: ...


class Health(Struct, frozen=True, kw_only=True):
    status: Literal["ok"] = "ok"


class ServiceHealth(Struct, frozen=True, kw_only=True):
    """How one part is; `latency_ms` is how long it took to say so. `degraded` is the primary store away while originals can be
    read from a replica: nothing can be uploaded."""

    status: Literal["ok", "degraded", "unavailable"]
    latency_ms: float


class Readiness(Struct, frozen=True, kw_only=True):
    """`degraded` is ready, too: a part works by halves, or one is away that the service can do without. `stopping` is not: the
    process was told to end, and asks its parts no more."""

    status: Literal["ok", "degraded", "unavailable", "stopping"]
    services: dict[str, ServiceHealth]


class Version(Struct, frozen=True, kw_only=True):
    version: str
    build: str


class ReadinessProbe:
    """Asks every part at once. One that hangs is asked once, not again by each probe that comes meanwhile."""

    def __init__(self, checks: Sequence[HealthCheck], *, patience_seconds: float = _PATIENCE_SECONDS) -> None:
        self._checks = checks
        self._patience_seconds = patience_seconds
        self._asking: dict[str, asyncio.Task[float]] = {}
        self._stopping = False

    def stop(self) -> None:
        """From here on it is not ready: whoever asks is to send its requests elsewhere."""
        self._stopping = True

    async def __call__(self) -> Readiness:
        if self._stopping:
            return Readiness(status="stopping", services={})
        asked = {check.name: self._ask(check) for check in self._checks}
        await asyncio.wait(asked.values(), timeout=self._patience_seconds)
        services = {name: self._answer(name, task) for name, task in asked.items()}
        found = {service.status for service in services.values()}
        worst: Literal["ok", "degraded", "unavailable"] = "degraded" if "degraded" in found else "ok"
        return Readiness(status="unavailable" if "unavailable" in found else worst, services=services)

    def _ask(self, check: HealthCheck) -> asyncio.Task[float]:
        task = self._asking.get(check.name)
        if task is None:
            task = self._asking[check.name] = asyncio.create_task(_timed(check))
        return task

    def _answer(self, name: str, task: asyncio.Task[float]) -> ServiceHealth:
        if not task.done():
            return ServiceHealth(status="unavailable", latency_ms=self._patience_seconds * 1000)
        self._asking.pop(name, None)
        fault = task.exception()
        if isinstance(fault, Degraded):
            return ServiceHealth(status="degraded", latency_ms=0)
        if fault is not None:
            _log.warning("a part does not answer", service=name, error=repr(fault))
            return ServiceHealth(status="unavailable", latency_ms=0)
        return ServiceHealth(status="ok", latency_ms=round(task.result(), 2))


async def _timed(check: HealthCheck) -> float:
    started = time.perf_counter()
    await check.check()
    return (time.perf_counter() - started) * 1000


def _name_in_path(_: HTTPRouteHandler, __: Method, path: list[str | PathParameterDefinition]) -> str:
    return str(path[-1]).title()


@get(["/health", "/ping"], operation_id=_name_in_path, tags=["operations"], security=[{}])
async def health() -> Health:
    """The process runs."""
    return Health()


@get(
    "/healthz",
    operation_id="Readiness",
    tags=["operations"],
    security=[{}],
    responses={
        503: ResponseSpec(
            Readiness, description="A part does not answer, or the process is about to stop.", generate_examples=False
        )
    },
)
@inject
async def healthz(probe: FromDishka[ReadinessProbe]) -> Response[Readiness]:
    """Really asks the database, the blob store and the job queue. While only some of it works, it is `degraded`, and ready.

    Told to stop, the service is `stopping`, and goes on for as long as it takes to send new requests elsewhere.
    """
    readiness = await probe()
    ready = readiness.status in {"ok", "degraded"}
    headers = {"Cache-Control": "no-store"} | ({} if ready else {"Retry-After": "5"})
    return Response(readiness, status_code=200 if ready else 503, headers=headers)


@get("/version", operation_id="Version", tags=["operations"], security=[{}])
@inject
async def version(settings: FromDishka[HttpSettings]) -> Version:
    """Which version of photostore this is, and which build of it."""
    return Version(version=settings.version, build=settings.build)


@get("/metrics", operation_id="Metrics", tags=["operations"], security=[{}], media_type="text/plain")
@inject
async def metrics(source: FromDishka[MetricsSource]) -> Response[bytes]:
    """In Prometheus' text format."""
    return Response(await source(), media_type="text/plain; version=0.0.4")


OPERATIONS = [health, healthz, version, metrics]
