"""Waiting for what another process does: bounded, and no longer than it takes."""

import asyncio
import inspect
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

_INTERVAL_SECONDS = 0.02


def wait_until(predicate: Callable[[], object], *, within: float = 10, what: str = "") -> None:
    """Return as soon as `predicate()` is true; raise `AssertionError` when it is not within `within` seconds."""
    never = threading.Event()
    deadline = time.monotonic() + within
    while not predicate():
        assert time.monotonic() < deadline, f"still waiting after {within:g} s: {what or predicate}"
        never.wait(_INTERVAL_SECONDS)


async def eventually(
    predicate: Callable[[], Awaitable[object] | object], *, within: float = 10, what: str = ""
) -> None:
    """The same without blocking the loop; `predicate` may be async."""
    never = asyncio.Event()
    deadline = time.monotonic() + within
    while not await _value(predicate()):
        assert time.monotonic() < deadline, f"still waiting after {within:g} s: {what or predicate}"
        with suppress(TimeoutError):
            await asyncio.wait_for(never.wait(), _INTERVAL_SECONDS)


async def _value(result: Awaitable[object] | object) -> object:
    return await result if inspect.isawaitable(result) else result
