"""Redis as the rest of the process sees it: there or not, and never waited for."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from contextvars import Context
from typing import Any

import structlog
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ResponseError

from photostore_adapters.redis.connecting import FAULTS, connection_to
from photostore_adapters.redis.link import Command, Link, RedisAway
from photostore_adapters.redis.metrics import REDIS_UP
from photostore_adapters.redis.settings import RedisSettings

_log = structlog.get_logger(__name__)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
# A connection that lasted for so long may be made again at once.
_GOOD_SECONDS = 1.0


class RedisClient:
    """One connection that all of a process share, made and made again beside the requests, from the first use or `start` on.

    While there is none, whoever asks is told `RedisAway` at once. That it went, and that it came back, is one line of the
    log each; a connection that can be made again at once, such as one that a server took for idle, is none.
    """

    def __init__(self, settings: RedisSettings) -> None:
        self._settings = settings
        self._trial = ("SET", f"{settings.prefix}photostore:trial", "1", "PX", 1000)
        self._link: Link | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()
        self._there = asyncio.Event()
        self._make_link: Callable[[AbstractConnection, float, Command], Link] = Link
        self._before_use: list[Callable[[Link], Awaitable[None]]] = []
        self._away_told = False
        # Or it refused: nobody knows what others could not tell it meanwhile.
        self._hung = False

    @property
    def link(self) -> Link | None:
        """`None` while Redis is away. Someone who asks for the same link twice talks to the same run of the same server."""
        return self._link

    def link_by(self, make: Callable[[AbstractConnection, float, Command], Link]) -> None:
        """From the next connection on."""
        self._make_link = make

    def before_use(self, do: Callable[[Link], Awaitable[None]]) -> None:
        """On each new connection, before anybody else can use it."""
        self._before_use.append(do)

    def start(self) -> None:
        if self._keeping is None:
            # Nobody's request: its log lines name none.
            self._keeping = asyncio.get_running_loop().create_task(self._keep(), context=Context())

    async def there(self) -> Link:
        """Wait until Redis is."""
        self.start()
        while self._link is None:
            await self._there.wait()
        return self._link

    async def ask(self, *command: str | bytes | int) -> Any:
        """Raise `RedisAway`, after `command_timeout` at the latest."""
        [answer] = await (await self.needed()).ask([command])
        return answer

    async def ask_all(self, commands: Sequence[Command]) -> list[Any]:
        return await (await self.needed()).ask(commands)

    async def needed(self) -> Link:
        """The link, or `RedisAway`. The first in a process wait for the first attempt, for a moment."""
        if self._link is None and not self._tried.is_set():
            self.start()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.command_timeout):
                    await self._tried.wait()
        if self._link is None:
            raise RedisAway("there is no connection")
        return self._link

    async def aclose(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping
            self._keeping = None

    async def _keep(self) -> None:
        pause = 0.0
        while True:
            try:
                link = await self._connected()
            except (*FAULTS, RedisAway) as fault:
                self._tell_away(fault)
                pause = _longer(pause)
            except Exception as bug:  # noqa: BLE001 - whatever it was, nobody else would connect
                _log.exception("connecting to Redis failed; trying again", error=repr(bug))
                pause = _LONGEST_PAUSE
            else:
                lasted = await self._while_it_lasts(link)
                pause = 0.0 if lasted > _GOOD_SECONDS else _longer(pause)
            self._tried.set()
            await asyncio.sleep(pause)

    async def _while_it_lasts(self, link: Link) -> float:
        """For how many seconds it did."""
        began = asyncio.get_running_loop().time()
        if self._away_told or self._hung:
            link.settled_at = began + self._settings.settling
        self._link = link
        self._tried.set()
        self._there.set()
        REDIS_UP.set(1)
        if self._away_told:
            _log.info("Redis is back, and in use again")
            self._away_told = False
        try:
            self._hung = isinstance(await link.lost(), TimeoutError | ResponseError)
        finally:
            self._link = None
            self._there.clear()
            await link.aclose()
        return asyncio.get_running_loop().time() - began

    async def _connected(self) -> Link:
        connection = connection_to(self._settings)
        async with asyncio.timeout(2 * self._settings.connect_timeout):
            try:
                await connection.connect()  # type: ignore[no-untyped-call]
            except BaseException:
                await connection.disconnect(nowait=True)
                raise
        link = self._make_link(connection, self._settings.command_timeout, self._trial)
        try:
            await self._prepare(link)
        except BaseException:
            await link.aclose()
            raise
        return link

    async def _prepare(self, link: Link) -> None:
        """It must take writes, as a replica or a full one does not; and what others owe it comes first."""
        info, _ = await link.ask([("INFO", "server"), self._trial], seconds=self._settings.connect_timeout)
        told = dict(line.split(":", 1) for line in info.decode().splitlines() if ":" in line)
        link.run, link.uptime = told["run_id"], float(told["uptime_in_seconds"])
        for do in self._before_use:
            await do(link)

    def _tell_away(self, fault: Exception) -> None:
        REDIS_UP.set(0)
        if not self._away_told:
            _log.warning("Redis is away; everything works from Postgres meanwhile", error=str(fault) or repr(fault))
        self._away_told = True


def _longer(pause: float) -> float:
    return min(max(2 * pause, _FIRST_PAUSE), _LONGEST_PAUSE)
