"""Ids as the machine makes them."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import RFC_4122, UUID

from photostore_adapters.system.ids import SystemIds, uuid7


def milliseconds_of(made: UUID) -> int:
    return made.int >> 80


def test_an_id_is_a_uuid_of_version_7() -> None:
    for made in (SystemIds().new(), uuid7()):
        assert made.version == 7
        assert made.variant == RFC_4122


def test_an_id_tells_when_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid7()
    after = time.time_ns() // 1_000_000

    # Many made at once borrow from the next moments, so that they stay in order.
    assert before <= milliseconds_of(made) <= after + 1000


def test_later_ids_sort_after_earlier_ones() -> None:
    made = [uuid7() for _ in range(20_000)]

    assert made == sorted(made)
    assert [str(each) for each in made] == sorted(str(each) for each in made)


def test_no_two_are_alike_whatever_thread_makes_them() -> None:
    with ThreadPoolExecutor(4) as threads:
        batches = list(threads.map(lambda _: [uuid7() for _ in range(2000)], range(4)))

    assert len({each for batch in batches for each in batch}) == 8000
    assert all(batch == sorted(batch) for batch in batches)


def test_their_end_cannot_be_guessed() -> None:
    ends = {uuid7().int & (1 << 62) - 1 for _ in range(1000)}

    assert len(ends) == 1000
    assert sum(end.bit_count() for end in ends) / 1000 > 28
