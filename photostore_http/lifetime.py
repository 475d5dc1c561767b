"""How a process ends: signals, and the jobs that are still under way then."""

import asyncio
import resource
import signal
from collections.abc import Callable
from contextlib import suppress

import structlog

_MANY_FILES = 65_536
# Connections of requests, of the database, of the store.
_OTHER_FILES = 512
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


def tell_failure(working: asyncio.Task[None]) -> None:
    error = None if working.cancelled() else working.exception()
    if error is not None:
        _log.error("a part of the process ended; see the error", exc_info=error)


async def finish(working: asyncio.Task[None] | None, seconds: float) -> None:
    """Jobs under way may end in this time; those that do not are done again by another worker."""
    if working is None:
        return
    done, _ = await asyncio.wait([working], timeout=seconds)
    if not done:
        _log.warning("jobs were still running at the end; they will be done again")
        working.cancel()
    with suppress(asyncio.CancelledError):
        await working
