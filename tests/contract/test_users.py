"""What the user room may rely on, wherever users are kept."""

import asyncio

import pytest
from dishka import AsyncContainer

from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.email import EmailAddress
from photostore.user.errors import EmailTaken, UserNotFound
from photostore.user.ports import UserRepository
from photostore.user.queries import UserQueries
from photostore.user.user import User
from tests.builders import a_session, a_user, a_user_id, an_api_key
from tests.fakes.system import NOW
from tests.using import get, stored, transaction

IDENTITY = ("https://id.test", "alice")


async def read(adapters: AsyncContainer, user_id: UserId) -> User:
    async with transaction(adapters, UserRepository) as users:
        return await users.get(user_id)


async def test_a_user_comes_back_as_it_was_kept(adapters: AsyncContainer) -> None:
    user = a_user(email="alice@example.test", display_name="Alice", is_admin=True, disabled_at=NOW)

    await stored(adapters, user)

    kept = await read(adapters, user.id)
    assert (kept.email, kept.display_name, kept.is_admin) == ("alice@example.test", "Alice", True)
    assert (kept.created_at, kept.disabled_at, kept.erased_at, kept.version) == (NOW, NOW, None, 1)
    assert (kept.password_hash, kept.issuer, kept.subject) == (user.password_hash, None, None)


async def test_nobody_is_not_found(adapters: AsyncContainer) -> None:
    with pytest.raises(UserNotFound):
        await read(adapters, a_user_id())
    with pytest.raises(UserNotFound):
        await (await get(adapters, UserQueries)).get(a_user_id())


async def test_a_local_account_is_found_by_its_address(adapters: AsyncContainer) -> None:
    user = await stored(adapters, a_user(email="alice@example.test"))

    async with transaction(adapters, UserRepository) as users:
        found = await users.find_local(EmailAddress("alice@example.test"))
        missing = await users.find_local(EmailAddress("bob@example.test"))

    assert found == user
    assert missing is None


async def test_an_address_never_identifies_a_providers_user(adapters: AsyncContainer) -> None:
    await stored(adapters, a_user(identity=IDENTITY, email="alice@example.test"))

    async with transaction(adapters, UserRepository) as users:
        assert await users.find_local(EmailAddress("alice@example.test")) is None


async def test_a_providers_user_is_found_by_issuer_and_subject_together(adapters: AsyncContainer) -> None:
    user = await stored(adapters, a_user(identity=IDENTITY))

    async with transaction(adapters, UserRepository) as users:
        found = await users.find_by_identity(*IDENTITY)
        elsewhere = await users.find_by_identity("https://other.test", "alice")

    assert found == user
    assert elsewhere is None


async def test_an_address_has_one_local_account(adapters: AsyncContainer) -> None:
    await stored(adapters, a_user(email="alice@example.test"))

    with pytest.raises(EmailTaken):
        await stored(adapters, a_user(email="alice@example.test"))


async def test_of_two_registrations_at_once_one_wins(adapters: AsyncContainer) -> None:
    outcomes = await asyncio.gather(
        *(stored(adapters, a_user(email="alice@example.test")) for _ in range(5)), return_exceptions=True
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == [*["EmailTaken"] * 4, "User"]


async def test_providers_users_may_share_an_address_with_anyone(adapters: AsyncContainer) -> None:
    await stored(adapters, a_user(email="same@example.test"))

    for subject in ("one", "two"):
        await stored(adapters, a_user(email="same@example.test", identity=("https://id.test", subject)))


async def test_an_identity_has_one_user(adapters: AsyncContainer) -> None:
    await stored(adapters, a_user(identity=IDENTITY))

    with pytest.raises(ConcurrentUpdate):
        await stored(adapters, a_user(identity=IDENTITY))


async def test_a_change_is_kept_under_the_next_version(adapters: AsyncContainer) -> None:
    user = await stored(adapters, a_user(display_name="Alice"))

    async with transaction(adapters, UserRepository) as users:
        changed = await users.get(user.id)
        changed.rename("Bob")
        await users.save(changed)

    kept = await read(adapters, user.id)
    assert (kept.display_name, kept.version, changed.version) == ("Bob", 2, 2)


async def test_a_change_that_is_not_saved_is_not_kept(adapters: AsyncContainer) -> None:
    user = await stored(adapters, a_user(display_name="Alice"))

    async with transaction(adapters, UserRepository) as users:
        (await users.get(user.id)).rename("Bob")

    assert (await read(adapters, user.id)).display_name == "Alice"


async def test_a_second_writer_of_what_was_read_before_is_refused(adapters: AsyncContainer) -> None:
    user = await stored(adapters, a_user(display_name="Alice"))
    first, second = await read(adapters, user.id), await read(adapters, user.id)
    first.rename("First")
    second.rename("Second")
    async with transaction(adapters, UserRepository) as users:
        await users.save(first)

    with pytest.raises(ConcurrentUpdate):
        async with transaction(adapters, UserRepository) as users:
            await users.save(second)

    assert (await read(adapters, user.id)).display_name == "First"


async def test_what_is_rolled_back_was_never_kept(adapters: AsyncContainer) -> None:
    user = a_user()

    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - all of it is what fails
        async with transaction(adapters, UserRepository) as users:
            await users.add(user)
            raise ZeroDivisionError

    with pytest.raises(UserNotFound):
        await read(adapters, user.id)


async def test_a_unit_of_work_can_be_entered_again_after_a_failure(adapters: AsyncContainer) -> None:
    user = a_user(email="alice@example.test")
    async with adapters() as scope:
        users, unit_of_work = await scope.get(UserRepository), await scope.get(UnitOfWork)
        with pytest.raises(UserNotFound):
            async with unit_of_work:
                await users.get(user.id)

        async with unit_of_work:
            await users.add(user)

    assert await read(adapters, user.id) == user


async def test_removing_takes_everything_of_the_user_along(adapters: AsyncContainer) -> None:
    user = await stored(adapters, a_user())
    await stored(adapters, a_session(user_id=user.id))
    await stored(adapters, an_api_key(user_id=user.id))

    for _ in range(2):
        async with transaction(adapters, UserRepository) as users:
            await users.remove(user.id)

    with pytest.raises(UserNotFound):
        await read(adapters, user.id)


async def test_an_erased_user_is_still_found_but_by_nothing_personal(adapters: AsyncContainer) -> None:
    user = await stored(adapters, a_user(email="alice@example.test"))

    async with transaction(adapters, UserRepository) as users:
        leaving = await users.get(user.id)
        leaving.erase(now=NOW)
        await users.save(leaving)

    async with transaction(adapters, UserRepository) as users:
        assert (await users.get(user.id)).erased_at == NOW
        assert await users.find_local(EmailAddress("alice@example.test")) is None
    await stored(adapters, a_user(email="alice@example.test"))


async def test_of_any_number_of_first_registrations_one_is_the_first(adapters: AsyncContainer) -> None:
    async def register() -> bool:
        async with transaction(adapters, UserRepository) as users:
            is_first = await users.lock_first_registration()
            await users.add(a_user())
        return is_first

    answers = await asyncio.gather(*(register() for _ in range(5)))

    assert sorted(answers) == [False, False, False, False, True]


async def test_the_view_of_a_user_is_what_is_kept(adapters: AsyncContainer) -> None:
    user = await stored(adapters, a_user(email="alice@example.test", display_name="Alice", is_admin=True))

    view = await (await get(adapters, UserQueries)).get(user.id)

    assert (view.id, view.email, view.display_name) == (user.id, "alice@example.test", "Alice")
    assert (view.is_admin, view.created_at, view.version) == (True, NOW, 1)
