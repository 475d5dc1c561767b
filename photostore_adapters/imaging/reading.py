"""Bytes under a budget: what a parser may read, and what stops it when a file leads it astray."""

import struct
from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol


class BrokenPictureError(Exception):
    """The header cannot be what it claims to be; the message ends the sentence "the file has a broken header: ..."."""


class TruncatedPicture(BrokenPictureError):
    """Something lies past the end of the bytes."""


class ReadBudgetSpent(BrokenPictureError):
    """The header asked for more bytes than one may read. Counting frames may stop here and keep what it counted."""


class View(Protocol):
    """Random access to bytes that need not be in memory."""

    @property
    @abstractmethod
    def byte_size(self) -> int: ...

    @abstractmethod
    def read(self, offset: int, length: int) -> bytes:
        """Exactly these bytes. Raise `TruncatedPicture` when they are not all there."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a view, addressed from its own beginning; what lies around it is out of reach."""

    view: View
    start: int
    byte_size: int

    def read(self, offset: int, length: int) -> bytes:
        if offset < 0 or length < 0 or offset + length > self.byte_size:
            raise TruncatedPicture("a part of it ends too early")
        return self.view.read(self.start + offset, length)

    def inner(self, offset: int, length: int) -> "Window":
        if offset < 0 or length < 0 or offset + length > self.byte_size:
            raise TruncatedPicture("a part of it ends too early")
        return Window(self.view, self.start + offset, length)


@dataclass(frozen=True, slots=True)
class InMemory:
    """Bytes that were put together first."""

    content: bytes

    @property
    def byte_size(self) -> int:
        return len(self.content)

    def read(self, offset: int, length: int) -> bytes:
        if offset < 0 or length < 0 or offset + length > len(self.content):
            raise TruncatedPicture("a part of it ends too early")
        return self.content[offset : offset + length]


def whole(view: View) -> Window:
    return Window(view, 0, view.byte_size)


class Cursor:
    """Reads big-endian fields one after another."""

    def __init__(self, view: View, position: int = 0) -> None:
        self.view = view
        self.position = position

    @property
    def remaining(self) -> int:
        return self.view.byte_size - self.position

    def take(self, length: int) -> bytes:
        content = self.view.read(self.position, length)
        self.position += length
        return content

    def number(self, size: int) -> int:
        """An unsigned integer of `size` bytes; nought for none."""
        return int.from_bytes(self.take(size), "big")

    def fields(self, layout: str) -> tuple[int, ...]:
        """What `struct` calls `layout`, of integers only."""
        return struct.unpack(">" + layout, self.take(struct.calcsize(">" + layout)))
