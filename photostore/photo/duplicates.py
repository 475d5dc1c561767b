"""Photos that show the same picture: what is read of them, and when two pictures count as one.

A group is led by its oldest photo: all others in it are near that one. So nobody is led from picture to picture to one that
is quite another, as chains of neighbours would (the frames of a film, say). Oldest first, a photo joins the oldest leader
that it is near, and leads a group of its own where there is none.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from photostore.photo.picture import Fingerprint
from photostore.photo.queries import PhotoView
from photostore.shared.errors import Unavailable
from photostore.shared.ids import PhotoId, UserId

# In bits of 64. Copies that were recompressed or made smaller stay within four; beyond seven others come in, and no index
# over bands of sixteen bits finds every pair.
DEFAULT_DISTANCE = 4
LARGEST_DISTANCE = 7
# A page tells no more than so many photos of a group, and its groups no more than so many together: what it costs has a
# bound in any library. A group alone on its page may be as large as a group may.
PHOTOS_TOLD = 100
PHOTOS_A_PAGE = 1000
# The hash of a picture that shows anything has half of its bits set. With fewer than these set, or clear, it is the hash of
# a plain colour or a soft shade, and near those of all others of that kind, however they look.
TELLING_BITS = 8

_HASH_BITS = 64
_HASH = (1 << _HASH_BITS) - 1


class DuplicatesBusy(Unavailable):
    """Libraries are searched one after another, and those before this one take long."""

    title = "Other libraries are being searched for duplicates."


class DuplicateKind(StrEnum):
    """Whether all photos of a group have the same pixels, or some only look alike."""

    SAME_PIXELS = "same_pixels"
    NEAR = "near"


@dataclass(slots=True)
class DuplicateView:
    """A photo beside another: `distance` is how many bits of their perceptual hashes differ, 0 for the same pixels."""

    photo: PhotoView
    distance: int
    same_pixels: bool


@dataclass(slots=True)
class DuplicateGroup:
    """`photos` are the first `PHOTOS_TOLD` of `photo_count`, oldest first; `distance` is the largest of all to the first."""

    kind: DuplicateKind
    distance: int
    photo_count: int
    photos: Sequence[DuplicateView]


@dataclass(slots=True)
class FoundPhoto:
    """As in `DuplicateView`, before the photo itself is read."""

    photo_id: UUID
    distance: int
    same_pixels: bool


@dataclass(slots=True)
class FoundGroup:
    """As in `DuplicateGroup`; `same_pixels` when all of `photo_count` have them."""

    photos: Sequence[FoundPhoto]
    photo_count: int
    distance: int
    same_pixels: bool


@dataclass(slots=True)
class DuplicatePage:
    """`next` is the first photo of the last group, where to go on, or `None` at the end. A page can be short and still have
    a next one: large groups make it so."""

    items: Sequence[DuplicateGroup]
    next: PhotoId | None


class DuplicateQueries(Protocol):
    """`distance` is from 0 to `LARGEST_DISTANCE`; 0 finds the same pixels and equal hashes. Photos that are not decoded
    have no duplicates."""

    @abstractmethod
    async def groups(self, owner: UserId, *, distance: int, after: PhotoId | None, limit: int) -> DuplicatePage:
        """The group that was begun last comes first; `after` is the first photo of the group before.

        Where so many photos are alike that to compare them all would take too long, the youngest are in a group only with
        those that have an equal hash, or the same pixels. Raise `DuplicatesBusy` when other libraries take too long.
        """

    @abstractmethod
    async def of_photo(self, photo_id: PhotoId, *, owner: UserId, distance: int) -> Sequence[DuplicateView]:
        """All that are near this one, whatever groups they are in: nearest first, then oldest, at most `PHOTOS_TOLD`.

        Raise `PhotoNotFound` when it is absent or someone else's.
        """


def is_flat(perceptual: int) -> bool:
    """Whether the hash says too little: then the photo is the duplicate only of those with the same pixels."""
    bits = (perceptual & _HASH).bit_count()
    return not TELLING_BITS <= bits <= _HASH_BITS - TELLING_BITS


def bits_apart(one: int, other: int) -> int:
    """How many bits differ, whether the hashes are written as signed numbers or not."""
    return ((one ^ other) & _HASH).bit_count()


def distance_between(one: Fingerprint, other: Fingerprint) -> int | None:
    """`None` where nothing can be said: the pixels differ, and a hash says too little."""
    if one.pixels == other.pixels:
        return 0
    if is_flat(one.perceptual) or is_flat(other.perceptual):
        return None
    return bits_apart(one.perceptual, other.perceptual)
