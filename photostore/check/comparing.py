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
# So many blobs of a listing are held at a time.
_AHEAD = 500


@dataclass(slots=True)
class Compared:
    """Photos that look as if something was wrong with their bytes, and old blobs that look as if they were nobody's. `complete`
    is whether all that was to be compared has been."""

    suspects: list[PhotoOnFile] = field(default_factory=list)
    strays: list[BlobKey] = field(default_factory=list)
    complete: bool = False


class Comparison:
    """`before` is how old a blob must be to be suspected: the row of a younger one may be on its way. Strays are told when
    they are `many`, since there can be more of them than there are photos."""

    def __init__(self, blobs: BlobStore, *, after: str, before: datetime, many: int) -> None:
        made_after = rendition_folder(BlobKey(after)) + _LAST if after else ""
        self._originals = _Listing(blobs.list(ORIGINALS, after=after), before)
        self._made = _Listing(blobs.list(RENDITIONS, after=made_after), before)
        self._many = many

    async def with_photos(self, photos: Sequence[PhotoOnFile]) -> AsyncIterator[Compared]:
        """The next ones by key, without a gap."""
        found = Compared()
        for photo in photos:
            folder = rendition_folder(BlobKey(photo.blob_key))
            for listing, key in ((self._originals, photo.blob_key), (self._made, folder)):
                while not await listing.reaches(key, found.strays, self._many):
                    yield found
                    found = Compared()
            size = await self._originals.size_of(photo.blob_key)
            made = await self._made.sizes_under(folder)
            if size != photo.byte_size or photo.failure in LOST or not _are_there(photo, made):
                found.suspects.append(photo)
        found.complete = True
        yield found

    async def rest(self) -> AsyncIterator[Compared]:
        """What the store lists behind the last photo."""
        for listing in (self._originals, self._made):
            done = False
            while not done:
                found = Compared()
                done = await listing.reaches(_LAST, found.strays, self._many)
                yield found


def _are_there(photo: PhotoOnFile, made: dict[str, int]) -> bool:
    return _lie_in(made, photo.renditions) and _lie_in(made, photo.images)


def _lie_in(made: dict[str, int], named: Sequence[MadePicture]) -> bool:
    # Written out, as it is done for each of millions.
    for each in named:  # noqa: SIM110
        if made.get(each["blob_key"]) != each["byte_size"]:
            return False
    return True


class _Listing:
    """Some blobs ahead, the next one last."""

    def __init__(self, blobs: AsyncIterator[BlobInfo], before: datetime) -> None:
        self._blobs = blobs
        self._before = before
        self._ahead: list[BlobInfo] = []

    async def reaches(self, key: str, strays: list[BlobKey], many: int) -> bool:
        """Pass over what stands before `key`: strays, where it is old. Stop when they are `many`, and answer `False`."""
        while (self._ahead or await self._read_on()) and self._ahead[-1].key < key:
            if len(strays) >= many:
                return False
            blob = self._ahead.pop()
            if blob.modified_at < self._before:
                strays.append(blob.key)
        return True

    async def size_of(self, key: str) -> int | None:
        """Of the next one, if it is this; `None` when it is not listed."""
        if (self._ahead or await self._read_on()) and self._ahead[-1].key == key:
            return self._ahead.pop().byte_size
        return None

    async def sizes_under(self, folder: str) -> dict[str, int]:
        """Of the next ones, as far as they are in it."""
        sizes = dict[str, int]()
        while (self._ahead or await self._read_on()) and self._ahead[-1].key.startswith(folder):
            blob = self._ahead.pop()
            sizes[blob.key] = blob.byte_size
        return sizes

    async def _read_on(self) -> bool:
        """Whether there are more."""
        read = list[BlobInfo]()
        async for blob in self._blobs:
            read.append(blob)
            if len(read) >= _AHEAD:
                break
        read.reverse()
        self._ahead = read
        return bool(read)
