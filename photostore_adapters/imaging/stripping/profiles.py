"""Colour profiles (ICC.1): what calls itself one and is none can hold anything, and goes. What is one, the colours need."""

from typing import NamedTuple
from zlib import decompressobj, error

HEAD_BYTES = 4096
"""Of a profile, its beginning: its head and its table, of three hundred parts and more. Real ones have twenty."""
_TABLE_AT, _ROW = 132, 12
_MOST_PADDING = 3
_MOST_INFLATED = 16 * 1024 * 1024
PROFILE_SIGNATURE = b"ICC_PROFILE\0"
"""Of its parts in a JPEG."""
_PART_AT = len(PROFILE_SIGNATURE) + 2


def is_profile(head: bytes, size: int) -> bool:
    """`head` are its first bytes, `HEAD_BYTES` or all that there are; `size` is how many there are."""
    if len(head) < _TABLE_AT or head[36:40] != b"acsp":
        return False
    told, parts = _number(head, 0), _number(head, _TABLE_AT - 4)
    end = _TABLE_AT + _ROW * parts
    if not told <= size <= told + _MOST_PADDING or not parts or end > min(told, len(head)):
        return False
    rows = range(_TABLE_AT, end, _ROW)
    return all(end <= _number(head, row + 4) <= told - _number(head, row + 8) for row in rows)


def inflated_profile_size(compressed: bytes) -> int | None:
    """How many of these bytes a compressed profile takes; what follows is none of it. `None` where there is no profile."""
    inflating = decompressobj()
    try:
        head = inflating.decompress(compressed, HEAD_BYTES)
        size, bound = len(head), min(_number(head, 0) + _MOST_PADDING, _MOST_INFLATED)
        while not inflating.eof and size <= bound:
            more = inflating.decompress(inflating.unconsumed_tail, 64 * 1024)
            if not more and not inflating.eof:
                return None  # it is cut short
            size += len(more)
    except error:
        return None
    if not inflating.eof or not is_profile(head, size):
        return None
    return len(compressed) - len(inflating.unused_data)


class _Part(NamedTuple):
    """Of a profile in a JPEG: which of how many, and the segment that it is: `length` and beginning of its body."""

    number: int
    parts: int
    start: int
    length: int
    head: bytes


class ProfileParts:
    """A JPEG's profile in segments, of which each tells which it is."""

    def __init__(self) -> None:
        self._parts: list[_Part] = []
        self._was_kept = False

    def add(self, start: int, body: bytes) -> None:
        """`body` begins with the signature; the segment lies at `start`."""
        if len(body) >= _PART_AT:
            number, parts = body[_PART_AT - 2 : _PART_AT]
            self._parts.append(_Part(number, parts, start, len(body), body[_PART_AT : _PART_AT + HEAD_BYTES]))

    def take(self) -> list[tuple[int, int]]:
        """Where the segments begin, and their bodies' lengths: of one profile a picture, and of nothing else."""
        parts, self._parts = self._parts, []
        if self._was_kept or not _are_a_profile(sorted(parts)):
            return []
        self._was_kept = True
        return [(part.start, part.length) for part in parts]


def _are_a_profile(parts: list[_Part]) -> bool:
    """`parts` by their numbers: decoders, too, take none of which one is missing or there twice."""
    if [(part.number, part.parts) for part in parts] != [(number + 1, len(parts)) for number in range(len(parts))]:
        return False
    head = b"".join(part.head for part in parts)[:HEAD_BYTES]
    return is_profile(head, sum(part.length - _PART_AT for part in parts))


def _number(content: bytes, position: int) -> int:
    return int.from_bytes(content[position : position + 4], "big")
