"""Where bytes lie. Three small ports over one store: streams, signed URLs, multipart uploads.

A key is 1 to 512 characters: `/`-separated segments of 1 to 200 letters, digits, `-`, `_` and `.`; none is `.` or `..`.
Keys are never reused: a key names the same bytes for ever, or nothing. No key is also the folder of another: whoever
uses `a` never uses `a/b` (a store of files cannot keep both, and refuses the second as `BlobExists`).
"""

import re
from abc import abstractmethod
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import NewType, Protocol

from photostore.shared.errors import Conflict, Invalid, NotFound, Unavailable

BlobKey = NewType("BlobKey", str)
MultipartId = NewType("MultipartId", str)

MIN_PART_BYTES = 5 << 20
MAX_PARTS = 10_000

_KEY = re.compile(r"(?!.*(?:^|/)\.{1,2}(?:/|$))[A-Za-z0-9._-]{1,200}(?:/[A-Za-z0-9._-]{1,200})*", re.ASCII)


class BlobKeyInvalid(Invalid):
    title = "The key of a blob is not one."


class BlobNotFound(NotFound):
    title = "There is no such blob."


class BlobExists(Conflict):
    title = "There is a blob under this key already."


class BlobStoreUnavailable(Unavailable):
    title = "The blob store does not answer."


class BlobDamaged(BlobStoreUnavailable):
    """What lies under the key is not what belongs there."""

    problem = "blob-store-unavailable"


class BlobLengthMismatch(Invalid):
    title = "The stream of bytes is not as long as was said."


class MultipartNotFound(NotFound):
    title = "There is no such multipart upload."


class PartsMismatch(Conflict):
    title = "The parts are not those that arrived."


def blob_key(key: str) -> BlobKey:
    """`key` if it is one, else `BlobKeyInvalid`. Every adapter asks this before it touches the store."""
    if len(key) > 512 or not _KEY.fullmatch(key):
        raise BlobKeyInvalid(f"{key[:80]!r} is no key of a blob")
    return BlobKey(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobInfo:
    """What the store knows of a blob. `byte_size` in bytes, `modified_at` aware UTC, good to a second."""

    key: BlobKey
    byte_size: int
    modified_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBlob:
    """A blob being read: `byte_size` is the whole blob's, `chunks` only the asked-for bytes, each chunk at most 1 MiB."""

    byte_size: int
    chunks: AsyncIterator[bytes]


class BlobStore(Protocol):
    """Streams of bytes by key. Whatever takes a key raises `BlobKeyInvalid` before it asks the store, and may raise
    `BlobStoreUnavailable`, which clients are told as 503; nothing retries what it cannot repeat.

    Calls come side by side, from one event loop, which none of them blocks; processes share the store.
    """

    @abstractmethod
    async def put(self, key: BlobKey, chunks: AsyncIterable[bytes], *, at_most: int | None = None) -> int:
        """Keep the bytes of `chunks` under `key` and return their number; the blob is durable when this returns.

        `at_most` is an upper bound of that number, usually the number itself; a store may need it to stream at once
        instead of in parts, and raises `BlobLengthMismatch` when the stream is longer. Memory stays under 8 MiB
        whatever the size. Raise `BlobExists` when `key` is taken: nothing is ever overwritten. When `chunks` raises, or
        the call fails or is cancelled, nothing is left under `key`, and `chunks` is no longer being read.
        """

    @abstractmethod
    def open(
        self, key: BlobKey, *, offset: int = 0, length: int | None = None
    ) -> AbstractAsyncContextManager[OpenBlob]:
        """Read `length` bytes (or all the rest) from `offset`, from 0 on. A range past the end gives the bytes there are.

        The chunks are read within the block, once, and maybe not to their end. Entering raises `BlobNotFound`. A fault midway
        raises `BlobStoreUnavailable` from the iterator: a reader never takes a part for the whole.
        """

    @abstractmethod
    async def head(self, key: BlobKey) -> BlobInfo:
        """What is known of it, without its bytes. Raise `BlobNotFound` when it is absent."""

    @abstractmethod
    async def delete(self, key: BlobKey) -> None:
        """Remove it for good. Absent already is fine: a repeated delete is not an error."""

    @abstractmethod
    def list(self, prefix: str, *, after: str = "") -> AsyncIterator[BlobInfo]:
        """Every blob whose key starts with `prefix`, in the order of the keys' characters, from the first one behind `after`
        on; in pages: memory does not grow with their number. `prefix` is any beginning of keys, and `after` any text, neither
        needs to be a key. What comes or goes meanwhile may be told or not."""


class MendableBlobStore(BlobStore, Protocol):
    """A store in which what is damaged can be put right. Nobody else ever writes over a key."""

    @abstractmethod
    async def mend(self, key: BlobKey, chunks: AsyncIterable[bytes], *, byte_size: int, sha256: bytes) -> None:
        """Put the bytes that belong under `key` there, whatever lay there before; durable when this returns.

        Only the bytes of this length and digest are ever seen under `key`: others raise `BlobDamaged`, and then, as when
        `chunks` raises or the call is cancelled, what lay there stays. Who reads meanwhile gets the one or the other whole,
        or an error.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """A request that whoever holds it may send to the store, exactly so: method, URL and all of the headers."""

    method: str
    url: str
    headers: Mapping[str, str]


class BlobSigner(Protocol):
    """Requests to the store that need no further credentials until they expire. Signing asks nobody: it is arithmetic.

    `expires_in` is in seconds, 1 to 604,800 (7 days). `sha256` is the digest, 32 bytes. Raise `BlobKeyInvalid`. What is sent
    otherwise than it was signed, or later, is answered 403 (another body 400, a longer one maybe 413), and keeps nothing.
    """

    @abstractmethod
    def sign_get(self, key: BlobKey, *, expires_in: int, content_type: str, content_disposition: str) -> SignedRequest:
        """The store answers 200 with this content type and disposition, 206 to a `Range`, 404 where there is no such blob."""

    @abstractmethod
    def sign_put(
        self, key: BlobKey, *, expires_in: int, byte_size: int, content_type: str, sha256: bytes | None = None
    ) -> SignedRequest:
        """The store answers 200 and an `ETag`. It refuses another length or content type, other bytes when `sha256` is given,
        and by 409 or 412 a key that is taken."""

    @abstractmethod
    def sign_put_part(
        self,
        key: BlobKey,
        multipart_id: MultipartId,
        *,
        number: int,
        expires_in: int,
        byte_size: int,
        sha256: bytes | None = None,
    ) -> SignedRequest:
        """As `sign_put`, for part `number` (1 to 10,000); the `ETag` is the part's. Sending a part again replaces it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPart:
    """One part that has arrived whole. `etag` is the store's own name of its bytes."""

    number: int
    byte_size: int
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingMultipart:
    """An upload in parts that has not ended. `started_at` is aware UTC, good to a second."""

    key: BlobKey
    multipart_id: MultipartId
    started_at: datetime


class MultipartBlobStore(Protocol):
    """Uploads in parts. Every part but the last has at least 5 MiB; nothing stands under the key before `complete`.

    An upload is known by its id and its own key together. Any method may raise `BlobStoreUnavailable`.
    """

    @abstractmethod
    async def start(self, key: BlobKey) -> MultipartId:
        """Begin one; of one key there may be several. Its id is text of the store's own. Raise `BlobKeyInvalid`."""

    @abstractmethod
    async def put_part(
        self, key: BlobKey, multipart_id: MultipartId, *, number: int, chunks: AsyncIterable[bytes], length: int
    ) -> StoredPart:
        """Stream exactly `length` bytes, or raise `BlobLengthMismatch`. Raise `MultipartNotFound`, or `PartsMismatch` when
        `number` is not 1 to 10,000. Memory stays flat, as in `put`.

        A broken stream leaves no part; a part of the same number is replaced.
        """

    @abstractmethod
    async def parts(self, key: BlobKey, multipart_id: MultipartId) -> Sequence[StoredPart]:
        """What has arrived, by number. Raise `MultipartNotFound`."""

    @abstractmethod
    async def complete(self, key: BlobKey, multipart_id: MultipartId, parts: Sequence[StoredPart]) -> None:
        """Join the parts under `key`, in the order of their numbers.

        Raise `PartsMismatch`, and keep what arrived, when one of them did not arrive so, is too small, or there is none;
        `BlobExists` when `key` is taken; `MultipartNotFound` when it was aborted or never started. Said again after it
        worked it may pass or raise one of the last two: look with `head` what stands under the key.
        """

    @abstractmethod
    async def abort(self, key: BlobKey, multipart_id: MultipartId) -> None:
        """Remove what arrived. Absent already is fine."""

    @abstractmethod
    def pending(self, prefix: str) -> AsyncIterator[PendingMultipart]:
        """Every multipart upload of a key that starts with `prefix` and was neither completed nor aborted, in any order."""
