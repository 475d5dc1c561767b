"""Groups of libraries are made in turns and kept for a while; nobody waits long for others."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import pytest
import structlog

from photostore.photo.duplicates import DuplicatesBusy, FoundGroup
from photostore.shared.ids import UserId
from photostore_adapters.postgres.duplicate_groupings import (
    KEPT_BYTES,
    KEPT_SECONDS,
    PATIENCE_SECONDS,
    SMALL_LIBRARY,
    DuplicateGroupings,
    Stamp,
)
from tests.builders import a_user_id

LARGE = Stamp(SMALL_LIBRARY, "large")
SMALL = Stamp(SMALL_LIBRARY - 1, "small")


@dataclass
class MadeGroups:
    owner: UserId
    in_part: bool = False
    byte_size: int = 1

    def page(self, *, after: UUID | None, limit: int) -> tuple[list[FoundGroup], bool]:
        return [], False


class Grouping:
    """Takes as long as the test likes; the clock stands still until it is moved."""

    def __init__(self, *, patience: float = PATIENCE_SECONDS) -> None:
        self.seconds = 1000.0
        self.begun: list[tuple[UserId, int]] = []
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.in_part = False
        self.byte_size = 1
        self.failure: Exception | None = None
        self.groupings = DuplicateGroupings(self.group, patience=patience, monotonic=lambda: self.seconds)

    async def group(self, owner: UserId, distance: int) -> MadeGroups:
        self.begun.append((owner, distance))
        await self.go_on.wait()
        if self.failure is not None:
            raise self.failure
        return MadeGroups(owner, self.in_part, self.byte_size)

    def asked(self, owner: UserId, stamp: Stamp = LARGE, *, distance: int = 4) -> asyncio.Task[object]:
        return asyncio.create_task(self.groupings.of(owner, distance, stamp))


async def settle() -> None:
    """Let all go on as far as they can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_groups_are_kept_while_the_library_is_unchanged() -> None:
    grouping, ada = Grouping(), a_user_id()

    first = await grouping.asked(ada)
    again = await grouping.asked(ada)
    changed = await grouping.asked(ada, Stamp(LARGE.photo_count, "another"))
    await grouping.asked(ada, Stamp(LARGE.photo_count, "another"), distance=5)

    assert first is again is not changed
    assert grouping.begun == [(ada, 4), (ada, 4), (ada, 5)]


async def test_groups_are_kept_for_a_minute() -> None:
    grouping, ada = Grouping(), a_user_id()
    await grouping.asked(ada)

    grouping.seconds += KEPT_SECONDS - 1
    await grouping.asked(ada)
    before = len(grouping.begun)
    grouping.seconds += 1
    await grouping.asked(ada)

    assert (before, len(grouping.begun)) == (1, 2)


async def test_only_the_groups_of_a_few_are_kept() -> None:
    grouping, owners = Grouping(), [a_user_id() for _ in range(17)]

    for owner in [*owners, owners[-1], owners[0]]:
        await grouping.asked(owner)

    assert [owner for owner, _ in grouping.begun] == [*owners, owners[0]]


@pytest.mark.parametrize(("byte_size", "made"), [(KEPT_BYTES // 2, 2), (KEPT_BYTES // 2 + 1, 3), (KEPT_BYTES + 1, 3)])
async def test_no_more_is_kept_than_memory_is_allowed(byte_size: int, made: int) -> None:
    grouping, ada, grace = Grouping(), a_user_id(), a_user_id()
    grouping.byte_size = byte_size

    for owner in (ada, grace, ada):
        await grouping.asked(owner)

    assert len(grouping.begun) == made


async def test_large_libraries_are_grouped_one_after_another_and_small_ones_beside_them() -> None:
    grouping = Grouping()
    grouping.go_on.clear()
    large, large_too, small, small_too = [a_user_id() for _ in range(4)]

    asked = [grouping.asked(owner) for owner in (large, large_too)]
    asked += [grouping.asked(owner, SMALL) for owner in (small, small_too)]
    await settle()
    at_once = [owner for owner, _ in grouping.begun]
    grouping.go_on.set()
    await asyncio.gather(*asked)

    assert at_once == [large, small]
    assert {owner for owner, _ in grouping.begun} == {large, large_too, small, small_too}


async def test_one_owner_has_one_place_in_the_queue() -> None:
    grouping, ada, grace = Grouping(), a_user_id(), a_user_id()
    grouping.go_on.clear()

    asked = [grouping.asked(ada, distance=distance) for distance in (1, 2, 3)]
    await settle()
    asked.append(grouping.asked(grace))
    await settle()
    grouping.go_on.set()
    await asyncio.gather(*asked)

    assert grouping.begun == [(ada, 1), (grace, 4), (ada, 2), (ada, 3)]


async def test_who_asks_for_the_same_at_the_same_time_shares_the_work() -> None:
    grouping, ada = Grouping(), a_user_id()

    groups = await asyncio.gather(*(grouping.asked(ada) for _ in range(5)))

    assert len(grouping.begun) == 1
    assert all(each is groups[0] for each in groups)


@pytest.mark.parametrize("own", [True, False], ids=["own", "others"])
async def test_who_has_waited_too_long_is_told_to_come_again(own: bool) -> None:
    grouping, ada = Grouping(patience=0), a_user_id()
    grouping.go_on.clear()
    first = grouping.asked(ada)
    await settle()

    with pytest.raises(DuplicatesBusy) as busy:
        await grouping.asked(ada if own else a_user_id(), distance=5)

    assert busy.value.retry_after > 0
    grouping.go_on.set()
    await first
    await grouping.asked(a_user_id())


async def test_the_turn_of_one_who_gave_up_lasts_until_its_work_is_done() -> None:
    grouping, ada, grace = Grouping(), a_user_id(), a_user_id()
    grouping.go_on.clear()
    given_up = grouping.asked(ada)
    await settle()

    given_up.cancel()
    after = grouping.asked(grace)
    await settle()
    begun = list(grouping.begun)
    grouping.go_on.set()
    await after

    assert given_up.cancelled()
    assert begun == [(ada, 4)]
    assert await grouping.asked(ada)
    assert grouping.begun == [(ada, 4), (grace, 4)]


async def test_who_gives_up_waiting_leaves_the_queue() -> None:
    grouping, ada, grace = Grouping(), a_user_id(), a_user_id()
    grouping.go_on.clear()
    first, waiting = grouping.asked(ada), grouping.asked(grace)
    await settle()

    waiting.cancel()
    await settle()
    grouping.go_on.set()
    await first
    await grouping.asked(a_user_id())

    assert (grace, 4) not in grouping.begun


async def test_a_failure_is_told_and_the_next_has_its_turn() -> None:
    grouping, ada = Grouping(), a_user_id()
    grouping.failure = ConnectionError("away, as told")

    with pytest.raises(ConnectionError):
        await grouping.asked(ada)
    grouping.failure = None

    assert await grouping.asked(ada)


async def test_libraries_compared_in_part_are_logged_once_a_minute() -> None:
    grouping = Grouping()
    grouping.in_part = True

    with structlog.testing.capture_logs() as logs:
        await asyncio.gather(*(grouping.asked(a_user_id()) for _ in range(3)))
        grouping.seconds += 60
        await grouping.asked(a_user_id())

    assert [each["event"] for each in logs] == ["too many photos alike to compare them all"] * 2
