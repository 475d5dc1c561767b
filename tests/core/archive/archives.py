"""Archives of made-up photos, and short ways of reading them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from photostore.archive.originals import originals, planned
from photostore.archive.queries import ArchivedPhoto
from photostore.archive.reading import ArchiveReading
from photostore.shared.blobs import BlobKey
from tests.builders import a_photo_id, a_user_id
from tests.fakes.blob_store import FakeBlobStore
from tests.fakes.system import NOW


def an_archived_photo(
    filename: str = "a.jpg",
    *,
    byte_size: int = 10,
    key: str = "originals/a",
    taken_at: datetime | None = None,
    offset_minutes: int | None = None,
    crc32: int | None = None,
) -> ArchivedPhoto:
    return ArchivedPhoto(
        owner_id=a_user_id(),
        id=a_photo_id(),
        filename=filename,
        content_type="image/jpeg",
        byte_size=byte_size,
        blob_key=key,
        taken_at=taken_at,
        taken_at_offset_minutes=offset_minutes,
        created_at=NOW,
        crc32=crc32,
    )


def in_store(blobs: FakeBlobStore, contents: Sequence[bytes], **told: Any) -> list[ArchivedPhoto]:
    """Photos of these contents, which lie in the store."""
    photos = []
    for number, content in enumerate(contents):
        key = BlobKey(f"originals/{len(blobs.blobs)}")
        blobs.blobs[key] = content
        photos.append(an_archived_photo(f"photo-{number}.jpg", byte_size=len(content), key=key, **told))
    return photos


@dataclass
class Archive:
    """An archive of originals; each `content` is a reading of its own. `learned` is what CRC-32 they found out."""

    blobs: FakeBlobStore
    photos: Sequence[ArchivedPhoto]
    learned: dict[int, int] = field(default_factory=dict)
    opened: list[tuple[int, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.plan = planned(self.photos).plan
        self._open = originals(self.blobs, self.photos)

    async def content(self, start: int = 0, end: int | None = None) -> bytes:
        found = b""
        async with aclosing(self.reading().chunks(start, self.plan.byte_size if end is None else end)) as chunks:
            async for chunk in chunks:
                found += chunk
        return found

    def reading(self) -> ArchiveReading:
        checksums = [each.crc32 for each in self.photos]
        return ArchiveReading(self.plan, self._opening, checksums=checksums, learned=self._learn)

    def _opening(self, number: int, offset: int, length: int) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        self.opened.append((number, offset, length))
        return self._open(number, offset, length)

    async def _learn(self, number: int, crc32: int) -> None:
        self.learned[number] = crc32


@asynccontextmanager
async def chunks_of(*chunks: bytes) -> AsyncIterator[AsyncIterator[bytes]]:
    yield _each(chunks)


async def _each(chunks: Sequence[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
