"""What one process takes back the others take back at once, however long they would have remembered it."""

from collections.abc import AsyncIterator

import pytest
from dishka import AsyncContainer

from photostore.shared.media import MediaRevocations, MediaRevoker, MediaUrlInvalid
from photostore.user.commands.revoke_session import RevokeSession
from photostore.user.queries import LiveCredentials
from photostore_adapters.redis.client import RedisClient
from photostore_adapters.redis.revocations import RevocationBus
from photostore_adapters.redis.settings import RedisSettings
from tests.adapters.redis.hearing import hears
from tests.builders import a_session, a_user_id
from tests.containers import LONG_REMEMBERING, on_redis
from tests.fakes.store import FakeStore
from tests.using import get, stored, transaction, use
from tests.waiting import eventually


@pytest.fixture
async def other(store: FakeStore, emptied_database_url: str, redis_url: str) -> AsyncIterator[AsyncContainer]:
    """It would remember for an hour."""
    container = on_redis(store, emptied_database_url, redis_url, remembering=LONG_REMEMBERING)
    bus, settings = await container.get(RevocationBus), await container.get(RedisSettings)
    bus.start()
    await eventually(lambda: hears(settings, settings.revocations_channel))
    yield container
    await container.close()


async def test_a_session_that_one_revoked_the_other_refuses(one: AsyncContainer, other: AsyncContainer) -> None:
    session = await stored(one, a_session(user_id=a_user_id()))
    live = await get(other, LiveCredentials)
    assert await live.of_session(session.user_id, session.id) is not None

    await use(one, RevokeSession)(actor=session.user_id, session_id=session.id)

    async def is_refused() -> bool:
        return await live.of_session(session.user_id, session.id) is None

    await eventually(is_refused)


async def test_a_media_url_that_one_took_back_the_other_serves_no_longer(
    one: AsyncContainer, other: AsyncContainer
) -> None:
    revocations = await get(other, MediaRevocations)
    await revocations.demand_valid("picture")

    async with transaction(one, MediaRevoker) as revoker:
        await revoker.revoke(["picture"])

    async def is_refused() -> bool:
        try:
            await revocations.demand_valid("picture")
        except MediaUrlInvalid:
            return True
        return False

    await eventually(is_refused)


async def test_without_redis_revoking_works_all_the_same(one: AsyncContainer) -> None:
    session = await stored(one, a_session(user_id=a_user_id()))
    live = await get(one, LiveCredentials)
    assert await live.of_session(session.user_id, session.id) is not None
    (await (await one.get(RedisClient)).needed()).lose(ConnectionError("as told"))

    await use(one, RevokeSession)(actor=session.user_id, session_id=session.id)

    assert await live.of_session(session.user_id, session.id) is None
