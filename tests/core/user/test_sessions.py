"""Ending sessions, and who may."""

import pytest
from dishka import AsyncContainer

from photostore.user.commands.authenticate import Authenticate
from photostore.user.commands.prune_sessions import PruneSessions
from photostore.user.commands.revoke_other_sessions import RevokeOtherSessions
from photostore.user.commands.revoke_session import RevokeSession
from photostore.user.errors import InvalidToken, SessionNotFound
from tests.builders import a_session, a_user, a_user_id
from tests.fakes.store import FakeStore
from tests.using import stored, use


async def test_a_revoked_session_is_refused(container: AsyncContainer, store: FakeStore) -> None:
    session = await stored(container, a_session(user_id=a_user_id()))
    access = store.access_tokens.issue(user_id=session.user_id, session_id=session.id, now=store.clock.now())

    await use(container, RevokeSession)(actor=session.user_id, session_id=session.id)

    with pytest.raises(InvalidToken):
        await use(container, Authenticate)(bearer=access.token)


async def test_revoking_twice_is_revoking_once(container: AsyncContainer, store: FakeStore) -> None:
    session = await stored(container, a_session(user_id=a_user_id()))
    await use(container, RevokeSession)(actor=session.user_id, session_id=session.id)
    first = store.sessions.rows[session.id].revoked_at
    store.clock.advance(hours=1)

    await use(container, RevokeSession)(actor=session.user_id, session_id=session.id)

    assert store.sessions.rows[session.id].revoked_at == first


async def test_someone_elses_session_is_not_found(container: AsyncContainer, store: FakeStore) -> None:
    session = await stored(container, a_session(user_id=a_user_id()))

    with pytest.raises(SessionNotFound):
        await use(container, RevokeSession)(actor=a_user_id(), session_id=session.id)

    assert store.sessions.rows[session.id].revoked_at is None


async def test_all_other_sessions_end_and_are_counted(container: AsyncContainer, store: FakeStore) -> None:
    user = await stored(container, a_user())
    current, *others = [await stored(container, a_session(user_id=user.id)) for _ in range(3)]
    strangers = await stored(container, a_session(user_id=a_user_id()))

    revoked = await use(container, RevokeOtherSessions)(actor=user.id, current=current.id)

    live = {session.id for session in store.sessions.rows.values() if session.is_live(now=store.clock.now())}
    assert revoked == len(others)
    assert live == {current.id, strangers.id}


async def test_ended_sessions_are_kept_for_a_week(container: AsyncContainer, store: FakeStore) -> None:
    user_id, now = a_user_id(), store.clock.now()
    revoked = await stored(container, a_session(user_id=user_id, revoked_at=now))
    expired = await stored(container, a_session(user_id=user_id, expires_at=now))
    live = await stored(container, a_session(user_id=user_id))

    at_once = await use(container, PruneSessions)()
    store.clock.advance(days=7, seconds=1)
    after_a_week = await use(container, PruneSessions)()

    assert (at_once, after_a_week) == (0, 2)
    assert set(store.sessions.rows) == {live.id}
    assert revoked.id != expired.id


@pytest.mark.parametrize("bearer", ["", "psk_", "psr_abc", "access-token-99", "a.b.c", "\x00"])
async def test_a_bearer_that_is_no_token_of_ours_is_refused(container: AsyncContainer, bearer: str) -> None:
    with pytest.raises(InvalidToken):
        await use(container, Authenticate)(bearer=bearer)
