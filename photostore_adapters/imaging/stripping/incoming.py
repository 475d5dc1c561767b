"""Bytes as they arrive. A parser asks for them with `yield from`, and is stopped there until more have come: so it may
run in a thread for as long as a chunk lasts, waits for no one, and holds no more than it asked for."""

import re
from collections.abc import Generator
from typing import TypeVar

from photostore_adapters.imaging.reading import BrokenPictureError, TruncatedPicture

T = TypeVar("T")
Parsing = Generator[None, bytes, T]
"""Is sent the chunks, and at last an empty one; returns what it found."""

# PNG's writers put 8 KiB in a chunk: 200 MiB are 25,000 of them.
_MAX_STEPS = 200_000


class Incoming:
    """`position` is where in the file the next byte lies. Too many steps for a file of any sense end in an error."""

    def __init__(self) -> None:
        self._buffer = b""
        self._at = 0
        self._start = 0
        self._steps = 0

    @property
    def position(self) -> int:
        return self._start + self._at

    def take(self, length: int) -> Parsing[bytes]:
        """Exactly so many bytes, or `TruncatedPicture`."""
        self._step()
        parts: list[bytes] = []
        while length > len(self._buffer) - self._at:
            parts.append(self._buffer[self._at :])
            length -= len(parts[-1])
            yield from self._more()
        parts.append(self._buffer[self._at : self._at + length])
        self._at += length
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def skip(self, length: int) -> Parsing[None]:
        """Step over so many bytes, or `TruncatedPicture`."""
        self._step()
        while length > len(self._buffer) - self._at:
            length -= len(self._buffer) - self._at
            yield from self._more()
        self._at += length

    def skip_to(self, pattern: re.Pattern[bytes]) -> Parsing[None]:
        """Up to where `pattern`, two bytes of which the first is FF, begins; or `TruncatedPicture`."""
        self._step()
        while (found := pattern.search(self._buffer, self._at)) is None:
            last = b"\xff" if self._buffer.endswith(b"\xff", self._at) else b""
            yield from self._more()
            if last:  # seldom: a copy of the chunk
                self._buffer = last + self._buffer
                self._start -= 1
        self._at = found.start()

    def skip_blocks(self) -> Parsing[None]:
        """GIF's data: blocks that begin with their length, up to an empty one. There may be a million of them."""
        self._step()
        while True:
            while self._at >= len(self._buffer):
                past = self._at - len(self._buffer)
                self._at = len(self._buffer)
                yield from self._more()
                self._at = past
            length = self._buffer[self._at]
            self._at += 1 + length
            if not length:
                return

    def at_end(self) -> Parsing[bool]:
        """Whether the last byte was taken."""
        if self._at < len(self._buffer):
            return False
        try:
            yield from self._more()
        except TruncatedPicture:
            return True
        return False

    def _more(self) -> Parsing[None]:
        self._start += len(self._buffer)
        self._buffer, self._at = b"", 0  # let go of before the next one is read
        chunk = yield
        if not chunk:
            raise TruncatedPicture("it is cut short")
        self._buffer = chunk

    def _step(self) -> None:
        self._steps += 1
        if self._steps > _MAX_STEPS:
            raise BrokenPictureError("it has too many parts")
