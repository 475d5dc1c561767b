"""What has arrived in the store of an upload: asked of the store, never of the client."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from photostore.shared.blobs import (
    BlobExists,
    BlobNotFound,
    BlobStore,
    MultipartBlobStore,
    MultipartNotFound,
    PartsMismatch,
    StoredPart,
)
from photostore.shared.errors import FieldError
from photostore.upload.errors import ChecksumMismatch, UploadIncomplete
from photostore.upload.received import HEAD_SIZE, StoredBytes
from photostore.upload.upload import Upload

# A smaller piece is hashed sooner than it is handed to a thread.
_SMALL_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Arrival:
    """Looks at the store on behalf of one upload. Any method may raise `BlobStoreUnavailable`."""

    blobs: BlobStore
    multiparts: MultipartBlobStore

    async def received(self, upload: Upload) -> set[int]:
        """The numbers of the parts that lie in the store as they should be."""
        stored = await self.parts(upload)
        if stored is not None:
            return {part.number for part in stored}
        try:
            await self.blobs.head(upload.blob_key)
        except BlobNotFound:
            return set()
        return {part.number for part in upload.parts}

    async def join(self, upload: Upload) -> None:
        """Make one blob of the parts, where there are some. Raise `UploadIncomplete`. Said again it does nothing."""
        stored = await self.parts(upload)
        if stored is None or upload.multipart_id is None:
            return
        there = {part.number for part in stored}
        missing = [part.number for part in upload.parts if part.number not in there]
        if missing:
            listed = ", ".join(map(str, missing[:20]))
            raise UploadIncomplete(f"{len(missing)} of {len(upload.parts)} parts are missing: {listed}.")
        # Someone else may have joined them before: what stands under the key then is what counts.
        try:
            with suppress(MultipartNotFound):
                await self.multiparts.complete(upload.blob_key, upload.multipart_id, stored)
        except BlobExists:
            # Who died between joining and clearing up left the parts, and no sweep takes those of a photo's key.
            await self.multiparts.abort(upload.blob_key, upload.multipart_id)
        except PartsMismatch:
            raise UploadIncomplete("A part was replaced while they were joined.") from None

    async def look(self, upload: Upload) -> StoredBytes:
        """The blob, with its head. Raise `UploadIncomplete` when it is not there, `ChecksumMismatch` for another size."""
        try:
            async with self.blobs.open(upload.blob_key, length=HEAD_SIZE) as blob:
                head, byte_size = b"".join([chunk async for chunk in blob.chunks]), blob.byte_size
        except BlobNotFound:
            raise UploadIncomplete("The bytes have not arrived.") from None
        if byte_size != upload.byte_size:
            message = f"{byte_size} bytes arrived"
            raise ChecksumMismatch("The file is not the one declared.", errors=[FieldError("byte_size", message)])
        return StoredBytes(self.blobs, upload.blob_key, byte_size=byte_size, head=head)

    async def digests(self, upload: Upload) -> AsyncIterator[bytes | None]:
        """Reads all of it: `None` for each piece, at the end the SHA-256. Whoever reads can do something in between."""
        digest = sha256()
        async with self.blobs.open(upload.blob_key) as blob:
            async for chunk in blob.chunks:
                if len(chunk) < _SMALL_CHUNK:
                    digest.update(chunk)
                else:
                    await asyncio.to_thread(digest.update, chunk)
                yield None
        yield digest.digest()

    async def parts(self, upload: Upload) -> list[StoredPart] | None:
        """Those in the store of the right size; `None` when there are no parts: never were, or they are joined or given up."""
        if upload.multipart_id is None:
            return None
        try:
            stored = await self.multiparts.parts(upload.blob_key, upload.multipart_id)
        except MultipartNotFound:
            return None
        sizes = {part.number: part.byte_size for part in upload.parts}
        return [part for part in stored if sizes.get(part.number) == part.byte_size]
