"""What may be relied on when asking for photos that show the same picture."""

from collections.abc import Sequence
from hashlib import sha256
from random import Random

import asyncpg
import pytest
from dishka import AsyncContainer

from photostore.photo.duplicates import (
    DEFAULT_DISTANCE,
    LARGEST_DISTANCE,
    PHOTOS_TOLD,
    DuplicateGroup,
    DuplicateKind,
    DuplicatePage,
    DuplicateQueries,
    DuplicateView,
)
from photostore.photo.errors import PhotoNotFound
from photostore.photo.photo import Photo
from photostore.photo.picture import Fingerprint
from photostore.photo.ports import PhotoRepository
from photostore.photo.queries import PhotoQueries
from photostore.shared.ids import PhotoId
from tests.builders import a_photo, a_photo_id, a_user_id
from tests.fakes.duplicates import groups_by_definition
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW
from tests.using import get, stored, transaction

# The highest bit is set: as Postgres has it, the number is negative.
HASH = 0xF0F0_F0F0_F0F0_F0F0
DISTANCES = range(LARGEST_DISTANCE + 1)
_KEEP = """
    INSERT INTO photo_fingerprints VALUES ($1, $2, $3, $4)
    ON CONFLICT (owner_id, photo_id) DO UPDATE SET perceptual = excluded.perceptual
"""


class Library:
    """One owner's photos, decoded or not."""

    def __init__(self, adapters: AsyncContainer, store: FakeStore, database: str | None) -> None:
        self._adapters = adapters
        self._store = store
        self._database = database
        self.owner = a_user_id()
        self.told: dict[PhotoId, Fingerprint] = {}

    async def undecoded(self) -> Photo:
        return await stored(self._adapters, a_photo(owner_id=self.owner))

    async def photo(self, perceptual: int, *, pixels: str | None = None) -> Photo:
        """With pixels of its own, unless they are told."""
        photo = await self.undecoded()
        told = Fingerprint(pixels=sha256((pixels or str(photo.id)).encode()).digest(), perceptual=perceptual)
        self.told[photo.id] = told
        if self._database is None:
            self._store.fingerprints.rows[photo.id] = told
        else:
            await self._keep(photo, told)
        return photo

    async def decoded_anew(self, photo: Photo, perceptual: int) -> None:
        self.told[photo.id] = told = Fingerprint(pixels=self.told[photo.id].pixels, perceptual=perceptual)
        if self._database is None:
            self._store.fingerprints.rows[photo.id] = told
        else:
            await self._keep(photo, told)

    async def _keep(self, photo: Photo, told: Fingerprint) -> None:
        signed = told.perceptual - (1 << 64 if told.perceptual >> 63 else 0)
        connection = await asyncpg.connect(self._database)
        try:
            row = (photo.owner_id, photo.id, told.pixels, signed)
            await connection.execute(_KEEP, *row)
        finally:
            await connection.close()

    async def page(
        self, *, distance: int = DEFAULT_DISTANCE, after: PhotoId | None = None, limit: int = 50
    ) -> DuplicatePage:
        queries = await get(self._adapters, DuplicateQueries)
        return await queries.groups(self.owner, distance=distance, after=after, limit=limit)

    async def groups(self, *, distance: int = DEFAULT_DISTANCE, limit: int = 2) -> list[DuplicateGroup]:
        """All of them, page by page."""
        page = await self.page(distance=distance, limit=limit)
        groups = list(page.items)
        while page.next is not None:
            assert len(page.items) <= limit
            page = await self.page(distance=distance, after=page.next, limit=limit)
            groups += page.items
        return groups

    async def near(self, photo: Photo, *, distance: int = DEFAULT_DISTANCE) -> Sequence[DuplicateView]:
        queries = await get(self._adapters, DuplicateQueries)
        return await queries.of_photo(photo.id, owner=self.owner, distance=distance)


def told_of(views: Sequence[DuplicateView]) -> list[tuple[object, int, bool]]:
    return [(view.photo.id, view.distance, view.same_pixels) for view in views]


def ids_of(groups: Sequence[DuplicateGroup]) -> list[list[object]]:
    return [[view.photo.id for view in group.photos] for group in groups]


@pytest.fixture
def library(adapters: AsyncContainer, store: FakeStore, database: str | None) -> Library:
    return Library(adapters, store, database)


async def test_photos_without_a_like_are_in_no_group(library: Library) -> None:
    alone = await library.photo(HASH)
    await library.photo(~HASH & (1 << 64) - 1)
    undecoded = await library.undecoded()

    assert await library.page() == DuplicatePage([], None)
    assert await library.near(alone) == []
    assert await library.near(undecoded) == []


async def test_the_same_pixels_are_a_group_whatever_the_distance(library: Library) -> None:
    first = await library.photo(HASH, pixels="pier")
    second = await library.photo(HASH, pixels="pier")

    for distance in DISTANCES:
        [group] = await library.groups(distance=distance)

        assert (group.kind, group.distance, group.photo_count) == (DuplicateKind.SAME_PIXELS, 0, 2)
        assert told_of(group.photos) == [(first.id, 0, True), (second.id, 0, True)]
        assert told_of(await library.near(first, distance=distance)) == [(second.id, 0, True)]


async def test_near_pictures_tell_their_distance_to_the_first(library: Library) -> None:
    first = await library.photo(HASH, pixels="pier")
    far = await library.photo(HASH ^ 0b111, pixels="pier, smaller")
    same = await library.photo(HASH, pixels="pier")
    equal_hash = await library.photo(HASH, pixels="pier, recompressed")

    [group] = await library.groups(distance=3)
    [closer] = await library.groups(distance=2)
    near = await library.near(equal_hash, distance=3)

    assert (group.kind, group.distance, group.photo_count) == (DuplicateKind.NEAR, 3, 4)
    others = [(far.id, 3, False), (same.id, 0, True), (equal_hash.id, 0, False)]
    assert told_of(group.photos) == [(first.id, 0, True), *others]
    assert ids_of([closer]) == [[first.id, same.id, equal_hash.id]]
    assert told_of(near) == [(first.id, 0, False), (same.id, 0, False), (far.id, 3, False)]


@pytest.mark.parametrize("distance", DISTANCES)
async def test_near_pictures_are_found_wherever_their_bits_differ(library: Library, distance: int) -> None:
    random = Random(distance)
    first = await library.photo(HASH)
    flips = [sum(1 << bit for bit in random.sample(range(64), bits)) for bits in range(distance + 2) for _ in range(4)]
    others = [await library.photo(HASH ^ flip) for flip in flips]

    [group, *_] = (await library.groups(distance=distance))[::-1]
    near = await library.near(first, distance=distance)

    within = [(other.id, flip.bit_count(), False) for other, flip in zip(others, flips, strict=True)][:-4]
    assert told_of(near) == sorted(within, key=lambda told: (told[1], told[0]))
    assert told_of(group.photos)[1:] == within


async def test_a_neighbour_of_a_neighbour_is_not_drawn_in(library: Library) -> None:
    first, second, third = [await library.photo(HASH ^ flip) for flip in (0, 0xF, 0xFF)]

    assert ids_of(await library.groups(distance=4)) == [[first.id, second.id]]
    assert {view.photo.id for view in await library.near(second, distance=4)} == {first.id, third.id}


@pytest.mark.parametrize("flat", [0, 1, 1 << 63, (1 << 64) - 1])
async def test_pictures_that_show_next_to_nothing_are_alike_only_by_their_pixels(library: Library, flat: int) -> None:
    black = await library.photo(flat, pixels="black")
    await library.photo(flat, pixels="white")
    await library.photo(flat ^ 0x7F0000, pixels="shade")
    black_too = await library.photo(flat, pixels="black")

    groups = await library.groups(distance=LARGEST_DISTANCE)
    near = await library.near(black, distance=LARGEST_DISTANCE)

    assert ids_of(groups) == [[black.id, black_too.id]]
    assert told_of(near) == [(black_too.id, 0, True)]


async def test_the_group_that_was_begun_last_comes_first_on_any_pages(library: Library) -> None:
    random = Random(1)
    hashes = [random.getrandbits(64) for _ in range(12)]
    for perceptual in hashes + random.sample(hashes, 9) + random.sample(hashes, 5):
        await library.photo(perceptual ^ 1 << random.randrange(64))

    expected: list[list[object]] = [list(group) for group in groups_by_definition(library.told, 2)[::-1]]
    assert len(expected) > 8
    for limit in (1, 4, 50):
        assert ids_of(await library.groups(distance=2, limit=limit)) == expected


async def test_a_large_group_is_told_in_part(library: Library) -> None:
    photos = [await library.photo(HASH, pixels="frame") for _ in range(PHOTOS_TOLD + 2)]

    [group] = await library.groups()
    near = await library.near(photos[-1])

    assert group.photo_count == PHOTOS_TOLD + 2
    assert ids_of([group]) == [[photo.id for photo in photos[:PHOTOS_TOLD]]]
    assert [view.photo.id for view in near] == [photo.id for photo in photos[:PHOTOS_TOLD]]


async def test_other_peoples_photos_are_no_ones_duplicates(
    adapters: AsyncContainer, store: FakeStore, database: str | None, library: Library
) -> None:
    own = await library.photo(HASH, pixels="pier")
    others = Library(adapters, store, database)
    theirs = await others.photo(HASH, pixels="pier")

    assert await library.page() == DuplicatePage([], None)
    assert await library.near(own) == []
    for nobodys in (theirs.id, a_photo_id()):
        with pytest.raises(PhotoNotFound):
            await (await get(adapters, DuplicateQueries)).of_photo(nobodys, owner=library.owner, distance=4)


async def test_a_photo_that_goes_leaves_its_group(adapters: AsyncContainer, library: Library) -> None:
    photos = [await library.photo(HASH) for _ in range(3)]

    for left in (photos[1:], []):
        async with transaction(adapters, PhotoRepository) as repository:
            leaving = await repository.get(photos[0 if left else 1].id, owner=library.owner)
            leaving.delete(now=NOW)
            await repository.remove([leaving])

        assert ids_of(await library.groups()) == ([[photo.id for photo in left]] if left else [])


async def test_a_photo_that_is_decoded_anew_is_told_anew(library: Library) -> None:
    photos = [await library.photo(HASH) for _ in range(2)]
    before = ids_of(await library.groups())

    await library.decoded_anew(photos[0], ~HASH & (1 << 64) - 1)
    between = ids_of(await library.groups())
    await library.decoded_anew(photos[1], ~HASH & (1 << 64) - 1)

    assert (before, between) == ([[photo.id for photo in photos]], [])
    assert ids_of(await library.groups()) == before


async def test_views_are_those_of_every_other_list(adapters: AsyncContainer, library: Library) -> None:
    first, second = [await library.photo(HASH, pixels="pier") for _ in range(2)]

    [group] = await library.groups()
    near = await library.near(second)

    queries = await get(adapters, PhotoQueries)
    expected = [await queries.get(photo.id, owner=library.owner) for photo in (first, second)]
    assert [view.photo for view in group.photos] == expected
    assert [view.photo for view in near] == expected[:1]


async def test_someone_without_photos_has_no_groups(adapters: AsyncContainer) -> None:
    queries = await get(adapters, DuplicateQueries)

    assert await queries.groups(a_user_id(), distance=4, after=a_photo_id(), limit=1) == DuplicatePage([], None)
