"""An asynchronous source of bytes, read by a thread as if it were a file, in blocks and within a budget."""

import asyncio
import time
from concurrent.futures import Future, wait

from photostore.shared.blobs import BlobStoreUnavailable
from photostore.upload.pictures import ByteSource
from photostore_adapters.imaging.reading import BrokenPictureError, ReadBudgetSpent, TruncatedPicture
from photostore_adapters.imaging.settings import PictureLimits

BLOCK = 64 * 1024
_LONGEST_RUN = 8
# How long a header may keep the loop waiting; most take a tenth of that.
_AT_ONCE_SECONDS = 0.002


class SourceError(Exception):
    """The source, not the picture, is at fault; `error` is what it raised, for the caller to see unchanged."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class ThreadNeeded(BaseException):
    """This header cannot be read at once on the loop. No error of the picture's: no parser must take it for one."""


class SourceReader:
    """A `View` over a `ByteSource`. Reads ahead further and further while it is read in sequence.

    Every block is kept, since the budget bounds their number. Time spent waiting for the source never counts against
    the picture: a slow store must not get a good picture refused.
    """

    def __init__(self, source: ByteSource, loop: asyncio.AbstractEventLoop, limits: PictureLimits) -> None:
        self.byte_size = source.byte_size
        self._source = source
        self._loop = loop
        self._blocks: dict[int, bytes] = {}
        self._blocks_left = max(1, limits.max_header_bytes // BLOCK)
        self._run = 1
        self._pending: Future[bytes] | None = None
        self._closed = False
        self._max_parse_seconds = limits.max_parse_seconds
        self._seconds_left = limits.max_wait_seconds
        self._started: float | None = None
        self._at_once = True

    def leave_to_thread(self) -> None:
        """From here on it is read from a thread, which may ask the source and take its time."""
        self._at_once, self._started = False, None

    async def read_ahead(self) -> None:
        """The first block: most headers end in it, and a thread costs more than reading one. Until `leave_to_thread` there
        is no more, and whatever needs more, or more time, raises `ThreadNeeded`. What the source raises passes unchanged."""
        asked_at, length = time.monotonic(), min(BLOCK, self.byte_size)
        try:
            async with asyncio.timeout(self._seconds_left):
                content = await self._source.read(0, length)
        except TimeoutError:
            raise _too_slow() from None
        self._seconds_left = max(0.0, self._seconds_left - (time.monotonic() - asked_at))
        if len(content) == length:  # else the thread finds out
            self._blocks[0] = content
            self._blocks_left -= 1

    def close(self) -> None:
        """Whoever asked is gone: let the thread end at its next read. Called on the loop."""
        self._closed = True
        if self._pending is not None:
            self._pending.cancel()

    def read(self, offset: int, length: int) -> bytes:
        if offset < 0 or length < 0 or offset + length > self.byte_size:
            raise TruncatedPicture("it is cut short, or points past its own end")
        self._check_time()
        if length == 0:
            return b""
        first, last = offset // BLOCK, (offset + length - 1) // BLOCK
        missing = [index for index in range(first, last + 1) if index not in self._blocks]
        if missing:
            self._fetch(missing[0], missing[-1])
        start = offset - first * BLOCK
        if first == last:
            return self._blocks[first][start : start + length]
        joined = b"".join(self._blocks[index] for index in range(first, last + 1))
        return joined[start : start + length]

    def _check_time(self) -> None:
        now = time.thread_time()
        if self._started is None:
            self._started = now
        if self._at_once and now - self._started > _AT_ONCE_SECONDS:
            raise ThreadNeeded
        if now - self._started > self._max_parse_seconds:
            raise BrokenPictureError("reading it takes too long")

    def _fetch(self, first: int, last: int) -> None:
        if self._at_once:
            raise ThreadNeeded
        self._run = min(self._run * 2, _LONGEST_RUN) if first - 1 in self._blocks else 1
        if last - first + 1 > self._blocks_left:
            raise ReadBudgetSpent("it is spread over too many bytes")
        last = min(max(last, first + self._run - 1), first + self._blocks_left - 1, (self.byte_size - 1) // BLOCK)
        self._blocks_left -= last - first + 1
        start, end = first * BLOCK, min((last + 1) * BLOCK, self.byte_size)
        content = self._ask(start, end - start)
        if len(content) != end - start:
            raise TruncatedPicture("it is cut short")
        for index in range(first, last + 1):
            self._blocks[index] = content[(index - first) * BLOCK : (index - first + 1) * BLOCK]

    def _ask(self, offset: int, length: int) -> bytes:
        if self._closed:
            raise BrokenPictureError("nobody waits for it any more")
        self._pending = asyncio.run_coroutine_threadsafe(self._source.read(offset, length), self._loop)
        asked_at = time.monotonic()
        finished, _ = wait([self._pending], timeout=self._seconds_left)
        self._seconds_left = max(0.0, self._seconds_left - (time.monotonic() - asked_at))
        if not finished:
            self._pending.cancel()
            raise SourceError(_too_slow())
        try:
            return self._pending.result()
        except Exception as error:
            raise SourceError(error) from error


def _too_slow() -> BlobStoreUnavailable:
    return BlobStoreUnavailable("The bytes of the picture could not be read in time.")
