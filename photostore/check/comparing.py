"""Rows and what the store lists, side by side in the order of the keys: nothing is asked for one by one."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from photostore.check.ports import MadePicture, PhotoOnFile
from photostore.photo.picture import LOST
from photostore.photo.renditions import ORIGINALS, RENDITIONS, rendition_folder
from photostore.shared.blobs import BlobInfo, BlobKey, BlobStore

# Behind every key that begins with what stands before it.
_LAST = "~"


@dataclass(slots=True)
class Compared:
    """Photos that look as if something was wrong with their bytes, and old blobs that look as if they were nobody's."""

    suspects: list[PhotoOnFile] = field(default_factory=list)
    strays: list[BlobKey] = field(default_factory=list)


class Comparison:
    """`before` is how old a blob must be to be suspected: the row of a younger one may be on its way."""

    def __init__(self, blobs: BlobStore, *, after: str, before: datetime) -> None:
        made_after = rendition_folder(BlobKey(after)) + _LAST if after else ""
        self._originals = _Listing(blobs.list(ORIGINALS, after=after), before)
        self._made = _Listing(blobs.list(RENDITIONS, after=made_after), before)

    async def with_photos(self, photos: Sequence[PhotoOnFile]) -> Compared:
        """The next ones by key, without a gap."""
        found = Compared()
        for photo in photos:
            size = await self._originals.size_of(photo.blob_key, found.strays)
            made = await self._made.sizes_under(rendition_folder(BlobKey(photo.blob_key)), found.strays)
            if size != photo.byte_size or photo.failure in LOST or not _are_there(photo, made):
                found.suspects.append(photo)
        return found

    async def rest(self, limit: int) -> AsyncIterator[Compared]:
        """What the store lists behind the last photo, so many blobs at a time."""
        for listing in (self._originals, self._made):
            while strays := await listing.next_strays(limit):
                yield Compared(strays=strays)


def _are_there(photo: PhotoOnFile, made: dict[str, int]) -> bool:
    return _lie_in(made, photo.renditions) and _lie_in(made, photo.images)


def _lie_in(made: dict[str, int], named: Sequence[MadePicture]) -> bool:
    return all(made.get(each["blob_key"]) == each["byte_size"] for each in named)


class _Listing:
    """One blob ahead."""

    def __init__(self, blobs: AsyncIterator[BlobInfo], before: datetime) -> None:
        self._blobs = blobs
        self._before = before
        self._next: BlobInfo | None = None
        self._begun = False

    async def size_of(self, key: str, strays: list[BlobKey]) -> int | None:
        """`None` when it is not listed. What is passed over is a stray."""
        await self._pass_to(key, strays)
        if self._next is None or self._next.key != key:
            return None
        size = self._next.byte_size
        await self._go_on()
        return size

    async def sizes_under(self, folder: str, strays: list[BlobKey]) -> dict[str, int]:
        await self._pass_to(folder, strays)
        sizes = dict[str, int]()
        while self._next is not None and self._next.key.startswith(folder):
            sizes[self._next.key] = self._next.byte_size
            await self._go_on()
        return sizes

    async def next_strays(self, limit: int) -> list[BlobKey]:
        strays = list[BlobKey]()
        await self._begin()
        while self._next is not None and len(strays) < limit:
            self._suspect(self._next, strays)
            await self._go_on()
        return strays

    async def _pass_to(self, key: str, strays: list[BlobKey]) -> None:
        await self._begin()
        while self._next is not None and self._next.key < key:
            self._suspect(self._next, strays)
            await self._go_on()

    def _suspect(self, blob: BlobInfo, strays: list[BlobKey]) -> None:
        if blob.modified_at < self._before:
            strays.append(blob.key)

    async def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            await self._go_on()

    async def _go_on(self) -> None:
        self._next = await anext(self._blobs, None)
