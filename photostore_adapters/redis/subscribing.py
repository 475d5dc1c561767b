"""Hearing what is published: a connection of its own, made again when it is lost."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from redis.asyncio.connection import AbstractConnection

from photostore_adapters.redis.connecting import FAULTS, connection_to
from photostore_adapters.redis.settings import RedisSettings

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
# A connection that died without a word is found out after so many seconds at most, twice.
_ALIVE_SECONDS = 10.0


class Subscription:
    """Of one channel. `lost` says that nothing is heard now, and what is published is missed; `heard_again` that it is over."""

    def lost(self, fault: Exception) -> None: ...

    def heard_again(self) -> None: ...


async def published(settings: RedisSettings, channel: str, told: Subscription) -> AsyncIterator[bytes]:
    """What is published from the moment that it is subscribed on, for ever."""
    pause = 0.0
    while True:
        try:
            async with _subscribed(settings, channel) as connection:
                told.heard_again()
                pause = 0.0
                async for payload in _heard(connection):
                    yield payload
        except FAULTS as fault:
            told.lost(fault)
        await asyncio.sleep(pause)
        pause = min(max(2 * pause, _FIRST_PAUSE), _LONGEST_PAUSE)


@asynccontextmanager
async def _subscribed(settings: RedisSettings, channel: str) -> AsyncIterator[AbstractConnection]:
    connection = connection_to(settings)
    try:
        async with asyncio.timeout(2 * settings.connect_timeout):
            await connection.connect()  # type: ignore[no-untyped-call]
            await connection.send_command("SUBSCRIBE", channel)
            await connection.read_response()
        yield connection
    finally:
        with suppress(*FAULTS):
            await connection.disconnect(nowait=True)


async def _heard(connection: AbstractConnection) -> AsyncIterator[bytes]:
    pinging = asyncio.create_task(_ping(connection))
    try:
        while True:
            async with asyncio.timeout(2 * _ALIVE_SECONDS):
                kind, *_, payload = await connection.read_response(disable_decoding=True, timeout=math.inf)
            if kind == b"message":
                yield payload
    finally:
        pinging.cancel()


async def _ping(connection: AbstractConnection) -> None:
    with suppress(*FAULTS):
        while True:
            await asyncio.sleep(_ALIVE_SECONDS)
            await connection.send_command("PING", check_health=False)
