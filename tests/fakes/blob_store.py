"""A blob store in memory, with all of its ports, that breaks where a test tells it to."""

from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256 as sha256_of
from urllib.parse import quote

from photostore.shared.blobs import (
    MAX_PARTS,
    MIN_PART_BYTES,
    BlobExists,
    BlobInfo,
    BlobKey,
    BlobLengthMismatch,
    BlobNotFound,
    BlobSigner,
    BlobStoreUnavailable,
    MendableBlobStore,
    MultipartBlobStore,
    MultipartId,
    MultipartNotFound,
    OpenBlob,
    PartsMismatch,
    PendingMultipart,
    SignedRequest,
    StoredPart,
    blob_key,
)
from photostore.shared.signed_blobs import (
    BlobGrant,
    BlobTooLong,
    GrantKind,
    SignatureExpired,
    SignatureInvalid,
    SignedBlobs,
    SignedHeaderMismatch,
)
from photostore.shared.verifying import verified

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
CHUNK_BYTES = 64 << 10


@dataclass
class FakeMultipart:
    key: BlobKey
    started_at: datetime
    parts: dict[int, tuple[StoredPart, bytes]] = field(default_factory=dict)


@dataclass(frozen=True)
class FakeSigned:
    request: SignedRequest
    grant: BlobGrant
    expires_at: datetime


class FakeBlobStore(MendableBlobStore, MultipartBlobStore, BlobSigner, SignedBlobs):
    """`failing` names the methods that raise `BlobStoreUnavailable` (`put_end`: once the bytes were read).

    `break_after` breaks reads after so many bytes; `unreadable` blobs are there, and nobody can read them. `reading` and
    `writing` count the blobs that are open just now.
    """

    def __init__(self, *, base_url: str = "http://blobs.test") -> None:
        self.blobs: dict[BlobKey, bytes] = {}
        self.multiparts: dict[MultipartId, FakeMultipart] = {}
        self.grants: dict[str, FakeSigned] = {}
        self.failing: set[str] = set()
        self.break_after: int | None = None
        self.unreadable: set[BlobKey] = set()
        self.reading = 0
        self.writing = 0
        self.now = LONG_AGO
        # Of those that are not of `now`.
        self.modified: dict[BlobKey, datetime] = {}
        self._base_url = base_url

    def lead_to(self, base_url: str) -> None:
        """Signed URLs lead there from now on."""
        self._base_url = base_url

    async def put(self, key: BlobKey, chunks: AsyncIterable[bytes], *, at_most: int | None = None) -> int:
        self._step("put")
        blob_key(key)
        self.writing += 1
        try:
            content = await _gathered(chunks, at_most)
        finally:
            self.writing -= 1
        self._step("put_end")
        self._keep(key, content)
        return len(content)

    @asynccontextmanager
    async def open(self, key: BlobKey, *, offset: int = 0, length: int | None = None) -> AsyncIterator[OpenBlob]:
        self._step("open")
        content = self._content(key)
        end = len(content) if length is None else offset + length
        self.reading += 1
        try:
            yield OpenBlob(byte_size=len(content), chunks=self._chunks(key, content[offset:end]))
        finally:
            self.reading -= 1

    async def mend(self, key: BlobKey, chunks: AsyncIterable[bytes], *, byte_size: int, sha256: bytes) -> None:
        self._step("mend")
        blob_key(key)
        self.blobs[key] = await _gathered(verified(chunks, byte_size=byte_size, sha256=sha256), None)
        self.unreadable.discard(key)

    async def head(self, key: BlobKey) -> BlobInfo:
        self._step("head")
        return BlobInfo(key=key, byte_size=len(self._content(key)), modified_at=self.modified.get(key, self.now))

    async def delete(self, key: BlobKey) -> None:
        self._step("delete")
        self.blobs.pop(blob_key(key), None)

    async def list(self, prefix: str, *, after: str = "") -> AsyncIterator[BlobInfo]:
        self._step("list")
        for key in sorted(key for key in self.blobs if key.startswith(prefix) and key > after):
            if key in self.blobs:  # still
                yield BlobInfo(key=key, byte_size=len(self.blobs[key]), modified_at=self.modified.get(key, self.now))

    async def start(self, key: BlobKey) -> MultipartId:
        self._step("start")
        multipart_id = MultipartId(f"multipart-{len(self.multiparts) + 1}-{id(self):x}")
        self.multiparts[multipart_id] = FakeMultipart(blob_key(key), self.now)
        return multipart_id

    async def put_part(
        self, key: BlobKey, multipart_id: MultipartId, *, number: int, chunks: AsyncIterable[bytes], length: int
    ) -> StoredPart:
        self._step("put_part")
        multipart = self._multipart(key, multipart_id)
        if not 1 <= number <= MAX_PARTS:
            raise PartsMismatch(f"part {number}")
        content = await _gathered(chunks, length)
        if len(content) != length:
            raise BlobLengthMismatch(f"{len(content)} bytes instead of {length}")
        part = StoredPart(number=number, byte_size=length, etag=sha256_of(content).hexdigest()[:32])
        multipart.parts[number] = (part, content)
        return part

    async def parts(self, key: BlobKey, multipart_id: MultipartId) -> Sequence[StoredPart]:
        self._step("parts")
        return [part for _, (part, _) in sorted(self._multipart(key, multipart_id).parts.items())]

    async def complete(self, key: BlobKey, multipart_id: MultipartId, parts: Sequence[StoredPart]) -> None:
        self._step("complete")
        arrived = self._multipart(key, multipart_id).parts
        ordered = sorted(parts, key=lambda part: part.number)
        if not ordered or any(part.number not in arrived or arrived[part.number][0] != part for part in ordered):
            raise PartsMismatch("other parts arrived")
        if any(part.byte_size < MIN_PART_BYTES for part in ordered[:-1]):
            raise PartsMismatch("a part is too small")
        self._keep(key, b"".join(arrived[part.number][1] for part in ordered))
        del self.multiparts[multipart_id]

    async def abort(self, key: BlobKey, multipart_id: MultipartId) -> None:
        self._step("abort")
        if multipart_id in self.multiparts and self.multiparts[multipart_id].key == blob_key(key):
            del self.multiparts[multipart_id]

    async def pending(self, prefix: str) -> AsyncIterator[PendingMultipart]:
        self._step("pending")
        for multipart_id, found in list(self.multiparts.items()):
            if found.key.startswith(prefix):
                yield PendingMultipart(key=found.key, multipart_id=multipart_id, started_at=found.started_at)

    def sign_get(self, key: BlobKey, *, expires_in: int, content_type: str, content_disposition: str) -> SignedRequest:
        grant = BlobGrant(
            kind=GrantKind.GET,
            key=blob_key(key),
            content_type=content_type,
            content_disposition=content_disposition,
        )
        return self._sign("GET", grant, expires_in, {})

    def sign_put(
        self, key: BlobKey, *, expires_in: int, byte_size: int, content_type: str, sha256: bytes | None = None
    ) -> SignedRequest:
        grant = BlobGrant(
            kind=GrantKind.PUT, key=blob_key(key), content_type=content_type, byte_size=byte_size, sha256=sha256
        )
        headers = {"content-length": str(byte_size), "content-type": content_type}
        return self._sign("PUT", grant, expires_in, headers)

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
        grant = BlobGrant(kind=GrantKind.PUT_PART, key=blob_key(key), byte_size=byte_size, sha256=sha256)
        grant = replace(grant, multipart_id=multipart_id, part_number=number)
        return self._sign("PUT", grant, expires_in, {"content-length": str(byte_size)})

    def verify(
        self, *, method: str, key: str, query: Sequence[tuple[str, str]], headers: Mapping[str, str]
    ) -> BlobGrant:
        signed = self.grants.get(dict(query).get("grant", ""))
        if signed is None or (signed.grant.key, signed.request.method) != (key, method.replace("HEAD", "GET")):
            raise SignatureInvalid("nothing was signed for this request")
        if self.now >= signed.expires_at:
            raise SignatureExpired("expired")
        grant = signed.grant
        if grant.byte_size is not None and int(headers["content-length"]) > grant.byte_size:
            raise BlobTooLong(f"{grant.byte_size} bytes were signed")
        if any(headers.get(name) != value for name, value in signed.request.headers.items()):
            raise SignedHeaderMismatch("a header is not the signed one")
        return grant

    def _sign(self, method: str, grant: BlobGrant, expires_in: int, headers: Mapping[str, str]) -> SignedRequest:
        name = str(len(self.grants) + 1)
        url = f"{self._base_url}/blobs/{quote(grant.key)}?grant={name}"
        request = SignedRequest(method=method, url=url, headers=headers)
        self.grants[name] = FakeSigned(request, grant, self.now + timedelta(seconds=expires_in))
        return request

    def _keep(self, key: BlobKey, content: bytes) -> None:
        if key in self.blobs:
            raise BlobExists(f"blob {key}")
        self.blobs[key] = content

    def _content(self, key: BlobKey) -> bytes:
        if blob_key(key) not in self.blobs:
            raise BlobNotFound(f"blob {key}")
        return self.blobs[key]

    def _multipart(self, key: BlobKey, multipart_id: MultipartId) -> FakeMultipart:
        found = self.multiparts.get(multipart_id)
        if found is None or found.key != blob_key(key):
            raise MultipartNotFound(f"multipart upload {multipart_id}")
        return found

    async def _chunks(self, key: BlobKey, content: bytes) -> AsyncIterator[bytes]:
        sent = 0
        while sent < len(content):
            if key in self.unreadable:
                raise BlobStoreUnavailable("the fake cannot read this one")
            if self.break_after is not None and sent >= self.break_after:
                raise BlobStoreUnavailable("the fake broke off, as told")
            size = CHUNK_BYTES if self.break_after is None else min(CHUNK_BYTES, self.break_after - sent)
            yield content[sent : sent + size]
            sent += size

    def _step(self, name: str) -> None:
        if name in self.failing:
            raise BlobStoreUnavailable(f"the fake fails at {name}, as told")


async def _gathered(chunks: AsyncIterable[bytes], at_most: int | None) -> bytes:
    content = bytearray()
    async for chunk in chunks:
        content += chunk
        if at_most is not None and len(content) > at_most:
            raise BlobLengthMismatch(f"more than {at_most} bytes")
    return bytes(content)
