"""Who waits for changes is woken by Postgres: one connection of this process listens for all of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from photostore.event.listeners import Listener, Listeners, Places
from photostore.event.ports import ChangeHearer, ChangeSignal
from photostore.shared.ids import UserId
from photostore_adapters.observability.metrics import WAITING_CLIENTS
from photostore_adapters.postgres.change_announcer import CHANNEL
from photostore_adapters.postgres.settings import PostgresSettings

_log = structlog.get_logger(__name__)
_OUTAGES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 15.0
# A connection that died without a word is found out after so many seconds at most, twice.
_ALIVE_SECONDS = 10
# How long who wants to wait waits for the connection itself. It also keeps those who come again at once from haste.
_PATIENCE_SECONDS = 1.0


class PostgresChangeSignal(ChangeSignal):
    """Listens from when somebody first waits, until `aclose`. A lost connection ends all waiting and is made anew."""

    def __init__(self, settings: PostgresSettings, places: Places) -> None:
        self._settings = settings
        self._listeners = Listeners(places)
        self._settled = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def listen(self, owner: UserId, *, seconds: float) -> AsyncIterator[Listener | None]:
        if not await self._hears(seconds):
            yield None
            return
        with self._listeners.one(owner) as listener:
            if listener is None:
                await self._keep_from_haste(seconds)
                yield None
                return
            with WAITING_CLIENTS.track_inprogress():
                yield listener

    def attend(self, hearer: ChangeHearer) -> None:
        self._begin()
        self._listeners.attend(hearer)

    def stop(self) -> None:
        self._stopping.set()
        self._listeners.stop()
        self._settled.set()

    async def aclose(self) -> None:
        self.stop()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _hears(self, seconds: float) -> bool:
        self._begin()
        with suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, _PATIENCE_SECONDS)):
                await self._settled.wait()
        return self._listeners.hearing

    def _begin(self) -> None:
        if self._task is None and not self._stopping.is_set():
            # Nobody's request: its log lines name none.
            self._task = asyncio.create_task(self._listen(), context=Context())

    async def _keep_from_haste(self, seconds: float) -> None:
        """One too many comes again as soon as it is answered."""
        with suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, _PATIENCE_SECONDS)):
                await self._stopping.wait()

    async def _listen(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                async with self._connected() as gone:
                    pause = _FIRST_PAUSE
                    await gone.wait()
                _log.warning("the connection that hears of changes was lost")
            except _OUTAGES as error:
                _log.warning("changes cannot be heard of; trying again", error=repr(error))
            except Exception:  # noqa: BLE001 - whatever it was, nobody else would listen
                _log.exception("the listener for changes failed; trying again")
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[asyncio.Event]:
        """While the connection lasts; the event says that it does no longer."""
        gone = asyncio.Event()
        connection = await asyncpg.connect(self._settings.url, timeout=self._settings.connect_timeout)
        try:
            connection.add_termination_listener(lambda _: gone.set())
            await connection.add_listener(CHANNEL, self._hear)
            self._tell(hearing=not self._stopping.is_set())
            self._settled.set()
            watching = asyncio.create_task(_watch(connection, gone))
            try:
                yield gone
            finally:
                watching.cancel()
        finally:
            if not self._stopping.is_set():
                self._settled.clear()
            self._tell(hearing=False)
            connection.terminate()

    def _tell(self, *, hearing: bool) -> None:
        self._listeners.wake_all(hearing=hearing)

    def _hear(self, _connection: object, _pid: int, _channel: str, payload: str) -> None:
        with suppress(ValueError):
            self._listeners.wake(UserId(UUID(payload)))


async def _watch(connection: Any, gone: asyncio.Event) -> None:
    """Ask it now and then whether it lives; one that does not answer is gone."""
    with suppress(*_OUTAGES):
        while True:
            await asyncio.sleep(_ALIVE_SECONDS)
            await connection.execute("SELECT 1", timeout=_ALIVE_SECONDS)
    gone.set()
