"""The fakes' own machinery: what other tests lean on."""

import asyncio

import pytest

from photostore.shared.ids import UserId
from tests.builders import a_user, a_user_id
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.store import FakeStore
from tests.fakes.system import FakeIds


async def test_what_is_written_shows_to_others_when_it_is_committed(store: FakeStore) -> None:
    writer, reader, user = FakeUnitOfWork(store), FakeUnitOfWork(store), a_user()

    async with writer, reader:
        writer.put(store.users, user.id, user)
        seen_inside, seen_outside = writer.find(store.users, user.id), reader.find(store.users, user.id)

    assert seen_inside == user
    assert seen_outside is None
    assert store.users.rows[user.id] == user


async def test_what_is_rolled_back_never_was(store: FakeStore) -> None:
    unit_of_work, kept, gone = FakeUnitOfWork(store), a_user(), a_user()
    store.users.rows[kept.id] = kept

    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - all of it is what fails
        async with unit_of_work:
            unit_of_work.put(store.users, gone.id, gone)
            unit_of_work.delete(store.users, kept.id)
            raise ZeroDivisionError

    assert set(store.users.rows) == {kept.id}


async def test_a_row_that_was_read_is_a_copy(store: FakeStore) -> None:
    unit_of_work, user = FakeUnitOfWork(store), a_user(display_name="Alice")
    store.users.rows[user.id] = user

    async with unit_of_work:
        read = unit_of_work.find(store.users, user.id)
        assert read is not None
        read.rename("Bob")

    assert store.users.rows[user.id].display_name == "Alice"


async def test_a_lock_is_held_until_the_transaction_ends(store: FakeStore) -> None:
    order: list[str] = []

    async def hold(name: str) -> None:
        unit_of_work = FakeUnitOfWork(store)
        async with unit_of_work:
            await unit_of_work.lock("the only row")
            order.append(f"{name} begins")
            await asyncio.sleep(0)
            order.append(f"{name} ends")

    await asyncio.gather(hold("one"), hold("two"))

    assert order == ["one begins", "one ends", "two begins", "two ends"]


async def test_nothing_is_written_outside_a_transaction(store: FakeStore) -> None:
    with pytest.raises(AssertionError):
        FakeUnitOfWork(store).put(store.users, a_user_id(), a_user())


def test_ids_are_of_version_7_and_rise() -> None:
    made = [UserId(FakeIds().new()) for _ in range(3000)]

    assert made == sorted(made)
    assert {each.version for each in made} == {7}
