"""The groups of a library, made in memory of its fingerprints. Numpy: see `near_hashes.py`."""

from bisect import bisect_left
from uuid import UUID

import numpy as np
import numpy.typing as npt

from photostore.photo.duplicates import PHOTOS_A_PAGE, PHOTOS_TOLD, TELLING_BITS, FoundGroup, FoundPhoto
from photostore_adapters.postgres.near_hashes import MOST_WORK, Hashes, Places, Work, leaders

# As the statement that reads them writes them. Of the digest of the pixels the first eight bytes are enough to tell apart
# the pictures of one library.
_PHOTO = np.dtype([("id", "V16"), ("pixels", ">u8"), ("perceptual", ">u8")])


class GroupedLibrary:
    """Photos are known by their places, which are in the order of their age. `packed` holds those of one owner, so sorted.

    When comparing them takes more than `most_work`, the youngest lead only those with equal hashes or the same pixels, and
    `in_part` is true.
    """

    def __init__(self, packed: bytes, distance: int, *, most_work: int = MOST_WORK) -> None:
        photos = np.frombuffer(packed, _PHOTO)
        self._packed = packed
        self._work = Work(most_work)
        self._pixels, told = _numbered(photos["pixels"].astype(np.uint64))
        # Equal pixels have equal hashes. Should two machines round one differently, that of the oldest counts.
        self._hashes: Hashes = photos["perceptual"].astype(np.uint64)[told[self._pixels]]
        led = self._led(told, distance)
        self._by_leader = np.argsort(led, kind="stable")
        self._leaders_in_order = led[self._by_leader]
        self._first = np.flatnonzero(np.bincount(led) > 1)

    @property
    def in_part(self) -> bool:
        return self._work.exhausted

    @property
    def byte_size(self) -> int:
        """What it takes to keep."""
        arrays = (self._pixels, self._hashes, self._by_leader, self._leaders_in_order, self._first)
        return len(self._packed) + sum(array.nbytes for array in arrays)

    def page(self, *, after: UUID | None, limit: int) -> tuple[list[FoundGroup], bool]:
        """At most `limit` groups, the newest first, and whether there are more."""
        first = self._first_photos(before=after)
        page: list[FoundGroup] = []
        told = 0
        for leader in first[:limit]:
            group = self._group(int(leader))
            told += len(group.photos)
            if page and told > PHOTOS_A_PAGE:
                break
            page.append(group)
        return page, len(page) < len(first)

    def _first_photos(self, *, before: UUID | None) -> Places:
        first = self._first
        if before is not None:
            first = first[: np.searchsorted(first, bisect_left(range(len(self._hashes)), before.bytes, key=self._id))]
        return first[::-1]

    def _group(self, first: int) -> FoundGroup:
        start, end = np.searchsorted(self._leaders_in_order, [first, first + 1])
        members = self._by_leader[start:end]
        same = self._pixels[members] == self._pixels[first]
        distances = np.where(same, 0, np.bitwise_count(self._hashes[members] ^ self._hashes[first]))
        told = zip(members[:PHOTOS_TOLD].tolist(), distances.tolist(), same.tolist(), strict=False)
        return FoundGroup(
            photos=[FoundPhoto(UUID(bytes=self._id(place)), distance, alike) for place, distance, alike in told],
            photo_count=len(members),
            distance=int(distances.max()),
            same_pixels=bool(same.all()),
        )

    def _id(self, place: int) -> bytes:
        start = place * _PHOTO.itemsize
        return self._packed[start : start + 16]

    def _led(self, oldest: Places, distance: int) -> Places:
        """The leader of each photo. Equal pictures are one to whoever compares: the oldest of them stands for all."""
        bits = np.bitwise_count(self._hashes[oldest])
        telling = (bits >= TELLING_BITS) & (bits <= 64 - TELLING_BITS)
        led = oldest.copy()
        pictures = oldest[telling]
        same, first = _numbered(self._hashes[pictures])
        distinct = pictures[first]
        led[telling] = distinct[leaders(self._hashes[distinct], distance, self._work)][same]
        return led[self._pixels]


def _numbered(values: npt.NDArray[np.uint64]) -> tuple[Places, Places]:
    """Which of the distinct values each is, these numbered by their first places; and those places."""
    _, first, numbers = np.unique(values, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank[numbers], first[order]
