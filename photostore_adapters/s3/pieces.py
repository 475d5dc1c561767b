"""A stream of unknown length, in pieces of one size: some stores take no parts of different sizes."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Coroutine
from typing import Any, TypeVar

from photostore.shared.blobs import BlobLengthMismatch

T = TypeVar("T")


class Pieces:
    """Holds one piece and one chunk of the source at most."""

    def __init__(self, chunks: AsyncIterable[bytes], size: int, at_most: int | None) -> None:
        self._source = aiter(chunks)
        self._size = size
        self._at_most = at_most
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self.read = 0
        self.ended = False

    async def next(self) -> tuple[list[bytes], int]:
        """The chunks of the next piece, and their number of bytes. `ended` tells whether it was the last."""
        while self._waiting_bytes <= self._size and not self.ended:
            chunk = await anext(self._source, None)
            if chunk is None:
                self.ended = True
            else:
                self._add(chunk)
        if self.ended and self._waiting_bytes > self._size:
            self.ended = False
        piece = self._take(min(self._size, self._waiting_bytes))
        return piece, sum(map(len, piece))

    def _add(self, chunk: bytes) -> None:
        self.read += len(chunk)
        if self._at_most is not None and self.read > self._at_most:
            raise BlobLengthMismatch(f"more than {self._at_most} bytes came")
        self._waiting.append(chunk)
        self._waiting_bytes += len(chunk)

    def _take(self, size: int) -> list[bytes]:
        taken: list[bytes] = []
        self._waiting_bytes -= size
        for index, chunk in enumerate(self._waiting):
            if len(chunk) > size:
                taken.append(chunk[:size])
                self._waiting = [chunk[size:], *self._waiting[index + 1 :]]
                return taken
            taken.append(chunk)
            size -= len(chunk)
        self._waiting = []
        return taken


async def streamed(chunks: list[bytes]) -> AsyncIterator[bytes]:
    """Each chunk once, and let go of: what was sent no longer takes up memory while the next piece is read."""
    chunks.reverse()
    while chunks:
        yield chunks.pop()


async def despite_cancelling(work: Coroutine[Any, Any, T]) -> T:
    """Let `work` end, though whoever waits for it is told to stop; then stop."""
    task = asyncio.ensure_future(work)
    told: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            told = error
    if told is not None:
        raise told
    return task.result()
