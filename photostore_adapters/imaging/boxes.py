"""Boxes of ISO base media files (ISO/IEC 14496-12)."""

from collections.abc import Iterator

from photostore_adapters.imaging.reading import BrokenPictureError, Window

_MAX_BOXES = 4096


def boxes(window: Window, *, start: int = 0) -> Iterator[tuple[bytes, Window]]:
    """The boxes of a container, by kind, with what is in them. A last one that is cut short comes as far as it goes."""
    position = start
    for _ in range(_MAX_BOXES):
        if position + 8 > window.byte_size:
            return
        head = window.read(position, 8)
        size, header = int.from_bytes(head[:4], "big"), 8
        if size == 1:
            size, header = int.from_bytes(window.read(position + 8, 8), "big"), 16
        elif size == 0:
            size = window.byte_size - position
        if size < header:
            raise BrokenPictureError("a box is smaller than its own header")
        end = min(position + size, window.byte_size)
        yield head[4:], window.inner(position + header, end - position - header)
        position += size
    raise BrokenPictureError("it has too many boxes")


def find(window: Window, *path: bytes) -> Window | None:
    """The first box at the end of `path`, through plain containers."""
    for kind in path:
        inner = next((content for found, content in boxes(window) if found == kind), None)
        if inner is None:
            return None
        window = inner
    return window
