"""A clean copy while it is being put together."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from photostore.photo.metadata_policy import CleanCopy, CopiedRange, Piece, size_of
from photostore_adapters.imaging.reading import BrokenPictureError

MAX_PIECES = 20_000
_MAX_OWN_BYTES = 512 * 1024


class Patch(NamedTuple):
    """Other bytes in the place of as many, from `offset` of whatever is being patched."""

    offset: int
    content: bytes


class Assembling:
    """Neighbours are joined. Bounded, as plans are kept in memory: raise `BrokenPictureError` beyond."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self._own_bytes = 0
        self.byte_size = 0

    def copy(self, offset: int, length: int) -> None:
        if length < 1:
            return
        last = self._pieces[-1] if self._pieces else None
        if isinstance(last, CopiedRange) and last.offset + last.length == offset:
            self._pieces[-1] = CopiedRange(last.offset, last.length + length)
        else:
            self._pieces.append(CopiedRange(offset, length))
        self._grow(length)

    def write(self, content: bytes) -> None:
        if not content:
            return
        last = self._pieces[-1] if self._pieces else None
        if isinstance(last, bytes) and len(last) < 4096:  # joining a long one again and again would take for ever
            self._pieces[-1] = last + content
        else:
            self._pieces.append(content)
        self._own_bytes += len(content)
        self._grow(len(content))

    def copy_patched(self, offset: int, length: int, patches: Iterable[Patch]) -> None:
        """`patches` count from `offset`, in order and apart from each other."""
        done = 0
        for patch in patches:
            self.copy(offset + done, patch.offset - done)
            self.write(patch.content)
            done = patch.offset + len(patch.content)
        self.copy(offset + done, length - done)

    def append(self, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            if isinstance(piece, CopiedRange):
                self.copy(piece.offset, piece.length)
            else:
                self.write(piece)

    @property
    def pieces(self) -> Sequence[Piece]:
        return tuple(self._pieces)

    def finished(self, *, head: bytes = b"") -> CleanCopy:
        """`head` comes first: what can be told only once all is known."""
        pieces = (head, *self._pieces) if head else tuple(self._pieces)
        return CleanCopy(pieces=pieces, byte_size=sum(map(size_of, pieces)))

    def _grow(self, size: int) -> None:
        self.byte_size += size
        if len(self._pieces) > MAX_PIECES or self._own_bytes > _MAX_OWN_BYTES:
            raise BrokenPictureError("it has too many parts")


def difference(before: bytes, after: bytes, spans: Iterable[tuple[int, int]]) -> list[Patch]:
    """What turns `before` into `after`, which differ nowhere but in `spans` (starts and ends, in any order)."""
    patches: list[Patch] = []
    end = 0
    for start, stop in sorted(spans):
        begin = max(start, end)
        if before[begin:stop] != after[begin:stop]:
            patches.append(Patch(begin, after[begin:stop]))
        end = max(end, stop)
    return patches
