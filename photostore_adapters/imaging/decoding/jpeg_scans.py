"""How many times a JPEG passes over its picture: each pass costs as much as a picture, and may be a few bytes long."""

import re
from itertools import islice

from photostore_adapters.imaging.reading import BrokenPictureError, View

_SEQUENTIAL = {0xC0, 0xC1}
_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA, 0xCB}
_ALONE = {0x01, *range(0xD0, 0xD8)}
_SOS, _EOI = 0xDA, 0xD9
_READ = 1024 * 1024
# In entropy-coded data 0xFF is followed by nought or by a restart marker.
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
_MAX_SEGMENTS = 100_000


def count_scans(view: View, *, most: int) -> int:
    """Counting ends past `most`, and at the end of the first picture: others may follow in the same file."""
    return sum(1 for _ in islice(_Scans(view), most + 1))


class _Scans:
    """Yields once a scan. What the markers promise and the bytes do not keep ends it: decoding tells why."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._position = 2
        self._window_start = 0
        self._window = b""
        self._sequential = False
        self._components = 0

    def __iter__(self) -> "_Scans":
        return self

    def __next__(self) -> int:
        if self._position < 0:
            raise StopIteration
        try:
            for _ in range(_MAX_SEGMENTS):
                marker = self._next_marker()
                if marker == _EOI:
                    break
                if marker not in _ALONE and self._enter(marker):
                    return self._position
        except BrokenPictureError:
            pass
        raise StopIteration

    def _enter(self, marker: int) -> bool:
        """Step over a segment; whether it begins a scan."""
        length = int.from_bytes(self._view.read(self._position, 2), "big")
        if marker in _FRAMES and length >= 8:
            self._sequential = marker in _SEQUENTIAL
            self._components = self._view.read(self._position + 7, 1)[0]
        whole = marker == _SOS and self._sequential and self._view.read(self._position + 2, 1)[0] == self._components
        # Decoders stop after a scan that has everything: most JPEGs need not be read to their end for this.
        self._position = -1 if whole else self._position + max(length, 2)
        return marker == _SOS

    def _next_marker(self) -> int:
        while self._position < self._view.byte_size:
            self._read_ahead()
            found = _MARKER.search(self._window, self._position - self._window_start)
            if found:
                self._position = self._window_start + found.end()
                return found[1][0]
            if self._window_start + len(self._window) >= self._view.byte_size:
                break
            self._position = self._window_start + len(self._window) - 1  # a marker may straddle the windows
        return _EOI

    def _read_ahead(self) -> None:
        inside = self._position - self._window_start
        if not 0 <= inside < len(self._window) - 1:
            self._window_start = self._position
            self._window = self._view.read(self._position, min(_READ, self._view.byte_size - self._position))
