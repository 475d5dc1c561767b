"""A stream of bytes as the body of one PUT whose length is told beforehand."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator

from photostore.shared.blobs import BlobLengthMismatch

_ZEROS = bytes(256 << 10)


class SizedBody:
    """Exactly `byte_size` bytes: those of `chunks`, and zeros for the missing ones if they end early and `pad` is set.

    The last bytes are held back until `chunks` has ended. So a stream that turns out longer, or fails at its very end,
    breaks the request while it is incomplete, and the store throws away what it got.
    """

    def __init__(self, chunks: AsyncIterable[bytes], byte_size: int, *, pad: bool, stall_timeout: float) -> None:
        self.byte_size = byte_size
        self._source = aiter(chunks)
        self._pad = pad
        self._stall_timeout = stall_timeout
        self._idle = asyncio.Event()
        self._idle.set()
        self._reader: asyncio.Task[object] | None = None
        self._stall: asyncio.Timeout | None = None
        self.read = 0
        self.sent = 0
        self.failure: Exception | None = None

    @property
    def started(self) -> bool:
        return self._reader is not None

    @property
    def whole(self) -> bool:
        """Whether the store may have got every byte, and so may keep them whatever becomes of the request."""
        return self.sent == self.byte_size

    def watch(self, stall: asyncio.Timeout) -> None:
        """Let `stall` run out while the store takes no bytes; a slow source is not the store's fault."""
        self._stall = stall

    async def stop(self) -> None:
        """Return once nobody reads the source any more."""
        while not self._idle.is_set():
            if self._reader is not None:
                self._reader.cancel()
            await self._idle.wait()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        assert self._reader is None, "a stream of bytes can be sent once only"
        self._reader = asyncio.current_task()
        held = await self._next()
        while held:
            following = await self._next()
            if not following:
                self._check_end()
            self._give(len(held))
            yield held
            self._taken()
            held = following
        self._check_end()
        while (missing := self.byte_size - self.sent) > 0:
            zeros = _ZEROS[:missing]
            self._give(len(zeros))
            yield zeros
            self._taken()

    async def _next(self) -> bytes:
        """The next bytes, or none at the end; what the source raises is kept, since the HTTP client hides it."""
        self._idle.clear()
        try:
            async for chunk in self._source:
                self.read += len(chunk)
                if self.read > self.byte_size:
                    raise BlobLengthMismatch(f"more than {self.byte_size} bytes came")
                if chunk:
                    return chunk
        except Exception as error:
            self.failure = error
            raise
        finally:
            self._idle.set()
        return b""

    def _check_end(self) -> None:
        if self.read < self.byte_size and not self._pad:
            self.failure = BlobLengthMismatch(f"{self.read} bytes came instead of {self.byte_size}")
            raise self.failure

    def _give(self, size: int) -> None:
        self.sent += size
        if self._stall is not None:
            self._stall.reschedule(asyncio.get_running_loop().time() + self._stall_timeout)

    def _taken(self) -> None:
        if self._stall is not None:
            self._stall.reschedule(None)
