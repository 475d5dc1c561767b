"""What whoever has the command line does to accounts, and what is recorded of it."""

import pytest
from dishka import AsyncContainer

from photostore.audit.entry import AuditEntry, Origin, Target
from photostore.user.accounts import AccountEdit
from photostore.user.commands.create_account import CreateAccount, NewAccount
from photostore.user.commands.edit_account import EditAccount
from photostore.user.commands.find_account import FindAccount
from photostore.user.commands.make_admin import MakeAdmin
from photostore.user.commands.set_password import SetPassword
from photostore.user.commands.sign_in import SignIn
from photostore.user.errors import (
    EmailTaken,
    InvalidCredentials,
    LastAdministrator,
    LocalAccountsDisabled,
    NoPassword,
    QuotaInvalid,
    UserInvalid,
    UserNotFound,
)
from photostore.user.policy import Registration
from tests.builders import CLIENT, PASSWORD, a_policy, a_session, a_user, a_user_id
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW, new_id
from tests.using import stored, use

OPERATOR = Origin(name="root", user_agent="photostore on a-host")
ALICE = "alice@example.test"


def recorded(store: FakeStore) -> list[tuple[str, str]]:
    assert all(entry.by == OPERATOR for entry in store.admin.audit_log.rows.values())
    return [(entry.action, entry.target.id) for entry in store.admin.audit_log.rows.values()]


async def test_an_account_is_made_also_where_registration_is_closed(
    container: AsyncContainer, store: FakeStore
) -> None:
    account = NewAccount(email="Alice@example.test", display_name="Alice", is_admin=True, quota_bytes=5)

    user_id = await use(container, CreateAccount)(by=OPERATOR, account=account, password=PASSWORD)

    user = store.users.rows[user_id]
    assert (user.email, user.display_name, user.is_admin) == (ALICE, "Alice", True)
    assert store.quotas.rows[user_id].own == 5
    assert recorded(store) == [("user.created", str(user_id))]
    await use(container, SignIn)(email=ALICE, password=PASSWORD, client=CLIENT)


@pytest.fixture
def store(request: pytest.FixtureRequest) -> FakeStore:
    policy = getattr(request, "param", None) or a_policy(registration=Registration.CLOSED)
    return FakeStore(policy=policy)


async def test_an_address_that_is_taken_makes_no_account(container: AsyncContainer, store: FakeStore) -> None:
    await stored(container, a_user(email=ALICE))

    with pytest.raises(EmailTaken):
        await use(container, CreateAccount)(by=OPERATOR, account=NewAccount(email=ALICE), password=PASSWORD)
    with pytest.raises(UserInvalid):
        await use(container, CreateAccount)(by=OPERATOR, account=NewAccount(email="b@x.test"), password="short")

    assert recorded(store) == []


async def test_a_quota_that_cannot_be_makes_no_account(container: AsyncContainer, store: FakeStore) -> None:
    account = NewAccount(email=ALICE, quota_bytes=1 << 62)

    with pytest.raises(QuotaInvalid):
        await use(container, CreateAccount)(by=OPERATOR, account=account, password=PASSWORD)

    assert recorded(store) == []


@pytest.mark.parametrize("store", [a_policy(local_accounts=False)], indirect=True)
async def test_where_there_are_no_local_accounts_none_is_made(container: AsyncContainer) -> None:
    with pytest.raises(LocalAccountsDisabled):
        await use(container, CreateAccount)(by=OPERATOR, account=NewAccount(email=ALICE), password=PASSWORD)


async def test_another_password_ends_every_session(container: AsyncContainer, store: FakeStore) -> None:
    user = await stored(container, a_user(email=ALICE))
    session = await stored(container, a_session(user_id=user.id))

    await use(container, SetPassword)(by=OPERATOR, who=ALICE, password="quite another one")

    assert store.sessions.rows[session.id].revoked_at == NOW
    assert recorded(store) == [("user.password_changed", str(user.id))]
    with pytest.raises(InvalidCredentials):
        await use(container, SignIn)(email=ALICE, password=PASSWORD, client=CLIENT)
    await use(container, SignIn)(email=ALICE, password="quite another one", client=CLIENT)


async def test_who_signs_in_elsewhere_has_no_password_to_change(container: AsyncContainer, store: FakeStore) -> None:
    user = await stored(container, a_user(identity=("https://id.test", "alice")))

    with pytest.raises(NoPassword):
        await use(container, SetPassword)(by=OPERATOR, who=str(user.id), password="quite another one")

    assert recorded(store) == []


async def test_an_account_is_found_by_id_and_a_local_one_by_address(container: AsyncContainer) -> None:
    local = await stored(container, a_user(email=ALICE))
    other = await stored(container, a_user(email="bob@example.test", identity=("https://id.test", "bob")))
    find = use(container, FindAccount)

    assert await find(who=" ALICE@example.test") == local.id
    assert await find(who=str(other.id)) == other.id
    for nobody in ("bob@example.test", str(a_user_id()), "alice", ""):
        with pytest.raises(UserNotFound):
            await find(who=nobody)


async def test_making_an_administrator_is_recorded_once(container: AsyncContainer, store: FakeStore) -> None:
    user = await stored(container, a_user())

    await use(container, MakeAdmin)(by=OPERATOR, who=str(user.id))
    await use(container, MakeAdmin)(by=OPERATOR, who=str(user.id))

    assert recorded(store) == [("user.made_admin", str(user.id))]


async def test_the_command_line_takes_a_right_as_long_as_someone_keeps_it(
    container: AsyncContainer, store: FakeStore
) -> None:
    first, second = await stored(container, a_user(is_admin=True)), await stored(container, a_user(is_admin=True))
    edit = use(container, EditAccount)

    await edit(by=OPERATOR, user_id=first.id, edit=AccountEdit(is_admin=False))
    with pytest.raises(LastAdministrator):
        await edit(by=OPERATOR, user_id=second.id, edit=AccountEdit(disabled=True))

    assert recorded(store) == [("user.admin_revoked", str(first.id))]


@pytest.mark.parametrize("action", ["disabled", "User.disabled", "user.", "user disabled", ""])
def test_an_action_has_a_dotted_name(action: str) -> None:
    with pytest.raises(ValueError, match="dotted name"):
        AuditEntry(id=new_id(), at=NOW, by=OPERATOR, action=action, target=Target(kind="user", id="1"))


def test_an_action_is_a_users_or_a_named_persons() -> None:
    with pytest.raises(ValueError, match="a user's"):
        Origin()
    with pytest.raises(ValueError, match="a user's"):
        Origin(user_id=a_user_id(), name="root")
