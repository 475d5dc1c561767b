"""The whole HTTP door over fakes: the application as it is served, and short ways of asking it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import httpx
from dishka import AnyOf, AsyncContainer, Provider, Scope, from_context, make_async_container, provide
from litestar import Litestar

from photostore.shared.health import HealthCheck
from photostore.shared.ids import UserId
from photostore.user.commands.create_api_key import CreateApiKey
from photostore.user.commands.open_session import OpenSession
from photostore.user.scopes import Scope as TokenScope
from photostore.user.user import User
from photostore_http.app import HttpProvider, create_app
from photostore_http.event_streams.measures import Ended, StreamMetrics, StreamTimes
from photostore_http.forms import FormLimits
from photostore_http.observing import Observed
from photostore_http.operations import MetricsSource, ReadinessProbe
from photostore_http.settings import HttpSettings
from tests.builders import CLIENT, a_user
from tests.fakes.provider import fakes_provider, use_cases_provider
from tests.fakes.store import FakeStore
from tests.graphs import container_of
from tests.http_settings import http_settings
from tests.using import stored, transaction, use

API = "/api/v1"
METRICS = b"# HELP photostore_requests Requests.\n"


@dataclass
class Requests:
    """What was counted: requests as (method, route, status), uploads as (door, outcome, bytes)."""

    observed: list[tuple[str, str, int]] = field(default_factory=list)
    uploads: list[tuple[str, str, int]] = field(default_factory=list)
    replays: list[str] = field(default_factory=list)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        self.observed.append((method, route, status))

    def count_replay(self, route: str) -> None:
        self.replays.append(route)

    def count_upload(self, door: str, outcome: str, byte_size: int) -> None:
        self.uploads.append((door, outcome, byte_size))


class Metrics:
    async def __call__(self) -> bytes:
        return METRICS


class CountedStreams(StreamMetrics):
    """`ends` are the reasons for which streams ended."""

    def __init__(self) -> None:
        self.open = self.given = self.lost = 0
        self.ends: list[Ended] = []
        self.delays: list[float] = []

    def began(self) -> None:
        self.open += 1

    def ended(self, reason: Ended) -> None:
        self.open -= 1
        self.ends.append(reason)

    def told(self, events: int) -> None:
        self.given += events

    def untaken(self, events: int) -> None:
        self.lost += events

    def waited(self, seconds: float) -> None:
        self.delays.append(seconds)


class OperationsProvider(Provider):
    """Checks of the test's own, and little patience with them."""

    scope = Scope.APP

    checks = from_context(Sequence[HealthCheck])

    @provide(override=True)
    def readiness(self, checks: Sequence[HealthCheck]) -> ReadinessProbe:
        return ReadinessProbe(checks, patience_seconds=0.02)

    metrics = provide(Metrics, provides=MetricsSource)
    streams = provide(CountedStreams, provides=AnyOf[StreamMetrics, CountedStreams])


@dataclass
class World:
    """`http` is nobody; `as_user` and `with_key` are somebody."""

    store: FakeStore
    container: AsyncContainer
    litestar: Litestar
    app: Observed
    requests: Requests
    http: httpx.AsyncClient

    async def user(self, **told: Any) -> User:
        return await stored(self.container, a_user(**told))

    async def token(self, user: User) -> str:
        async with transaction(self.container, OpenSession) as open_session:
            return (await open_session(user=user, client=CLIENT)).access_token

    async def key(self, owner: UserId, *scopes: TokenScope) -> str:
        create = use(self.container, CreateApiKey)
        return (await create(actor=owner, name="key", scope_names=list(scopes), expires_at=None))[1]

    async def as_user(self, user: User) -> httpx.AsyncClient:
        return client_of(self.app, bearer=await self.token(user))

    async def with_key(self, owner: UserId, *scopes: TokenScope) -> httpx.AsyncClient:
        return client_of(self.app, bearer=await self.key(owner, *scopes))


@cache
def http_providers() -> tuple[Provider, ...]:
    return HttpProvider(), OperationsProvider()


@cache
def application(settings: HttpSettings) -> Litestar:
    """Made once, as that takes its time; its container is changed for each test."""
    return create_app(make_async_container(), settings)


def client_of(app: Observed, *, bearer: str | None = None) -> httpx.AsyncClient:
    """A client of `app` without a socket between them. It follows no redirect."""
    asgi: Any = app
    headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
    return httpx.AsyncClient(transport=httpx.ASGITransport(asgi), base_url="http://photos.test", headers=headers)


@asynccontextmanager
async def world_of(
    store: FakeStore,
    *,
    settings: HttpSettings | None = None,
    checks: Sequence[HealthCheck] = (),
    stall_seconds: float = 5,
    times: StreamTimes | None = None,
    more: Sequence[Provider] = (),
) -> AsyncIterator[World]:
    settings = settings or http_settings()
    context: Mapping[Any, Any] = {
        FakeStore: store,
        Sequence[HealthCheck]: checks,
        HttpSettings: replace(settings, stall_seconds=stall_seconds),
        FormLimits: FormLimits(max_fields_bytes=store.limits.max_fields_bytes),
        StreamTimes: times or StreamTimes(),
    }
    container = container_of(fakes_provider(), use_cases_provider(), *http_providers(), *more, context=context)
    litestar, requests = application(settings), Requests()
    litestar.state.dishka_container = container
    app = Observed(litestar, metrics=requests, log_context=lambda **_: nullcontext(), https=settings.is_https)
    async with client_of(app) as http:
        yield World(store, container, litestar, app, requests, http)
    await container.close()
