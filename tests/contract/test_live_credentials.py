"""What a request may rely on when it asks who is behind a credential."""

from dataclasses import replace
from datetime import timedelta

from dishka import AsyncContainer

from photostore.user.actor import Actor
from photostore.user.ports import ApiKeyRepository, SessionRepository, UserRepository
from photostore.user.queries import LiveCredentials
from photostore.user.scopes import ALL_SCOPES, Scope
from photostore.user.session import ApiKey, Session, digest
from tests.builders import a_session, a_user, a_user_id, an_api_key
from tests.fakes.system import NOW, FakeClock
from tests.using import get, stored, transaction
from tests.waiting import eventually

IDENTITY = ("https://id.test", "alice")


async def of_session(adapters: AsyncContainer, session: Session) -> Actor | None:
    return await (await get(adapters, LiveCredentials)).of_session(session.user_id, session.id)


async def of_key(adapters: AsyncContainer, key: ApiKey, secret: bytes = b"secret") -> Actor | None:
    return await (await get(adapters, LiveCredentials)).of_api_key(key.user_id, key.id, digest(secret))


async def revoke(adapters: AsyncContainer, session: Session) -> None:
    async with transaction(adapters, SessionRepository) as sessions:
        await sessions.revoke_all(session.user_id, but=None, now=NOW)


async def test_a_live_session_is_its_users(adapters: AsyncContainer) -> None:
    user = await stored(adapters, a_user(is_admin=True))
    session = await stored(adapters, a_session(user_id=user.id))

    actor = await of_session(adapters, session)

    assert actor == Actor(user_id=user.id, is_admin=True, scopes=ALL_SCOPES, session_id=session.id)


async def test_a_session_is_nobodys_under_another_user(adapters: AsyncContainer) -> None:
    session = await stored(adapters, a_session(user_id=a_user_id()))
    other = await stored(adapters, a_user())

    live = await get(adapters, LiveCredentials)

    assert await live.of_session(other.id, session.id) is None


async def test_a_session_that_expired_is_nobodys(adapters: AsyncContainer, clock: FakeClock) -> None:
    session = await stored(adapters, a_session(user_id=a_user_id(), expires_at=NOW + timedelta(hours=1)))

    clock.advance(hours=1)

    assert await of_session(adapters, session) is None


async def test_what_was_good_a_moment_ago_ends_when_it_expires(adapters: AsyncContainer, clock: FakeClock) -> None:
    user, soon = await stored(adapters, a_user()), NOW + timedelta(seconds=1)
    key = await stored(adapters, an_api_key(user_id=user.id, expires_at=soon))
    session = await stored(adapters, a_session(user_id=user.id, expires_at=soon))
    before = (await of_key(adapters, key), await of_session(adapters, session))

    clock.advance(seconds=1)

    assert None not in before
    assert (await of_key(adapters, key), await of_session(adapters, session)) == (None, None)


async def test_a_revocation_shows_at_once_where_it_is_told(adapters: AsyncContainer) -> None:
    session = await stored(adapters, a_session(user_id=a_user_id()))
    assert await of_session(adapters, session) is not None
    await revoke(adapters, session)

    (await get(adapters, LiveCredentials)).forget(session.user_id)

    assert await of_session(adapters, session) is None


async def test_elsewhere_it_shows_within_five_seconds(adapters: AsyncContainer) -> None:
    session = await stored(adapters, a_session(user_id=a_user_id()))
    assert await of_session(adapters, session) is not None

    await revoke(adapters, session)

    async def is_refused() -> bool:
        return await of_session(adapters, session) is None

    await eventually(is_refused, within=5)


async def test_a_session_made_after_it_was_looked_for_is_good_at_once(adapters: AsyncContainer) -> None:
    session = a_session(user_id=a_user_id())
    assert await of_session(adapters, session) is None

    await stored(adapters, session)

    assert await of_session(adapters, session) is not None


async def test_forgetting_one_user_does_not_touch_another(adapters: AsyncContainer) -> None:
    session = await stored(adapters, a_session(user_id=a_user_id()))

    (await get(adapters, LiveCredentials)).forget(a_user_id())

    assert await of_session(adapters, session) is not None


async def test_using_a_session_tells_when_it_was_last_seen(adapters: AsyncContainer, clock: FakeClock) -> None:
    session = await stored(adapters, a_session(user_id=a_user_id()))
    clock.advance(seconds=61)

    await of_session(adapters, session)

    async with transaction(adapters, SessionRepository) as sessions:
        seen = await sessions.get(session.id, owner=session.user_id)
    assert (seen.last_seen_at, seen.version) == (clock.now(), 1)


async def test_a_key_holds_its_scopes(adapters: AsyncContainer) -> None:
    held = frozenset({Scope.PHOTOS_READ, Scope.ADMIN})
    key = await stored(adapters, an_api_key(user_id=a_user_id(), scopes=held))

    actor = await of_key(adapters, key)

    assert actor == Actor(user_id=key.user_id, is_admin=False, scopes=held, api_key_id=key.id)


async def test_a_key_with_another_secret_is_nobodys(adapters: AsyncContainer) -> None:
    key = await stored(adapters, an_api_key(user_id=a_user_id()))
    assert await of_key(adapters, key) is not None

    assert await of_key(adapters, key, b"guess") is None


async def test_a_key_that_expired_is_nobodys(adapters: AsyncContainer, clock: FakeClock) -> None:
    key = await stored(adapters, an_api_key(user_id=a_user_id(), expires_at=NOW + timedelta(hours=1)))

    clock.advance(hours=1)

    assert await of_key(adapters, key) is None


async def test_a_removed_key_is_nobodys_where_it_is_told(adapters: AsyncContainer) -> None:
    key = await stored(adapters, an_api_key(user_id=a_user_id()))
    assert await of_key(adapters, key) is not None
    async with transaction(adapters, ApiKeyRepository) as keys:
        await keys.remove(key.id, owner=key.user_id)

    (await get(adapters, LiveCredentials)).forget(key.user_id)

    assert await of_key(adapters, key) is None


async def test_an_identity_is_its_users_once_they_were_here(adapters: AsyncContainer) -> None:
    live = await get(adapters, LiveCredentials)
    before = await live.of_identity(*IDENTITY)
    user = await stored(adapters, a_user(identity=IDENTITY))

    actor = await live.of_identity(*IDENTITY)

    assert before is None
    assert actor == Actor(user_id=user.id, is_admin=False)
    assert await live.of_identity("https://other.test", "alice") is None


async def test_nothing_of_a_user_who_is_not_active_lives(adapters: AsyncContainer) -> None:
    disabled = await stored(adapters, a_user(disabled_at=NOW))
    erased = await stored(adapters, a_user(identity=IDENTITY))
    async with transaction(adapters, UserRepository) as users:
        leaving = await users.get(erased.id)
        leaving.erase(now=NOW)
        await users.save(leaving)

    for user in (disabled, erased):
        assert await of_session(adapters, await stored(adapters, a_session(user_id=user.id))) is None
        assert await of_key(adapters, await stored(adapters, an_api_key(user_id=user.id))) is None
    assert await (await get(adapters, LiveCredentials)).of_identity(*IDENTITY) is None


async def test_who_goes_on_for_long_is_looked_up_anew_and_all_at_once(
    adapters: AsyncContainer, clock: FakeClock
) -> None:
    live, soon = await get(adapters, LiveCredentials), NOW + timedelta(seconds=1)
    revoked, lasting = [await stored(adapters, a_session(user_id=a_user_id())) for _ in range(2)]
    key, dying = [await stored(adapters, an_api_key(user_id=lasting.user_id, expires_at=at)) for at in (None, soon)]
    brief = await stored(adapters, a_session(user_id=lasting.user_id, expires_at=soon))
    foreign = replace(key, user_id=revoked.user_id)
    actors = [_session_actor(each) for each in (revoked, lasting, brief)]
    actors += [_key_actor(each) for each in (key, dying, foreign)]
    actors += [Actor(user_id=lasting.user_id, is_admin=False), Actor(user_id=a_user_id(), is_admin=False)]
    before = await live.ended(actors)

    await revoke(adapters, revoked)
    clock.advance(seconds=1)

    assert before == {actors[5], actors[7]}
    assert await live.ended(actors) == {actors[0], actors[2], actors[4], actors[5], actors[7]}
    assert await live.ended([]) == set()


async def test_all_credentials_end_with_the_account(adapters: AsyncContainer) -> None:
    live = await get(adapters, LiveCredentials)
    user = await stored(adapters, a_user(disabled_at=NOW))
    session = await stored(adapters, a_session(user_id=user.id))
    key = await stored(adapters, an_api_key(user_id=user.id))
    actors = [_session_actor(session), _key_actor(key), Actor(user_id=user.id, is_admin=False)]

    assert await live.ended(actors) == set(actors)


def _session_actor(session: Session) -> Actor:
    return Actor(user_id=session.user_id, is_admin=False, session_id=session.id)


def _key_actor(key: ApiKey) -> Actor:
    return Actor(user_id=key.user_id, is_admin=False, scopes=key.scopes, api_key_id=key.id)
