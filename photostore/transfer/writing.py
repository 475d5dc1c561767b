"""Writing the files of an export: only those that are missing, or are not as they should be."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from photostore.photo.queries import PhotoView
from photostore.shared.blobs import BlobKey, BlobStore
from photostore.transfer.errors import OriginalDamaged
from photostore.transfer.layout import SIDECAR, XMP, photo_path
from photostore.transfer.ports import ExportedFile, ExportIndex, ExportTarget
from photostore.transfer.steady import steady_chunks

OWNER, ALBUM, PHOTO = "owner", "album", "photo"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportWriter:
    """Where an export goes."""

    target: ExportTarget
    index: ExportIndex

    async def place(self, kind: str, id: UUID, *, owner: UUID, wanted: str) -> str:
        """Where it lies from now on. What was written of it before comes along."""
        place = self.index.settle(kind, id, owner=owner, wanted=wanted)
        if place.before is not None:
            for ending in ("", SIDECAR, XMP):
                await self._move(place.before + ending, place.path + ending)
        return place.path

    async def place_photo(self, photo: PhotoView, folder: str) -> str:
        return await self.place(PHOTO, photo.id, owner=photo.owner_id, wanted=photo_path(folder, photo))

    async def say(self, kind: str, id: UUID, path: str, content: bytes, *, modified_at: datetime) -> bool:
        """Whether it had to be written."""
        file = ExportedFile(path, sha256(content).digest(), len(content))
        if await self._holds(file):
            return False

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        await self.target.write(path, chunks(), byte_size=len(content), modified_at=modified_at)
        self.index.keep(kind, id, file)
        return True

    async def original(self, photo: PhotoView, path: str, blobs: BlobStore) -> bool:
        """Whether it had to be written. Raise `OriginalDamaged`, `BlobNotFound` or `BlobStoreUnavailable`."""
        if await self._holds(ExportedFile(path, photo.sha256, photo.byte_size)):
            return False
        self.index.forget(path)
        digest = sha256()

        async def chunks() -> AsyncIterator[bytes]:
            async for chunk in steady_chunks(blobs, BlobKey(photo.blob_key), photo.byte_size):
                digest.update(chunk)
                yield chunk
            if digest.digest() != photo.sha256 and self.target.takes_back:
                raise _damaged()

        moment = modified_at(photo)
        await self.target.write(path, chunks(), byte_size=photo.byte_size, modified_at=moment)
        self.index.keep(PHOTO, photo.id, ExportedFile(path, digest.digest(), photo.byte_size))
        if digest.digest() != photo.sha256:
            raise _damaged()  # a stream has it now, and says what it really is
        return True

    async def keeps(self, path: str) -> bool:
        """Whether an original is there after all; where it is not, nothing is left that was said of it."""
        if self.index.file(path) is not None:
            return True
        for ending in ("", SIDECAR, XMP):
            await self.target.remove(path + ending)
            self.index.forget(path + ending)
        return False

    async def _holds(self, file: ExportedFile) -> bool:
        return self.index.file(file.path) == file and await self.target.holds(file)

    async def _move(self, before: str, path: str) -> None:
        if self.index.file(before) is None:
            return
        if await self.target.move(before, path):
            self.index.moved(before, path)
        else:
            self.index.forget(before)


def modified_at(photo: PhotoView) -> datetime:
    """What files of the photo tell as their time: when it was taken, where that is known."""
    return max(photo.taken_at or photo.created_at, datetime(1970, 1, 1, tzinfo=UTC))


def _damaged() -> OriginalDamaged:
    return OriginalDamaged("The store holds other bytes of it than were uploaded: `photostore fsck` tells more.")
