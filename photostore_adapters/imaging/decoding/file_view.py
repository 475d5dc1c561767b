"""The original as the parsers of headers read it."""

import os

from photostore_adapters.imaging.reading import TruncatedPicture

_BLOCK = 64 * 1024


class FileView:
    """A `View` over a descriptor, whose own position is left alone. Small reads share one block."""

    def __init__(self, descriptor: int) -> None:
        self.byte_size = os.fstat(descriptor).st_size
        self._descriptor = descriptor
        self._start = 0
        self._block = b""

    def read(self, offset: int, length: int) -> bytes:
        if offset < 0 or length < 0 or offset + length > self.byte_size:
            raise TruncatedPicture("it is cut short, or points past its own end")
        if length > _BLOCK // 2:
            return os.pread(self._descriptor, length, offset)
        inside = offset - self._start
        if inside < 0 or inside + length > len(self._block):
            self._start, inside = offset, 0
            self._block = os.pread(self._descriptor, _BLOCK, offset)
        return self._block[inside : inside + length]
