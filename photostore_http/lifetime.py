"""How a process ends: signals, and the jobs that are still under way then."""

import asyncio
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import structlog

_MANY_FILES = 65_536
# Connections of requests, of the database, of the store.
_OTHER_FILES = 512
_SAME_SIGNAL_SECONDS = 0.5
_GIVING_BACK_SECONDS, _TRIES_TO_END = 2.0, 3
# Beyond what requests and jobs may take. Closing what does not answer takes as long as its timeouts, one after another.
_LEAVING_SECONDS = 8.0
_log = structlog.get_logger(__name__)


def allow_many_connections(clients: int) -> None:
    """Each client that follows changes holds one open, and the limit that a shell gives its programs is meant for others."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MANY_FILES if hard == resource.RLIM_INFINITY else min(hard, _MANY_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed != resource.RLIM_INFINITY and allowed < clients + _OTHER_FILES:
        _log.warning(
            "the system allows fewer open files than clients may follow changes", allowed=allowed, clients=clients
        )


def on_stop_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)


class Stopping:
    """What SIGINT and SIGTERM say: the first, to stop in good order; another, to stop at once.

    One that follows within half a second is the same one, told by the terminal and by whoever started this process.
    In good order takes `seconds` at most; some more, and the process ends whatever still hangs, a database say.
    """

    def __init__(self, seconds: float, *, leaving_seconds: float = _LEAVING_SECONDS) -> None:
        self.soon, self.now = asyncio.Event(), asyncio.Event()
        self._seconds, self._leaving_seconds = seconds, leaving_seconds
        self._loop = asyncio.get_running_loop()
        self.told_at = 0.0
        on_stop_signals(self._tell)

    def _tell(self) -> None:
        if not self.soon.is_set():
            self.told_at = self._loop.time()
            self.soon.set()
            self._loop.call_later(self._seconds + self._leaving_seconds, _leave)
        elif self._loop.time() - self.told_at > _SAME_SIGNAL_SECONDS and not self.now.is_set():
            self.now.set()
            self._loop.call_later(self._leaving_seconds, _leave)

    async def unless_now(self, seconds: float) -> None:
        """Wait so long, or until it is to be at once."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.now.wait()


def _leave() -> None:
    """Everyone finds what this process held as after a crash."""
    _log.warning("something does not end; the process ends without it")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def tell_failure(working: asyncio.Task[None]) -> None:
    error = None if working.cancelled() else working.exception()
    if error is not None:
        _log.error("a part of the process ended; see the error", exc_info=error)


class Giving(Protocol):
    def give_back(self) -> None:
        """Break off what is under way, for another worker to do."""


async def finish(worker: Giving, working: asyncio.Task[None], seconds: float, stopping: Stopping) -> None:
    """Jobs under way may end in this time; those that do not go back into the queue."""
    hurrying = asyncio.create_task(stopping.now.wait())
    await asyncio.wait([working, hurrying], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    hurrying.cancel()
    if working.done():
        return
    _log.warning("jobs were still running at the end; they go back into the queue")
    worker.give_back()
    # Where the database does not answer, nothing can be given back: then others wait for the heartbeat.
    for _ in range(_TRIES_TO_END):
        await asyncio.wait([working], timeout=_GIVING_BACK_SECONDS)
        working.cancel()
