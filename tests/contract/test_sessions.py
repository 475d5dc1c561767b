"""What the user room may rely on, wherever sessions and API keys are kept."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from dishka import AsyncContainer

from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import SessionId, UserId
from photostore.user.errors import ApiKeyNotFound, SessionNotFound
from photostore.user.ports import ApiKeyRepository, SessionRepository
from photostore.user.queries import ApiKeyView, CredentialQueries, SessionView
from photostore.user.scopes import Scope
from photostore.user.session import Session
from tests.builders import a_session, a_user_id, an_api_key, as_uuids
from tests.fakes.system import NOW
from tests.using import get, stored, transaction

PAST, LATER = NOW - timedelta(days=1), NOW + timedelta(days=1)


async def read(adapters: AsyncContainer, session: Session) -> Session:
    async with transaction(adapters, SessionRepository) as sessions:
        return await sessions.get(session.id, owner=session.user_id)


async def listed(
    adapters: AsyncContainer, owner: UserId, *, after: SessionId | None = None, limit: int = 10
) -> Sequence[SessionView]:
    return await (await get(adapters, CredentialQueries)).sessions(owner, after=after, limit=limit)


async def keys_of(adapters: AsyncContainer, owner: UserId, *, limit: int = 10) -> Sequence[ApiKeyView]:
    return await (await get(adapters, CredentialQueries)).api_keys(owner, after=None, limit=limit)


async def test_a_session_comes_back_as_it_was_kept(adapters: AsyncContainer) -> None:
    session = await stored(adapters, a_session(user_id=a_user_id(), user_agent="a phone"))

    kept = await read(adapters, session)

    assert (kept.user_id, kept.created_at, kept.expires_at) == (session.user_id, NOW, session.expires_at)
    assert (kept.user_agent, kept.ip_address, kept.version) == ("a phone", "192.0.2.1", 1)
    assert kept.is_family(b"family")
    assert kept.is_current(b"current")


async def test_an_absent_session_and_someone_elses_are_not_found(adapters: AsyncContainer) -> None:
    session = await stored(adapters, a_session(user_id=a_user_id()))
    strangers = await stored(adapters, a_session(user_id=a_user_id()))

    async with transaction(adapters, SessionRepository) as sessions:
        with pytest.raises(SessionNotFound):
            await sessions.get(session.id, owner=strangers.user_id)
        with pytest.raises(SessionNotFound):
            await sessions.get(SessionId(a_user_id()), owner=session.user_id)


async def test_a_rotation_is_kept(adapters: AsyncContainer) -> None:
    session = await stored(adapters, a_session(user_id=a_user_id()))

    async with transaction(adapters, SessionRepository) as sessions:
        rotated = await sessions.get(session.id, owner=session.user_id)
        rotated.rotate(b"next", now=LATER, expires_at=LATER + timedelta(days=30))
        await sessions.save(rotated)

    kept = await read(adapters, session)
    assert kept.is_current(b"next")
    assert (kept.last_seen_at, kept.expires_at, kept.version) == (LATER, LATER + timedelta(days=30), 2)


async def test_a_second_writer_of_what_was_read_before_is_refused(adapters: AsyncContainer) -> None:
    session = await stored(adapters, a_session(user_id=a_user_id()))
    first, second = await read(adapters, session), await read(adapters, session)
    first.revoke(now=NOW)
    async with transaction(adapters, SessionRepository) as sessions:
        await sessions.save(first)

    second.rotate(b"next", now=NOW, expires_at=LATER)
    with pytest.raises(ConcurrentUpdate):
        async with transaction(adapters, SessionRepository) as sessions:
            await sessions.save(second)

    assert (await read(adapters, session)).revoked_at == NOW


async def test_all_live_sessions_but_one_are_revoked_and_named(adapters: AsyncContainer) -> None:
    owner = a_user_id()
    kept = await stored(adapters, a_session(user_id=owner))
    revoked = [await stored(adapters, a_session(user_id=owner)) for _ in range(2)]
    await stored(adapters, a_session(user_id=owner, revoked_at=PAST))
    await stored(adapters, a_session(user_id=owner, expires_at=NOW))
    strangers = await stored(adapters, a_session(user_id=a_user_id()))

    async with transaction(adapters, SessionRepository) as sessions:
        answered = await sessions.revoke_all(owner, but=kept.id, now=NOW)

    assert set(answered) == {session.id for session in revoked}
    assert as_uuids(await listed(adapters, owner)) == [kept.id]
    assert as_uuids(await listed(adapters, strangers.user_id)) == [strangers.id]


async def test_without_an_exception_all_are_revoked(adapters: AsyncContainer) -> None:
    session = await stored(adapters, a_session(user_id=a_user_id()))

    async with transaction(adapters, SessionRepository) as sessions:
        answered = await sessions.revoke_all(session.user_id, but=None, now=NOW)

    assert list(answered) == [session.id]
    assert await listed(adapters, session.user_id) == []


async def test_a_writer_who_read_before_all_were_revoked_is_refused(adapters: AsyncContainer) -> None:
    session = await stored(adapters, a_session(user_id=a_user_id()))
    stale = await read(adapters, session)
    async with transaction(adapters, SessionRepository) as sessions:
        await sessions.revoke_all(session.user_id, but=None, now=NOW)

    stale.rotate(b"next", now=NOW, expires_at=LATER)
    with pytest.raises(ConcurrentUpdate):
        async with transaction(adapters, SessionRepository) as sessions:
            await sessions.save(stale)


async def test_sessions_that_ended_before_are_pruned_and_counted(adapters: AsyncContainer) -> None:
    owner = a_user_id()
    await stored(adapters, a_session(user_id=owner, expires_at=PAST))
    await stored(adapters, a_session(user_id=owner, revoked_at=PAST))
    live = await stored(adapters, a_session(user_id=owner))
    just_revoked = await stored(adapters, a_session(user_id=owner, revoked_at=NOW))

    async with transaction(adapters, SessionRepository) as sessions:
        pruned = await sessions.prune(before=NOW)

    assert pruned == 2
    assert await read(adapters, live) == live
    assert await read(adapters, just_revoked) == just_revoked


async def test_live_sessions_are_listed_newest_first_page_by_page(adapters: AsyncContainer) -> None:
    owner = a_user_id()
    first, second, third = [await stored(adapters, a_session(user_id=owner)) for _ in range(3)]
    await stored(adapters, a_session(user_id=a_user_id()))

    page = await listed(adapters, owner, limit=2)
    rest = await listed(adapters, owner, after=SessionId(page[-1].id), limit=2)

    assert as_uuids(page) == [third.id, second.id]
    assert as_uuids(rest) == [first.id]
    assert (page[0].created_at, page[0].last_seen_at, page[0].user_agent) == (NOW, NOW, "a test")


async def test_keys_are_listed_with_what_they_hold(adapters: AsyncContainer) -> None:
    owner = a_user_id()
    held = frozenset({Scope.PHOTOS_WRITE, Scope.ALBUMS_READ})
    first = await stored(adapters, an_api_key(user_id=owner, name="backup", scopes=held, expires_at=LATER))
    second = await stored(adapters, an_api_key(user_id=owner))
    await stored(adapters, an_api_key(user_id=a_user_id()))

    newest, oldest = await keys_of(adapters, owner)

    assert (newest.id, oldest.id) == (second.id, first.id)
    assert (oldest.name, list(oldest.scopes)) == ("backup", ["albums:read", "photos:write"])
    assert (oldest.created_at, oldest.expires_at, newest.expires_at) == (NOW, LATER, None)
    assert as_uuids(await keys_of(adapters, owner, limit=1)) == [second.id]


async def test_a_key_is_removed_by_its_owner_alone_and_once(adapters: AsyncContainer) -> None:
    key = await stored(adapters, an_api_key(user_id=a_user_id()))

    async with transaction(adapters, ApiKeyRepository) as keys:
        with pytest.raises(ApiKeyNotFound):
            await keys.remove(key.id, owner=a_user_id())
        await keys.remove(key.id, owner=key.user_id)
        with pytest.raises(ApiKeyNotFound):
            await keys.remove(key.id, owner=key.user_id)

    assert await keys_of(adapters, key.user_id) == []
