"""What the service has acknowledged to one of its users, and therefore owes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Literal

State = Literal["kept", "trashed", "deleted"]


@dataclass(slots=True, eq=False)
class Kept:
    """One photo, as it was last acknowledged. `status` is what decoding must come to."""

    id: str
    sha256: str
    byte_size: int
    status: str
    state: State = "kept"
    title: str | None = None


@dataclass(slots=True, eq=False)
class Collected:
    """An album, and the photos in it."""

    id: str
    name: str
    photos: set[str] = field(default_factory=set)
    deleted: bool = False


@dataclass(slots=True)
class Ledger:
    """What is `taken` is being changed, and left alone by others."""

    random: Random
    photos: dict[str, Kept] = field(default_factory=dict)
    albums: dict[str, Collected] = field(default_factory=dict)
    ended_links: list[str] = field(default_factory=list)
    _taken: set[str] = field(default_factory=set)

    def keep(self, photo: Kept) -> None:
        if photo.id in self.photos:
            raise AssertionError(f"two uploads of different bytes are one photo: {photo.id}")
        self.photos[photo.id] = photo

    def of(self, state: State) -> list[Kept]:
        return [photo for photo in self.photos.values() if photo.state == state]

    @contextmanager
    def some(self, number: int, state: State = "kept") -> Iterator[list[Kept]]:
        """Up to so many photos that nobody else changes meanwhile."""
        free = [photo for photo in self.of(state) if photo.id not in self._taken]
        found = self.random.sample(free, min(number, len(free)))
        names = {photo.id for photo in found}
        self._taken |= names
        try:
            yield found
        finally:
            self._taken -= names

    @contextmanager
    def album(self) -> Iterator[Collected | None]:
        free = [each for each in self.albums.values() if not each.deleted and each.id not in self._taken]
        found = self.random.choice(free) if free else None
        if found:
            self._taken.add(found.id)
        try:
            yield found
        finally:
            if found:
                self._taken.discard(found.id)

    @property
    def shown_in(self) -> dict[str, set[str]]:
        """The photos that each album shows."""
        kept = {photo.id for photo in self.of("kept")}
        return {album.id: album.photos & kept for album in self.albums.values() if not album.deleted}
