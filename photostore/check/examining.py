"""One photo, looked at closely: what listings and rows said of it may be over by the time they are compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from photostore.check.finding import Finding, Kind
from photostore.check.pace import Pace, Unhurried
from photostore.check.ports import MadePicture, PhotoOnFile, PhotosOnFile
from photostore.photo.picture import LOST, Failure
from photostore.shared.blobs import BlobKey, BlobNotFound, BlobStore, BlobStoreUnavailable

Sizes = Mapping[str, int | None]
_UNHURRIED = Unhurried()
# What stands for the digest of bytes that the store has and cannot give: a disk with a bad sector.
UNREADABLE = b""
CANNOT_BE_READ = "bytes that cannot be read"


@dataclass(frozen=True, slots=True)
class Examiner:
    """The store is asked first and the rows after it: bytes come before their row and go after it, so what a row that is still
    there names, and the store did not have, is missing."""

    photos: PhotosOnFile
    blobs: BlobStore

    async def __call__(self, photo: PhotoOnFile) -> Sequence[Finding]:
        """What is wrong with its bytes, as far as their sizes tell; nothing when it is gone."""
        sizes = {key: await self._size(key) for key in _keys_of(photo)}
        digest = None
        if photo.failure in LOST and sizes[photo.blob_key] == photo.byte_size:
            digest = await self.digest(photo)
        fresh = await self.photos.get(photo.id, owner=photo.owner_id)
        if fresh is None:
            return []
        return [*_of_original(fresh, sizes, digest), *_of_made(fresh, sizes)]

    async def bytes_of(self, photo: PhotoOnFile, pace: Pace = _UNHURRIED) -> Sequence[Finding]:
        """Whether its original's digest is what it was; nothing when it is gone, or not there to be read, or when the owner has
        been told: then looking at its size has looked at this, too."""
        if photo.failure in LOST:
            return []
        digest = await self.digest(photo, pace)
        if digest in (None, photo.sha256):
            return []
        fresh = await self.photos.get(photo.id, owner=photo.owner_id)
        return [] if fresh is None else _of_original(fresh, {fresh.blob_key: fresh.byte_size}, digest)

    async def digest(self, photo: PhotoOnFile, pace: Pace = _UNHURRIED) -> bytes | None:
        """Of the whole original; `None` when it is not there, or not as long as it should be, `UNREADABLE` when it alone cannot
        be read, tried twice. Raise `BlobStoreUnavailable` when the store does not even know of it."""
        try:
            return await self._digest(photo, pace)
        except BlobStoreUnavailable:
            await self._size(photo.blob_key)
        try:
            return await self._digest(photo, pace)
        except BlobStoreUnavailable:
            await self._size(photo.blob_key)
            return UNREADABLE

    async def _digest(self, photo: PhotoOnFile, pace: Pace) -> bytes | None:
        told = sha256()
        try:
            async with self.blobs.open(BlobKey(photo.blob_key)) as blob:
                if blob.byte_size != photo.byte_size:
                    return None
                async for chunk in blob.chunks:
                    told.update(chunk)
                    await pace.read(len(chunk))
        except BlobNotFound:
            return None
        return told.digest()

    async def _size(self, key: str) -> int | None:
        try:
            return (await self.blobs.head(BlobKey(key))).byte_size
        except BlobNotFound:
            return None


def _keys_of(photo: PhotoOnFile) -> Iterable[str]:
    return [photo.blob_key, *(each["blob_key"] for each in (*photo.renditions, *photo.images))]


def _of_original(photo: PhotoOnFile, sizes: Sizes, digest: bytes | None) -> list[Finding]:
    """Without a digest the size alone counts, but it takes no mark away."""
    size = sizes.get(photo.blob_key)
    if size is None:
        return [_finding(Kind.ORIGINAL_MISSING, photo, photo.blob_key, f"{photo.byte_size} bytes", "nothing")]
    if size != photo.byte_size:
        return [_finding(Kind.ORIGINAL_SIZE, photo, photo.blob_key, f"{photo.byte_size} bytes", f"{size} bytes")]
    if digest is None:
        return []
    if digest != photo.sha256:
        told = f"SHA-256 {digest.hex()}" if digest != UNREADABLE else CANNOT_BE_READ
        return [_finding(Kind.ORIGINAL_DAMAGED, photo, photo.blob_key, f"SHA-256 {photo.sha256.hex()}", told)]
    if photo.failure in LOST:
        return [_finding(Kind.ORIGINAL_RECOVERED, photo, photo.blob_key, "no failure", str(photo.failure))]
    return []


def _of_made(photo: PhotoOnFile, sizes: Sizes) -> list[Finding]:
    return [
        *_lacking(photo, photo.renditions, sizes, Kind.RENDITION_MISSING, Kind.RENDITION_SIZE),
        *_lacking(photo, photo.images, sizes, Kind.IMAGE_MISSING, Kind.IMAGE_SIZE),
    ]


def _lacking(
    photo: PhotoOnFile, named: Sequence[MadePicture], sizes: Sizes, missing: Kind, wrong: Kind
) -> Iterable[Finding]:
    for each in named:
        key, expected = each["blob_key"], each["byte_size"]
        # One that was made meanwhile was not asked for.
        size = sizes.get(key, expected)
        if size is None:
            yield _finding(missing, photo, key, f"{expected} bytes", "nothing")
        elif size != expected:
            yield _finding(wrong, photo, key, f"{expected} bytes", f"{size} bytes")


def _finding(kind: Kind, photo: PhotoOnFile, key: str, expected: str, found: str) -> Finding:
    return Finding(kind=kind, owner_id=photo.owner_id, id=photo.id, key=key, expected=expected, found=found)


def failure_of(kind: Kind) -> Failure:
    """What the owner is told of an original that is not as it was."""
    return Failure.ORIGINAL_MISSING if kind is Kind.ORIGINAL_MISSING else Failure.ORIGINAL_DAMAGED
