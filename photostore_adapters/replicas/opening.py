"""What is asked of a store, within a time, and a blob of it that is read to its end or left."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from contextvars import Context
from typing import TypeVar

from photostore.shared.blobs import BlobKey, BlobStore, BlobStoreUnavailable, OpenBlob

T = TypeVar("T")
_left = set[asyncio.Task[None]]()


async def _nothing(_: object) -> None:
    """Of most answers nothing is left open."""


async def within(seconds: float, work: Awaitable[T], *, undo: Callable[[T], Awaitable[None]] = _nothing) -> T:
    """Raise `BlobStoreUnavailable` when it takes longer. A disk that hangs cannot be told to stop: it is left to itself, and
    whatever it answers later is undone."""
    working = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait([working], timeout=seconds)
    except asyncio.CancelledError:
        _leave(working, undo)
        raise
    if not done:
        _leave(working, undo)
        raise BlobStoreUnavailable(f"the blob store did not answer within {seconds:g} s")
    return working.result()


class OpenedBlob:
    """Its `chunks` raise as the store's do. `aclose` lets go of it."""

    def __init__(self, opened: AsyncExitStack, blob: OpenBlob) -> None:
        self._opened = opened
        self.byte_size = blob.byte_size
        self.chunks = blob.chunks

    async def aclose(self) -> None:
        await self._opened.aclose()


async def open_within(seconds: float, store: BlobStore, key: BlobKey, *, offset: int, length: int | None) -> OpenedBlob:
    """Raise as the store does, and `BlobStoreUnavailable` when it takes longer."""
    return await within(seconds, _open(store.open(key, offset=offset, length=length)), undo=OpenedBlob.aclose)


async def _open(entering: AbstractAsyncContextManager[OpenBlob]) -> OpenedBlob:
    async with AsyncExitStack() as stack:
        blob = await stack.enter_async_context(entering)
        return OpenedBlob(stack.pop_all(), blob)


def _leave(working: asyncio.Future[T], undo: Callable[[T], Awaitable[None]]) -> None:
    working.cancel()
    ending = asyncio.get_running_loop().create_task(_end(working, undo), context=Context())
    _left.add(ending)
    ending.add_done_callback(_left.discard)


async def _end(working: asyncio.Future[T], undo: Callable[[T], Awaitable[None]]) -> None:
    with suppress(Exception, asyncio.CancelledError):
        await undo(await working)
