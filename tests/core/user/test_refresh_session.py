"""Refresh tokens: each good once."""

import asyncio

import pytest
from dishka import AsyncContainer

from photostore.user.commands.authenticate import Authenticate
from photostore.user.commands.open_session import SignedIn
from photostore.user.commands.refresh_session import RefreshSession
from photostore.user.commands.sign_in import SignIn
from photostore.user.errors import InvalidToken, RefreshTokenReused, TooManySignIns
from photostore.user.tokens import RefreshToken
from tests.builders import CLIENT, PASSWORD, a_policy, a_user
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW
from tests.using import stored, use


async def signed_in(container: AsyncContainer) -> SignedIn:
    user = await stored(container, a_user())
    return await use(container, SignIn)(email=user.email or "", password=PASSWORD, client=CLIENT)


async def refresh(container: AsyncContainer, token: str) -> SignedIn:
    return await use(container, RefreshSession)(refresh_token=token)


async def test_refreshing_gives_new_tokens_of_the_same_session(container: AsyncContainer) -> None:
    first = await signed_in(container)

    second = await refresh(container, first.refresh_token)

    before = await use(container, Authenticate)(bearer=first.access_token)
    after = await use(container, Authenticate)(bearer=second.access_token)
    assert before == after
    assert second.refresh_token != first.refresh_token


async def test_tokens_can_be_refreshed_on_and_on(container: AsyncContainer, store: FakeStore) -> None:
    tokens = await signed_in(container)

    for _ in range(5):
        store.clock.advance(days=20)
        tokens = await refresh(container, tokens.refresh_token)

    assert (await use(container, Authenticate)(bearer=tokens.access_token)).session_id


async def test_refreshing_tells_when_the_session_was_last_seen(container: AsyncContainer, store: FakeStore) -> None:
    tokens = await signed_in(container)
    later = store.clock.advance(hours=1)

    await refresh(container, tokens.refresh_token)

    assert [session.last_seen_at for session in store.sessions.rows.values()] == [later]


async def test_a_spent_token_revokes_the_whole_session(container: AsyncContainer) -> None:
    first = await signed_in(container)
    second = await refresh(container, first.refresh_token)

    with pytest.raises(RefreshTokenReused):
        await refresh(container, first.refresh_token)

    with pytest.raises(InvalidToken):
        await refresh(container, second.refresh_token)
    with pytest.raises(InvalidToken):
        await use(container, Authenticate)(bearer=second.access_token)


async def test_of_two_uses_at_once_one_wins_and_the_session_ends(container: AsyncContainer) -> None:
    tokens = await signed_in(container)

    outcomes = await asyncio.gather(
        *(refresh(container, tokens.refresh_token) for _ in range(2)), return_exceptions=True
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["RefreshTokenReused", "SignedIn"]
    winner = next(outcome for outcome in outcomes if isinstance(outcome, SignedIn))
    with pytest.raises(InvalidToken):
        await refresh(container, winner.refresh_token)


async def test_a_guessed_secret_does_not_end_someones_session(container: AsyncContainer) -> None:
    tokens = await signed_in(container)
    known = RefreshToken.unpack(tokens.refresh_token)
    guess = RefreshToken(user_id=known.user_id, session_id=known.session_id, family=bytes(16), current=bytes(16))

    with pytest.raises(InvalidToken):
        await refresh(container, guess.pack())

    assert (await refresh(container, tokens.refresh_token)).access_token


async def test_a_session_that_nobody_used_for_its_lifetime_is_over(container: AsyncContainer, store: FakeStore) -> None:
    tokens = await signed_in(container)

    store.clock.advance(days=30)

    with pytest.raises(InvalidToken):
        await refresh(container, tokens.refresh_token)


async def test_a_disabled_users_session_is_not_refreshed(container: AsyncContainer, store: FakeStore) -> None:
    tokens = await signed_in(container)
    for user in store.users.rows.values():
        user.disabled_at = NOW

    with pytest.raises(InvalidToken):
        await refresh(container, tokens.refresh_token)


async def test_a_token_of_a_session_that_never_was_is_invalid(container: AsyncContainer, store: FakeStore) -> None:
    tokens = await signed_in(container)
    store.sessions.rows.clear()

    with pytest.raises(InvalidToken):
        await refresh(container, tokens.refresh_token)


async def test_an_account_is_refreshed_only_so_often(container: AsyncContainer, store: FakeStore) -> None:
    store.policy = a_policy(refreshes_per_account=2)
    tokens = await signed_in(container)
    for _ in range(2):
        tokens = await refresh(container, tokens.refresh_token)

    with pytest.raises(TooManySignIns):
        await refresh(container, tokens.refresh_token)

    store.clock.advance(seconds=600)
    assert (await refresh(container, tokens.refresh_token)).access_token


async def test_forged_tokens_lock_nobody_out(container: AsyncContainer, store: FakeStore) -> None:
    store.policy = a_policy(refreshes_per_account=3)
    tokens = await signed_in(container)
    real = RefreshToken.unpack(tokens.refresh_token)
    forged = RefreshToken(user_id=real.user_id, session_id=real.session_id, family=bytes(16), current=bytes(16)).pack()
    for _ in range(10):
        with pytest.raises(InvalidToken):
            await refresh(container, forged)

    assert (await refresh(container, tokens.refresh_token)).refresh_token != tokens.refresh_token
