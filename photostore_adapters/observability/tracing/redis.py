"""Spans of what Redis is asked. Keys and values are not told. Loaded only where Redis is set."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from dishka import Provider, Scope, decorate
from opentelemetry.trace import Span

from photostore_adapters.observability.tracing.leaves import Leaves
from photostore_adapters.redis.client import RedisClient
from photostore_adapters.redis.link import Command, Link


class TracedLink(Link):
    def __init__(self, leaves: Leaves, *told: Any) -> None:
        super().__init__(*told)
        self._leaves = leaves

    async def ask(self, commands: Sequence[Command], *, seconds: float | None = None) -> list[Any]:
        with self._asked(commands):
            return await super().ask(commands, seconds=seconds)

    async def send(self, commands: Sequence[Command], *, seconds: float | None = None) -> Sequence[asyncio.Future[Any]]:
        with self._asked(commands):
            return await super().send(commands, seconds=seconds)

    def _asked(self, commands: Sequence[Command]) -> AbstractContextManager[Span]:
        name = str(commands[0][0]) if len(commands) == 1 else "PIPELINE"
        return self._leaves.leaf(name, {"db.system.name": "redis", "db.operation.name": name})


class TracedRedis(Provider):
    scope = Scope.APP

    @decorate
    def client(self, client: RedisClient, leaves: Leaves) -> RedisClient:
        client.link_by(partial(TracedLink, leaves))
        return client
