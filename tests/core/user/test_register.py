"""Making local accounts."""

import pytest
from dishka import AsyncContainer

from photostore.user.commands.register import Register
from photostore.user.errors import (
    EmailTaken,
    InvitationRequired,
    LocalAccountsDisabled,
    RegistrationClosed,
    UserInvalid,
)
from photostore.user.policy import Registration
from tests.builders import PASSWORD, a_policy
from tests.fakes.store import FakeStore
from tests.using import use


async def test_an_account_is_made(container: AsyncContainer, store: FakeStore) -> None:
    user = await use(container, Register)(email="Alice@Example.test", password=PASSWORD, display_name="Alice")

    kept = store.users.rows[user.id]
    assert (kept.email, kept.display_name, kept.is_admin) == ("alice@example.test", "Alice", False)
    assert kept.password_hash not in (None, PASSWORD)
    assert kept.created_at == store.clock.now()


async def test_an_address_is_taken_however_it_is_typed(container: AsyncContainer, store: FakeStore) -> None:
    await use(container, Register)(email="alice@example.test", password=PASSWORD, display_name=None)

    with pytest.raises(EmailTaken):
        await use(container, Register)(email=" ALICE@example.test", password=PASSWORD, display_name=None)

    assert len(store.users.rows) == 1


@pytest.mark.parametrize(
    ("email", "password", "display_name"),
    [("alice", PASSWORD, None), ("alice@example.test", "short", None), ("alice@example.test", PASSWORD, "x" * 201)],
)
async def test_what_does_not_validate_makes_no_account(
    container: AsyncContainer, store: FakeStore, email: str, password: str, display_name: str | None
) -> None:
    with pytest.raises(UserInvalid):
        await use(container, Register)(email=email, password=password, display_name=display_name)

    assert not store.users.rows


async def test_closed_registration_takes_nobody(container: AsyncContainer, store: FakeStore) -> None:
    store.policy = a_policy(registration=Registration.CLOSED, invitation_codes=("welcome",))

    with pytest.raises(RegistrationClosed):
        await use(container, Register)(
            email="a@example.test", password=PASSWORD, display_name=None, invitation_code="welcome"
        )


async def test_without_local_accounts_nobody_registers(container: AsyncContainer, store: FakeStore) -> None:
    store.policy = a_policy(local_accounts=False)

    with pytest.raises(LocalAccountsDisabled):
        await use(container, Register)(email="a@example.test", password=PASSWORD, display_name=None)


@pytest.mark.parametrize("code", [None, "", "welcom", "WELCOME", "wélcome"])
async def test_by_invitation_a_wrong_code_is_refused(
    container: AsyncContainer, store: FakeStore, code: str | None
) -> None:
    store.policy = a_policy(registration=Registration.INVITATION, invitation_codes=("welcome", "come-in"))

    with pytest.raises(InvitationRequired):
        await use(container, Register)(
            email="a@example.test", password=PASSWORD, display_name=None, invitation_code=code
        )

    assert not store.users.rows


@pytest.mark.parametrize("code", ["welcome", "come-in"])
async def test_by_invitation_any_known_code_opens(container: AsyncContainer, store: FakeStore, code: str) -> None:
    store.policy = a_policy(registration=Registration.INVITATION, invitation_codes=("welcome", "come-in"))

    user = await use(container, Register)(
        email="a@example.test", password=PASSWORD, display_name=None, invitation_code=code
    )

    assert user.id in store.users.rows


async def test_by_invitation_without_any_code_nobody_comes_in(container: AsyncContainer, store: FakeStore) -> None:
    store.policy = a_policy(registration=Registration.INVITATION)

    with pytest.raises(InvitationRequired):
        await use(container, Register)(email="a@example.test", password=PASSWORD, display_name=None, invitation_code="")


async def test_only_the_first_account_is_an_administrator(container: AsyncContainer, store: FakeStore) -> None:
    store.policy = a_policy(first_account_is_admin=True)

    first = await use(container, Register)(email="a@example.test", password=PASSWORD, display_name=None)
    second = await use(container, Register)(email="b@example.test", password=PASSWORD, display_name=None)

    assert (first.is_admin, second.is_admin) == (True, False)


async def test_elsewhere_the_first_account_is_like_any_other(container: AsyncContainer) -> None:
    first = await use(container, Register)(email="a@example.test", password=PASSWORD, display_name=None)

    assert not first.is_admin
