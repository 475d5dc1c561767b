"""A library made to keep the server busy is compared in part, and loses nothing that is the same."""

from collections.abc import Iterable
from random import Random

import numpy as np
import pytest

from photostore.photo.duplicates import LARGEST_DISTANCE
from photostore_adapters.postgres.duplicate_index import GroupedLibrary
from photostore_adapters.postgres.near_hashes import MOST_WORK, TooMuchWork, Work, leaders

SHARED = 0x5A5A_5A5A


def crowded(number: int) -> list[int]:
    """Distinct hashes that share half of their bits, and so every bucket of the bands within that half."""
    random = Random(1)
    return list(dict.fromkeys(random.getrandbits(32) << 32 | SHARED for _ in range(number)))


def packed(hashes: Iterable[int]) -> bytes:
    """As the database packs it, each with pixels of its own."""
    return b"".join(place.to_bytes(16) + place.to_bytes(8) + each.to_bytes(8) for place, each in enumerate(hashes))


@pytest.mark.parametrize("distance", [4, LARGEST_DISTANCE])
def test_however_many_hashes_are_alike_the_work_has_a_bound(distance: int) -> None:
    hashes = crowded(15_000)
    work = Work(most=MOST_WORK // 4)

    leaders(np.array(hashes, np.uint64), distance, work)

    assert work.exhausted
    assert work.done <= work.most < len(hashes) ** 2 // 2


def test_a_usual_library_needs_a_small_part_of_the_work_that_is_allowed() -> None:
    random = Random(1)
    hashes = [random.getrandbits(64) for _ in range(50_000)]
    near = [each ^ 1 << random.randrange(64) for each in hashes[:2_500]]
    work = Work()

    led = leaders(np.array(hashes + near, np.uint64), 4, work)

    assert not work.exhausted
    assert work.done < MOST_WORK / 5
    assert led[50_000:].tolist() == list(range(2_500))


def test_the_oldest_are_compared_and_the_youngest_lead_themselves() -> None:
    """Pairs of neighbours: as far as it goes, all are found."""
    hashes = np.array([each ^ flip for each in crowded(10_000) for flip in (0, 1)], np.uint64)
    whole = leaders(hashes, 4, Work(most=1 << 60))

    led = leaders(hashes, 4, Work(most=40_000_000))

    done = int(np.flatnonzero(led != np.arange(len(led)))[-1]) + 1
    assert 1_000 < done < len(led) - 1_000
    assert led[:done].tolist() == whole[:done].tolist()
    assert led[done:].tolist() == list(range(done, len(led)))


@pytest.mark.parametrize("most_work", [0, 5_000_000])
def test_past_the_bound_equal_hashes_are_still_together(most_work: int) -> None:
    hashes = crowded(10_000)
    near = hashes[-1] ^ 1

    grouped = GroupedLibrary(packed([*hashes, hashes[-1], near]), 4, most_work=most_work)

    [newest, *_], _ = grouped.page(after=None, limit=1)
    assert grouped.in_part
    assert [photo.photo_id.int for photo in newest.photos] == [9_999, 10_000]
    assert newest.distance == 0


def test_the_same_library_has_the_same_groups_each_time() -> None:
    rows = packed(crowded(10_000))

    first, second = [GroupedLibrary(rows, 4, most_work=20_000_000).page(after=None, limit=200) for _ in range(2)]

    assert first == second


def test_who_has_done_too_much_does_no_more() -> None:
    work = Work(most=10)
    work.spend(10)

    for _ in range(2):
        with pytest.raises(TooMuchWork):
            work.spend(1)
    assert (work.done, work.exhausted) == (10, True)
