"""Changing an account, and leaving."""

import pytest
from dishka import AsyncContainer

from photostore.audit.entry import Origin
from photostore.shared.errors import PreconditionFailed, Unavailable
from photostore.shared.versions import ExpectedVersion
from photostore.user.commands.authenticate import Authenticate
from photostore.user.commands.close_account import CloseAccount
from photostore.user.commands.erase_account import BATCH, EraseAccount
from photostore.user.commands.make_admin import MakeAdmin
from photostore.user.commands.register import Register
from photostore.user.commands.rename_user import RenameUser
from photostore.user.commands.sign_in import SignIn
from photostore.user.errors import InvalidCredentials, InvalidToken, UserInvalid, UserNotFound
from tests.builders import CLIENT, PASSWORD, a_photo, a_picture, a_user, a_user_id
from tests.fakes.jobs import run_jobs
from tests.fakes.store import FakeStore
from tests.using import stored, use

SOMEONE = Origin(name="root")


async def test_a_user_is_renamed(container: AsyncContainer, store: FakeStore) -> None:
    user = await stored(container, a_user(display_name="Alice"))

    await use(container, RenameUser)(
        actor=user.id, display_name="Ali", expected_version=ExpectedVersion(frozenset({1}))
    )

    assert (store.users.rows[user.id].display_name, store.users.rows[user.id].version) == ("Ali", 2)


async def test_a_stale_rename_is_refused(container: AsyncContainer, store: FakeStore) -> None:
    user = await stored(container, a_user(display_name="Alice"))

    with pytest.raises(PreconditionFailed):
        await use(container, RenameUser)(
            actor=user.id, display_name="Ali", expected_version=ExpectedVersion(frozenset({2}))
        )

    assert store.users.rows[user.id].display_name == "Alice"


async def test_a_name_that_does_not_validate_changes_nothing(container: AsyncContainer, store: FakeStore) -> None:
    user = await stored(container, a_user(display_name="Alice"))

    with pytest.raises(UserInvalid):
        await use(container, RenameUser)(actor=user.id, display_name="x" * 201)

    assert store.users.rows[user.id].display_name == "Alice"


async def test_an_administrator_is_made(container: AsyncContainer, store: FakeStore) -> None:
    by_id = await stored(container, a_user())
    by_address = await stored(container, a_user(email="alice@example.test"))

    await use(container, MakeAdmin)(by=SOMEONE, who=str(by_id.id))
    await use(container, MakeAdmin)(by=SOMEONE, who="Alice@example.test")

    assert store.users.rows[by_id.id].is_admin
    assert store.users.rows[by_address.id].is_admin


async def test_neither_nobody_nor_an_erased_user_becomes_one(container: AsyncContainer) -> None:
    user = await stored(container, a_user())
    await stored(container, a_user(email="bob@example.test", identity=("https://id.test", "bob")))
    await use(container, CloseAccount)(actor=user.id)

    for who in (str(user.id), str(a_user_id()), "bob@example.test", "nobody", ""):
        with pytest.raises(UserNotFound):
            await use(container, MakeAdmin)(by=SOMEONE, who=who)


async def test_a_closed_account_is_gone_at_once(container: AsyncContainer) -> None:
    user = await use(container, Register)(email="a@example.test", password=PASSWORD, display_name=None)
    signed_in = await use(container, SignIn)(email="a@example.test", password=PASSWORD, client=CLIENT)

    await use(container, CloseAccount)(actor=user.id)

    with pytest.raises(InvalidToken):
        await use(container, Authenticate)(bearer=signed_in.access_token)
    with pytest.raises(InvalidCredentials):
        await use(container, SignIn)(email="a@example.test", password=PASSWORD, client=CLIENT)


async def test_its_address_is_free_again(container: AsyncContainer) -> None:
    user = await use(container, Register)(email="a@example.test", password=PASSWORD, display_name=None)

    await use(container, CloseAccount)(actor=user.id)

    again = await use(container, Register)(email="a@example.test", password=PASSWORD, display_name=None)
    assert again.id != user.id


async def test_a_stale_goodbye_is_refused(container: AsyncContainer, store: FakeStore) -> None:
    user = await stored(container, a_user())

    with pytest.raises(PreconditionFailed):
        await use(container, CloseAccount)(actor=user.id, expected_version=ExpectedVersion(frozenset({9})))

    assert store.users.rows[user.id].is_active


async def test_closing_an_account_erases_everything_of_it(container: AsyncContainer, store: FakeStore) -> None:
    owner = a_user_id()
    photos = [await stored(container, a_photo(owner_id=owner, hashtags=["sea"])) for _ in range(3)]
    strangers = await stored(container, a_photo(hashtags=["sea"]))
    for photo in [*photos, strangers]:
        store.blobs.blobs[photo.blob_key] = a_picture()

    await use(container, CloseAccount)(actor=owner)
    await run_jobs(container, store)

    assert owner not in store.users.rows
    assert owner not in store.quotas.rows
    assert set(store.photos.rows) == {strangers.id}
    assert set(store.blobs.blobs) == {strangers.blob_key}


async def test_erasing_goes_on_after_a_crash(container: AsyncContainer, store: FakeStore) -> None:
    owner = a_user_id()
    photos = [await stored(container, a_photo(owner_id=owner)) for _ in range(BATCH + 5)]
    for photo in photos:
        store.blobs.blobs[photo.blob_key] = a_picture()
    await use(container, CloseAccount)(actor=owner)
    store.fail_after_commits(3)
    with pytest.raises(Unavailable):
        await run_jobs(container, store)
    left = len(store.photos.rows)

    store.unavailable = False
    await run_jobs(container, store)

    assert left == 5
    assert not store.photos.rows
    assert not store.users.rows
    assert not store.blobs.blobs


async def test_erasing_twice_is_erasing_once(container: AsyncContainer, store: FakeStore) -> None:
    photo = await stored(container, a_photo())
    await use(container, CloseAccount)(actor=photo.owner_id)
    await use(container, EraseAccount)(user_id=photo.owner_id)

    await use(container, EraseAccount)(user_id=photo.owner_id)

    assert not store.users.rows
