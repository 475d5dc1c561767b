"""What of an original's metadata is given along with it, and what a copy without them is made of."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from photostore.shared.blobs import BlobKey, BlobStore, BlobStoreUnavailable
from photostore.shared.errors import Unsupported


class MetadataPolicy(StrEnum):
    """What leaves with the bytes: everything, everything but where it was taken, or what the colours need."""

    KEEP = "keep"
    NO_LOCATION = "no_location"
    NONE = "none"


class CannotClean(Unsupported):
    """The format does not allow it without decoding, or the file is malformed: give a rendition instead."""

    title = "The metadata cannot be taken out of the picture."


@dataclass(frozen=True, slots=True)
class CopiedRange:
    """`length` bytes of the original from `offset`; at least one."""

    offset: int
    length: int


Piece = CopiedRange | bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanCopy:
    """A copy told as pieces of the original, in the original's order, and bytes of its own. No piece is empty."""

    pieces: Sequence[Piece]
    byte_size: int

    def range(self, offset: int, length: int) -> Sequence[Piece]:
        """What the copy has from `offset`, as far as `length` or its end: its pieces, cut."""
        found: list[Piece] = []
        end = min(offset + length, self.byte_size)
        position = 0
        for piece in self.pieces:
            if position >= end:
                break
            size = size_of(piece)
            first, last = max(offset - position, 0), min(end - position, size)
            if first < last:
                found.append(_cut(piece, first, last))
            position += size
        return found


class MetadataRemover(Protocol):
    """Finds out what a copy without metadata is made of. Pixels and colours are the original's, bit by bit."""

    @property
    @abstractmethod
    def version(self) -> str:
        """Changes whenever the copy of the same original would have other bytes."""

    @abstractmethod
    async def clean_copy(self, key: BlobKey, *, content_type: str, byte_size: int, policy: MetadataPolicy) -> CleanCopy:
        """Raise `CannotClean`, `BlobNotFound` or `BlobStoreUnavailable`. The same key gives the same copy every time."""


def size_of(piece: Piece) -> int:
    return piece.length if isinstance(piece, CopiedRange) else len(piece)


def _cut(piece: Piece, first: int, last: int) -> Piece:
    if isinstance(piece, CopiedRange):
        return CopiedRange(piece.offset + first, last - first)
    return piece[first:last]


@asynccontextmanager
async def open_pieces(store: BlobStore, key: BlobKey, pieces: Iterable[Piece]) -> AsyncIterator[AsyncIterator[bytes]]:
    """The bytes of `pieces`, read as one range of the blob: what lies between them is small, and asking again is not. Their
    ranges are in the order of the blob.

    Entering raises `BlobNotFound`; a fault midway, or a blob that ends too early, `BlobStoreUnavailable`.
    """
    listed = list(pieces)
    copied = [piece for piece in listed if isinstance(piece, CopiedRange)]
    if not copied:
        yield _literal(listed)
        return
    start, end = copied[0].offset, copied[-1].offset + copied[-1].length
    async with store.open(key, offset=start, length=end - start) as blob:
        yield _chosen(listed, blob.chunks, start)


async def _literal(pieces: Iterable[Piece]) -> AsyncIterator[bytes]:
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece


async def _chosen(pieces: Iterable[Piece], chunks: AsyncIterator[bytes], position: int) -> AsyncIterator[bytes]:
    chunk = b""  # begins at `position` of the blob
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece
            continue
        offset, left = piece.offset, piece.length
        if offset < position:
            raise ValueError("the ranges of a copy must be in the order of the blob")
        while left:
            if position + len(chunk) <= offset:
                position += len(chunk)
                chunk = await _next(chunks)
                continue
            part = chunk[offset - position : offset - position + left]
            yield part
            offset, left = offset + len(part), left - len(part)


async def _next(chunks: AsyncIterator[bytes]) -> bytes:
    chunk = await anext(chunks, None)
    if chunk is None:
        raise BlobStoreUnavailable("the blob store sent fewer bytes than it should")
    return chunk
