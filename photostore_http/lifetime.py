"""How a process ends: signals, and the jobs that are still under way then."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress

import structlog

_log = structlog.get_logger(__name__)


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
