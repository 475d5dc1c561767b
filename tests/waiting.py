"""Waiting for what another process does: bounded, and no longer than it takes."""

import asyncio
import inspect
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

# Looking costs something, mostly where it is looked at: whoever has waited for long looks less often.
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.02, 0.25


def wait_until(predicate: Callable[[], object], *, within: float = 10, what: str = "") -> None:
    """Return as soon as `predicate()` is true; raise `AssertionError` when it is not within `within` seconds."""
    never = threading.Event()
    began = time.monotonic()
    while not predicate():
        assert time.monotonic() < began + within, f"still waiting after {within:g} s: {what or predicate}"
        never.wait(_pause(began))


async def eventually(
    predicate: Callable[[], Awaitable[object] | object], *, within: float = 10, what: str = ""
) -> None:
    """The same without blocking the loop; `predicate` may be async."""
    never = asyncio.Event()
    began = time.monotonic()
    while not await _value(predicate()):
        assert time.monotonic() < began + within, f"still waiting after {within:g} s: {what or predicate}"
        with suppress(TimeoutError):
            await asyncio.wait_for(never.wait(), _pause(began))


def _pause(began: float) -> float:
    return min(max((time.monotonic() - began) / 20, _SHORTEST_PAUSE), _LONGEST_PAUSE)


async def _value(result: Awaitable[object] | object) -> object:
    return await result if inspect.isawaitable(result) else result
