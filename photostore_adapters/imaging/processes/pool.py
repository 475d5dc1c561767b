"""A bounded number of decoder processes, each lent to one caller at a time."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress

import structlog

from photostore_adapters.filesystem.threads import BlobThreads
from photostore_adapters.imaging.processes.errors import DecoderUnavailable, ProcessLost
from photostore_adapters.imaging.processes.process import DecoderProcess
from photostore_adapters.imaging.processes.settings import DecoderSettings
from photostore_adapters.imaging.processes.wire import Proof, Prove

_log = structlog.get_logger(__name__)


class DecoderPool:
    """Processes start at the first need, or by `start`, and make way for fresh ones after a failure of any kind.

    There are never more than `settings.processes` at work; one that was killed counts until the kernel has taken it
    back. One that cannot be started is tried again when the next caller asks, not before.
    """

    def __init__(self, settings: DecoderSettings) -> None:
        self.settings = settings
        self.closed = False
        self._threads = BlobThreads(settings.processes)  # where ends are waited for; they end with the pool
        self._slots = asyncio.Semaphore(settings.processes)
        self._idle: list[DecoderProcess] = []
        self._alive: set[DecoderProcess] = set()
        self._errands: set[asyncio.Task[None]] = set()

    @property
    def pids(self) -> frozenset[int]:
        """Of the processes that there are just now, busy or not."""
        return frozenset(process.pid for process in self._alive)

    async def start(self) -> None:
        """Start all processes ahead of the first need. Raise `DecoderUnavailable`."""
        starts = [self._warm_up() for _ in range(self.settings.processes)]
        for failure in await asyncio.gather(*starts, return_exceptions=True):
            if failure is not None:
                raise failure

    async def aclose(self) -> None:
        """Kill every process and return when they are gone; whoever waits for one is refused."""
        self.closed = True
        for process in self._alive:
            process.kill()
        while self._idle:
            self._send_off(self._bury(self._idle.pop()))
        for _ in range(self.settings.processes):
            await self._slots.acquire()  # everyone has given back what was lent
        for _ in range(self.settings.processes):
            self._slots.release()
        while self._errands:
            await asyncio.wait(self._errands)

    async def prove(self) -> Mapping[str, str | None]:
        """Let a process try every decoder on pixels of its own: None where it works, else the fault in words.

        Raise `DecoderUnavailable` when it does not live to tell.
        """
        async with self.borrow() as process:
            try:
                async with asyncio.timeout(self.settings.wall_seconds):
                    told = await process.ask(Prove())
            except (ProcessLost, TimeoutError) as fault:
                ended = await self.end(process)
                _log.error("a decoder process failed", reason=repr(fault), ended=ended, stderr=process.last_words())
                raise DecoderUnavailable("The decoder does not survive its own pictures.") from fault
            if not isinstance(told, Proof):
                _log.error("a decoder process failed", reason=repr(told), stderr=process.last_words())
                raise DecoderUnavailable("The decoder cannot prove that it works.")
            return told.faults

    @asynccontextmanager
    async def borrow(self) -> AsyncIterator[DecoderProcess]:
        """A process that is ready, first come, first served. Raise `DecoderUnavailable` when there can be none.

        It goes back as its `usable` says; one that was not allowed to answer is killed.
        """
        await self._slots.acquire()
        process: DecoderProcess | None = None
        try:
            process = self._take_idle() or self._launch()
            if not process.is_ready:
                await self._make_ready(process)
            yield process
        finally:
            self._give_back(process)

    async def end(self, process: DecoderProcess) -> int:
        """Kill it; how it ended, as `subprocess` tells it."""
        process.kill()
        return await self._threads.run(process.wait)

    def _take_idle(self) -> DecoderProcess | None:
        while self._idle:
            process = self._idle.pop()
            if process.is_silent():
                return process
            self._send_off(self._bury(process))
        return None

    def _launch(self) -> DecoderProcess:
        if self.closed:
            raise DecoderUnavailable("The decoder is shut down.")
        try:
            process = DecoderProcess(self.settings)
        except OSError as fault:
            _log.error("a decoder process cannot be started", reason=repr(fault))
            raise DecoderUnavailable("The decoder cannot be started.") from fault
        self._alive.add(process)
        return process

    async def _make_ready(self, process: DecoderProcess) -> None:
        try:
            await process.make_ready()
        except (ProcessLost, TimeoutError) as fault:
            ended = await self.end(process)
            if not self.closed:
                words = process.last_words()
                _log.error("a decoder process cannot be started", reason=repr(fault), ended=ended, stderr=words)
            raise DecoderUnavailable("The decoder cannot be started.") from fault

    def _give_back(self, process: DecoderProcess | None) -> None:
        if process is None:
            self._slots.release()
        elif process.usable and not self.closed:
            self._idle.append(process)
            self._slots.release()
        else:
            process.kill()
            self._send_off(self._retire(process))

    async def _retire(self, process: DecoderProcess) -> None:
        try:
            await self._bury(process)
        finally:
            self._slots.release()
        if process.is_ready and not self.closed:  # else its successor would fare no better
            with suppress(DecoderUnavailable):
                await self._warm_up()

    async def _bury(self, process: DecoderProcess) -> None:
        try:
            await self.end(process)
        finally:
            process.close()
            self._alive.discard(process)

    async def _warm_up(self) -> None:
        async with self.borrow():
            """Whoever comes next finds it ready."""

    def _send_off(self, errand: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
