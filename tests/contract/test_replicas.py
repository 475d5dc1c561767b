"""What is to be done in the stores of originals, and what is remembered of each."""

from datetime import timedelta

import pytest
from dishka import AsyncContainer

from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.photo import Photo, PhotoStatus
from photostore.replica.ports import DamageReports, Originals, ReplicaStates, ReplicaTasks
from photostore.replica.queries import ReplicaQueries
from photostore.replica.task import Action, Place, Plan, ReplicaState, Task
from photostore.shared.blobs import blob_key
from photostore.user.commands.erase_account import EraseAccount
from tests.builders import a_photo
from tests.fakes.blob_store import FakeBlobStore
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW
from tests.using import get, stored, transaction, use

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def store(store: FakeStore) -> FakeStore:
    store.replication.stores = {"nas": FakeBlobStore(), "far": FakeBlobStore()}
    return store


def a_plan(photo: Photo, action: Action, *, store: str = "nas") -> Plan:
    key = photo.blob_key if action is Action.DELETE else None
    return Plan(at=NOW, owner_id=photo.owner_id, photo_id=photo.id, store=store, action=action, key=key)


async def due(adapters: AsyncContainer, store: str = "nas") -> list[Task]:
    async with transaction(adapters, ReplicaTasks) as tasks:
        return list(await tasks.due(store, now=LATER, limit=10))


async def plan(adapters: AsyncContainer, *plans: Plan) -> None:
    async with transaction(adapters, ReplicaTasks) as tasks:
        await tasks.plan(plans)


async def test_a_new_photo_is_to_be_copied_to_every_replica(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo(status=PhotoStatus.PROCESSING))

    (task,), (other,) = await due(adapters), await due(adapters, "far")

    assert (task.action, task.photo_id, task.attempts, task.key) == (Action.COPY, photo.id, 0, None)
    assert other.store == "far"
    assert task.original is not None
    assert (task.original.key, task.original.byte_size, task.original.sha256) == (
        photo.blob_key,
        photo.byte_size,
        photo.sha256,
    )


async def test_a_deleted_photo_is_to_be_deleted_whatever_was_to_be_done_and_outlives_its_owner(
    adapters: AsyncContainer,
) -> None:
    photo = await stored(adapters, a_photo(status=PhotoStatus.PROCESSING))
    another = await stored(adapters, a_photo(owner_id=photo.owner_id))

    await use(adapters, DeletePhoto)(actor=photo.owner_id, photo_id=photo.id)
    await use(adapters, EraseAccount)(user_id=photo.owner_id)

    tasks = await due(adapters)
    assert {(task.photo_id, task.key) for task in tasks} == {
        (photo.id, photo.blob_key),
        (another.id, another.blob_key),
    }
    assert {(task.action, task.original) for task in tasks} == {(Action.DELETE, None)}


@pytest.mark.parametrize(
    ("first", "then", "left"),
    [
        (Action.COPY, Action.MEND, Action.MEND),
        (Action.MEND, Action.COPY, Action.MEND),
        (Action.DELETE, Action.MEND, Action.DELETE),
        (Action.MEND, Action.DELETE, Action.DELETE),
    ],
)
async def test_of_two_things_to_be_done_the_graver_is_left(
    adapters: AsyncContainer, first: Action, then: Action, left: Action
) -> None:
    photo = await stored(adapters, a_photo())

    await plan(adapters, a_plan(photo, first))
    await plan(adapters, a_plan(photo, then))

    assert [task.action for task in await due(adapters)] == [left]


async def test_what_is_done_is_forgotten_unless_something_else_is_to_be_done_by_now(adapters: AsyncContainer) -> None:
    kept, gone = await stored(adapters, a_photo()), await stored(adapters, a_photo())
    await plan(adapters, a_plan(kept, Action.COPY), a_plan(gone, Action.COPY))
    begun = await due(adapters)
    await plan(adapters, a_plan(kept, Action.DELETE))

    async with transaction(adapters, ReplicaTasks) as tasks:
        await tasks.done(begun)

    assert [(task.photo_id, task.action) for task in await due(adapters)] == [(kept.id, Action.DELETE)]


async def test_what_is_postponed_is_due_later_and_counts_as_an_attempt_where_it_failed_by_itself(
    adapters: AsyncContainer,
) -> None:
    one, other = await stored(adapters, a_photo()), await stored(adapters, a_photo())
    await plan(adapters, a_plan(one, Action.COPY), a_plan(other, Action.COPY))
    first, second = sorted(await due(adapters), key=lambda task: task.photo_id)

    async with transaction(adapters, ReplicaTasks) as tasks:
        await tasks.postpone([first], until=LATER, failure="No store has it.")
        await tasks.postpone([second], until=LATER + timedelta(seconds=1))

    (left,) = await due(adapters)
    (work,) = await (await get(adapters, ReplicaQueries)).work(["nas"])
    assert (left.photo_id, left.attempts) == (first.photo_id, 1)
    assert (work.to_copy, work.lost, work.oldest_at) == (2, 1, NOW)


async def test_reported_damage_is_to_be_mended_once(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo())
    original = await (await get(adapters, Originals)).find(photo.blob_key)
    assert original is not None
    reports = await get(adapters, DamageReports)

    await reports.report(original, "primary")
    await reports.report(original, "primary")

    assert [task.action for task in await due(adapters, "primary")] == [Action.MEND]


async def test_originals_are_found_by_their_keys_and_walked_over_one_owner_after_the_other(
    adapters: AsyncContainer,
) -> None:
    photos = [await stored(adapters, a_photo(trashed_at=NOW if number else None)) for number in range(3)]
    originals = await get(adapters, Originals)

    walked, after = list[object](), None
    while batch := await originals.walk(after=after, limit=2):
        walked += [original.photo_id for original in batch]
        after = Place(owner_id=batch[-1].owner_id, photo_id=batch[-1].photo_id)

    assert walked == [photo.id for photo in sorted(photos, key=lambda photo: (photo.owner_id, photo.id))]
    assert await originals.find(blob_key("originals/nobodys")) is None


async def test_what_is_remembered_of_a_store_comes_back_until_it_is_forgotten(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo())
    place = Place(owner_id=photo.owner_id, photo_id=photo.id)
    state = ReplicaState(store="nas", seen_at=NOW, adopted_at=NOW).walk_begun(NOW).walked_on(place, 7)
    await plan(adapters, a_plan(photo, Action.COPY), a_plan(photo, Action.COPY, store="far"))

    async with transaction(adapters, ReplicaStates) as states:
        assert await states.get("nas") is None
        await states.keep(state)
        await states.keep(state.failed("It is away.", NOW))
    async with transaction(adapters, ReplicaStates) as states:
        assert await states.get("nas") == state.failed("It is away.", NOW)
    nas, far = await (await get(adapters, ReplicaQueries)).replicas()
    async with transaction(adapters, ReplicaTasks) as tasks:
        await tasks.forget("nas")

    assert (nas.walked, nas.last_error, nas.state) == (7, "It is away.", "failing")
    assert (far.seen_at, far.state, far.lagging, far.copied, far.kind) == (None, "lagging", 1, 0, "filesystem")
    assert (nas.lagging, nas.deleting, nas.oldest_lag_seconds) == (1, 0, 0)
    assert await due(adapters) == []
    assert len(await due(adapters, "far")) == 1
    async with transaction(adapters, ReplicaStates) as states:
        assert await states.get("nas") is None
