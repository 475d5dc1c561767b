"""Signing in with address and password."""

import asyncio

import pytest
from dishka import AsyncContainer

from photostore.user.commands.authenticate import Authenticate
from photostore.user.commands.open_session import Client, SignedIn
from photostore.user.commands.sign_in import SignIn
from photostore.user.errors import InvalidCredentials, LocalAccountsDisabled, TooManySignIns
from tests.builders import CLIENT, PASSWORD, a_policy, a_user
from tests.fakes.store import FakeStore
from tests.fakes.system import ACCESS_TOKEN_SECONDS, NOW
from tests.using import stored, use

ALICE = "alice@example.test"


async def sign_in(container: AsyncContainer, *, password: str = PASSWORD, email: str = ALICE) -> SignedIn:
    return await use(container, SignIn)(email=email, password=password, client=CLIENT)


async def refusal(container: AsyncContainer, *, password: str = "wrong password", email: str = ALICE) -> str:
    with pytest.raises(InvalidCredentials) as refused:
        await sign_in(container, password=password, email=email)
    return str(refused.value)


async def test_the_right_password_opens_a_session(container: AsyncContainer, store: FakeStore) -> None:
    user = await stored(container, a_user(email=ALICE))

    signed_in = await sign_in(container, email=" Alice@example.test")

    actor = await use(container, Authenticate)(bearer=signed_in.access_token)
    session = store.sessions.rows[actor.session_id] if actor.session_id else None
    assert actor.user_id == user.id
    assert signed_in.expires_in == ACCESS_TOKEN_SECONDS
    assert session is not None
    assert (session.ip_address, session.user_agent) == (CLIENT.ip_address, CLIENT.user_agent)


async def test_each_sign_in_has_a_session_of_its_own(container: AsyncContainer, store: FakeStore) -> None:
    await stored(container, a_user(email=ALICE))

    first, second = await sign_in(container), await sign_in(container)

    assert first.refresh_token != second.refresh_token
    assert len(store.sessions.rows) == 2


async def test_no_secret_is_stored_as_it_is(container: AsyncContainer, store: FakeStore) -> None:
    await stored(container, a_user(email=ALICE))

    signed_in = await sign_in(container)

    assert signed_in.refresh_token not in repr(store.sessions.rows)
    assert PASSWORD not in [user.password_hash for user in store.users.rows.values()]


async def test_an_endless_user_agent_is_cut(container: AsyncContainer, store: FakeStore) -> None:
    await stored(container, a_user(email=ALICE))
    client = Client(ip_address="192.0.2.1", user_agent="x" * 5000)

    await use(container, SignIn)(email=ALICE, password=PASSWORD, client=client)

    assert [session.user_agent for session in store.sessions.rows.values()] == ["x" * 500]


async def test_a_wrong_password_and_an_unknown_address_are_told_alike(
    container: AsyncContainer, store: FakeStore
) -> None:
    await stored(container, a_user(email=ALICE))

    wrong = await refusal(container)
    unknown = await refusal(container, email="bob@example.test")
    malformed = await refusal(container, email="no address")

    assert wrong == unknown == malformed
    assert store.passwords.verified == 3


async def test_a_disabled_user_does_not_come_in(container: AsyncContainer, store: FakeStore) -> None:
    await stored(container, a_user(email=ALICE, disabled_at=NOW))

    refused = await refusal(container, password=PASSWORD)

    assert refused == await refusal(container)
    assert not store.sessions.rows


async def test_an_address_of_a_providers_user_has_no_password(container: AsyncContainer) -> None:
    await stored(container, a_user(email=ALICE, identity=("https://id.test", "alice")))

    assert await refusal(container, password=PASSWORD)


async def test_without_local_accounts_nobody_signs_in(container: AsyncContainer, store: FakeStore) -> None:
    store.policy = a_policy(local_accounts=False)

    with pytest.raises(LocalAccountsDisabled):
        await sign_in(container)


async def test_failures_lock_the_account_however_it_is_typed(container: AsyncContainer, store: FakeStore) -> None:
    store.policy = a_policy(failed_per_account=2)
    await stored(container, a_user(email=ALICE))
    await refusal(container)
    await refusal(container, email=" ALICE@example.test")

    with pytest.raises(TooManySignIns) as refused:
        await sign_in(container)

    assert refused.value.retry_after == 600
    assert (refused.value.limit, refused.value.window) == (2, 600)


async def test_a_locked_account_opens_again_when_the_window_is_over(
    container: AsyncContainer, store: FakeStore
) -> None:
    store.policy = a_policy(failed_per_account=1)
    await stored(container, a_user(email=ALICE))
    await refusal(container)

    store.clock.advance(seconds=600)

    assert (await sign_in(container)).access_token


async def test_one_locked_account_leaves_others_alone(container: AsyncContainer, store: FakeStore) -> None:
    store.policy = a_policy(failed_per_account=1)
    await stored(container, a_user(email=ALICE))
    await stored(container, a_user(email="bob@example.test"))
    await refusal(container)

    assert (await sign_in(container, email="bob@example.test")).access_token


async def test_failures_lock_the_address_they_come_from(container: AsyncContainer, store: FakeStore) -> None:
    store.policy = a_policy(failed_per_address=2)
    for name in ("a", "b"):
        await refusal(container, email=f"{name}@example.test")

    with pytest.raises(TooManySignIns):
        await sign_in(container, email="c@example.test")


async def test_successes_do_not_count(container: AsyncContainer, store: FakeStore) -> None:
    store.policy = a_policy(failed_per_account=2, failed_per_address=2)
    await stored(container, a_user(email=ALICE))

    for _ in range(5):
        await sign_in(container)

    assert len(store.sessions.rows) == 5


async def test_guesses_made_at_once_all_count(container: AsyncContainer, store: FakeStore) -> None:
    store.policy = a_policy(failed_per_account=3)
    await stored(container, a_user(email=ALICE))

    outcomes = await asyncio.gather(
        *(sign_in(container, password=f"guess number {number}") for number in range(20)), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes].count(InvalidCredentials) == 3
    assert store.passwords.verified == 3


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:0db8:0001:0002::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unknown", "unknown"),
    ],
)
def test_what_one_subscriber_can_choose_freely_is_one_network(address: str, network: str) -> None:
    assert Client(ip_address=address, user_agent=None).network == network


async def test_failures_lock_the_whole_network_of_an_ipv6_address(container: AsyncContainer, store: FakeStore) -> None:
    store.policy = a_policy(failed_per_address=1)
    await stored(container, a_user(email=ALICE))
    guesser, other, stranger = (
        Client(ip_address=address, user_agent=None) for address in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1")
    )
    with pytest.raises(InvalidCredentials):
        await use(container, SignIn)(email="bob@example.test", password=PASSWORD, client=guesser)

    with pytest.raises(TooManySignIns):
        await use(container, SignIn)(email=ALICE, password=PASSWORD, client=other)

    signed_in = await use(container, SignIn)(email=ALICE, password=PASSWORD, client=stranger)
    assert signed_in.access_token
