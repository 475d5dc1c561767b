"""Reading a little before it is asked for, so that the store is at work while the client takes what it gave."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class ReadAhead(AsyncIterator[T], Generic[T]):
    """Opens and reads in a task of its own, from when it is made, and waits with two things in hand until they are taken.

    What goes wrong is raised where it is asked for. Whoever made it closes it.
    """

    def __init__(self, opened: AbstractAsyncContextManager[AsyncIterator[T]]) -> None:
        self._ready: asyncio.Queue[T | None] = asyncio.Queue(maxsize=1)
        self._failure: Exception | None = None
        self._reading = asyncio.create_task(self._read(opened))

    async def _read(self, opened: AbstractAsyncContextManager[AsyncIterator[T]]) -> None:
        try:
            async with opened as source:
                async for each in source:
                    await self._ready.put(each)
        except Exception as failure:  # noqa: BLE001 - raised where it is asked for
            self._failure = failure
        await self._ready.put(None)

    async def __anext__(self) -> T:
        found = await self._ready.get()
        if found is not None:
            return found
        self._ready.put_nowait(None)  # the end stays the end
        if self._failure is not None:
            raise self._failure
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading
