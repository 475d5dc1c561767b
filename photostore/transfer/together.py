"""Several things at once, of which the first failure is told as itself."""

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable
from typing import Any


async def together(calls: Iterable[Coroutine[Any, Any, object]]) -> None:
    """All of them; when one fails the others end first, and then its failure is raised."""
    tasks = [asyncio.create_task(call) for call in calls]
    try:
        for done in tasks:
            await done
    finally:
        await _ended(tasks)


async def _ended(tasks: Iterable[asyncio.Task[object]]) -> None:
    running: list[Awaitable[object]] = []
    for task in tasks:
        task.cancel()
        running.append(task)
    await asyncio.gather(*running, return_exceptions=True)
