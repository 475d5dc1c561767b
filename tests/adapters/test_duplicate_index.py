"""The index over fingerprints finds what comparing all with all finds, in little memory, whatever the library."""

import subprocess
import sys
import tracemalloc
from collections.abc import Iterable
from random import Random
from uuid import UUID

import numpy as np
import pytest

from photostore.photo.duplicates import LARGEST_DISTANCE, PHOTOS_A_PAGE, PHOTOS_TOLD, FoundGroup
from photostore.photo.picture import Fingerprint
from photostore.shared.ids import PhotoId
from photostore_adapters.postgres.duplicate_index import GroupedLibrary
from photostore_adapters.postgres.near_hashes import Work, leaders
from tests.builders import a_photo_id
from tests.fakes.duplicates import groups_by_definition

DISTANCES = range(LARGEST_DISTANCE + 1)
TELLING = 0x0F0F_0F0F_0F0F_0F0F
NEGATIVE = 0xF0F0_F0F0_F0F0_F0F0

Library = dict[PhotoId, Fingerprint]


def flipped(random: Random, hash: int, bits: int) -> int:
    """With so many bits of it the other way round."""
    return hash ^ sum(1 << bit for bit in random.sample(range(64), bits))


def a_library(prints: Iterable[tuple[bytes, int]]) -> Library:
    return {
        a_photo_id(): Fingerprint(pixels=pixels.ljust(32, b"."), perceptual=perceptual) for pixels, perceptual in prints
    }


def packed(library: Library) -> bytes:
    """As the database packs it."""
    rows = (photo_id.bytes + told.pixels[:8] + told.perceptual.to_bytes(8) for photo_id, told in library.items())
    return b"".join(rows)


def groups(library: Library, distance: int, *, limit: int = 10_000) -> list[FoundGroup]:
    """All of them, page by page, the newest first."""
    grouped = GroupedLibrary(packed(library), distance)
    assert not grouped.in_part
    return pages(grouped, limit=limit)


def pages(grouped: GroupedLibrary, *, limit: int = 10_000) -> list[FoundGroup]:
    found, more, after = list[FoundGroup](), True, None
    while more:
        page, more = grouped.page(after=after, limit=limit)
        found += page
        after = page[-1].photos[0].photo_id if page else None
    return found


def ids(found: list[FoundGroup]) -> list[list[UUID]]:
    return [[member.photo_id for member in group.photos] for group in found]


def planted(random: Random, number: int) -> list[tuple[bytes, int]]:
    """Random hashes; near some of them others, each number of bits away; some more than once, some flat, some crowded."""
    prints = [(random.randbytes(8), random.getrandbits(64)) for _ in range(number)]
    prints += [(random.randbytes(8), flipped(random, random.choice(prints)[1], n % 10)) for n in range(number)]
    prints += [random.choice(prints) for _ in range(number // 10)]
    prints += [(random.choice(prints)[0], random.getrandbits(64)) for _ in range(number // 50)]
    prints += [(random.choice([b"black", b"white", b"grey"]), random.choice([0, 1, (1 << 64) - 1])) for _ in range(20)]
    prints += [(random.randbytes(8), flipped(random, TELLING, random.randrange(10))) for _ in range(number // 4)]
    prints += [(random.randbytes(8), 0x1234 | random.getrandbits(48) << 16) for _ in range(number // 4)]
    random.shuffle(prints)
    return prints


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize("seed", range(2))
def test_the_index_groups_as_comparing_all_with_all_does(seed: int, distance: int) -> None:
    library = a_library(planted(Random(seed), 300))

    found = groups(library, distance, limit=7)

    assert ids(found) == groups_by_definition(library, distance)[::-1]


@pytest.mark.parametrize("distance", DISTANCES[1:])
def test_no_pair_is_missed_wherever_its_bits_differ(distance: int) -> None:
    random = Random(distance)
    firsts = [random.getrandbits(64) for _ in range(10_000)]
    seconds = [flipped(random, first, distance) for first in firsts]

    led = leaders(np.array(firsts + seconds, np.uint64), distance, Work())

    assert (led[10_000:] <= np.arange(10_000)).all()


@pytest.mark.parametrize("distance", DISTANCES)
def test_crowded_hashes_are_led_as_comparing_all_with_all_leads_them(distance: int) -> None:
    """More than are taken in one turn, sharing most of their bands, half of them near one of a few."""
    random = Random(distance)
    apart = [random.getrandbits(12) << 20 | TELLING for _ in range(1500)]
    near = [flipped(random, random.choice(apart[:5]), random.randrange(9)) for _ in range(1500)]
    hashes = np.array(list(dict.fromkeys([each for pair in zip(apart, near, strict=True) for each in pair])), np.uint64)

    led = leaders(hashes, distance, Work())

    expected = np.arange(len(hashes))
    for place in range(len(hashes)):
        older = np.flatnonzero(np.bitwise_count(hashes[:place] ^ hashes[place]) <= distance)
        own = older[expected[older] == older]
        expected[place] = own[0] if len(own) else place
    assert led.tolist() == expected.tolist()


def test_a_group_tells_how_far_its_photos_are_from_the_first() -> None:
    library = a_library([(b"a", TELLING), (b"b", TELLING ^ 0b111), (b"a", TELLING), (b"c", TELLING ^ 0b1)])

    [group] = groups(library, 4)

    told = [(member.photo_id, member.distance, member.same_pixels) for member in group.photos]
    assert told == list(zip(library, [0, 3, 0, 1], [True, False, True, False], strict=True))
    assert (group.photo_count, group.distance, group.same_pixels) == (4, 3, False)


def test_neighbours_of_neighbours_are_not_drawn_in() -> None:
    library = a_library([(b"a", TELLING), (b"b", TELLING ^ 0xF), (b"c", TELLING ^ 0xFF), (b"d", TELLING ^ 0xFFF)])

    found = groups(library, 4)

    first, second, third, fourth = library
    assert ids(found) == [[third, fourth], [first, second]]


def test_flat_pictures_are_together_only_where_their_pixels_are_the_same() -> None:
    library = a_library([(b"black", 0), (b"white", 0), (b"black", 0), (b"grey", 1)])

    [group] = groups(library, LARGEST_DISTANCE)

    first, _, third, _ = library
    assert ids([group]) == [[first, third]]
    assert group.same_pixels


@pytest.mark.parametrize("hash", [0, TELLING])
def test_ten_thousand_equal_pictures_are_one_group_of_which_a_part_is_told(hash: int) -> None:
    library = a_library([(b"frame", hash)] * 10_000)

    [group] = groups(library, LARGEST_DISTANCE)

    assert ids([group]) == [list(library)[:PHOTOS_TOLD]]
    assert (group.photo_count, group.distance, group.same_pixels) == (10_000, 0, True)


def test_memory_does_not_grow_with_the_number_of_pairs() -> None:
    random = Random(1)
    hashes = {flipped(random, TELLING, 3) for _ in range(20_000)}
    rows = packed(a_library((each.to_bytes(8), each) for each in hashes))

    tracemalloc.start()
    GroupedLibrary(rows, 6).page(after=None, limit=50)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    pairs = len(hashes) ** 2 // 2
    assert pairs > 100_000_000
    assert peak < 50_000_000


def test_large_groups_make_pages_short_and_none_is_lost() -> None:
    each, number = 60, 40
    library = a_library((str(group).encode(), 0) for group in range(number) for _ in range(each))

    page, more = GroupedLibrary(packed(library), 0).page(after=None, limit=200)
    found = groups(library, 0, limit=200)

    assert more
    assert sum(len(group.photos) for group in page) <= PHOTOS_A_PAGE < (len(page) + 1) * each
    assert ids(found) == [list(library)[start : start + each] for start in range(0, number * each, each)][::-1]


@pytest.mark.parametrize(
    "prints", [[], [(b"one", TELLING)], [(b"one", 0)], [(b"one", TELLING), (b"its negative", NEGATIVE)]]
)
def test_what_has_no_like_is_in_no_group(prints: list[tuple[bytes, int]]) -> None:
    assert GroupedLibrary(packed(a_library(prints)), 4).page(after=None, limit=1) == ([], False)


def test_a_server_has_no_numpy_before_it_is_asked_for_groups() -> None:
    told = "import sys, photostore_adapters.postgres.duplicate_queries; print('numpy' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout

    assert said == "False\n"
