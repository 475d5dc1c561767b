"""The keys of requests that may be sent again, and the transactions that wait for their answers."""

import asyncio
from datetime import timedelta

import pytest
from dishka import AsyncContainer

from photostore.hashtag.ports import HashtagRepository
from photostore.hashtag.queries import HashtagQueries
from photostore.shared.idempotency import (
    LEASE,
    LIFETIME,
    BodyPrint,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    IdempotencyKeys,
    KeptAnswer,
    KeyUse,
)
from photostore.shared.ids import UserId
from photostore.shared.unit_of_work import UnitOfWork
from tests.builders import a_hashtag, a_user
from tests.fakes.system import FakeClock
from tests.using import get, stored

ANSWER = KeptAnswer(
    status=201,
    headers=[("content-type", "application/json")],
    body=b'{"key": "psk_secret"}',
    streamed=BodyPrint(taken=3, digest=b"abc"),
)


@pytest.fixture
async def use(adapters: AsyncContainer) -> KeyUse:
    return a_use((await stored(adapters, a_user())).id)


def a_use(owner: UserId, *, request: bytes = b"request") -> KeyUse:
    return KeyUse(owner=owner, key="one", request=request)


async def claimed(adapters: AsyncContainer, use: KeyUse) -> KeptAnswer | None:
    async with adapters() as scope:
        return await (await get(scope, IdempotencyKeys)).claim(use)


async def answered(adapters: AsyncContainer, use: KeyUse) -> None:
    async with adapters() as scope:
        keys = await get(scope, IdempotencyKeys)
        await keys.claim(use)
        await keys.keep(ANSWER)


async def changed(scope: AsyncContainer, name: str, use: KeyUse) -> None:
    async with (await get(scope, UnitOfWork)).answering():
        await (await get(scope, HashtagRepository)).add(a_hashtag(name, created_by=use.owner))


async def hashtags(adapters: AsyncContainer) -> list[str]:
    views = await (await get(adapters, HashtagQueries)).list(reader=None, after=None, limit=10)
    return [view.name for view in views]


async def test_an_answer_is_told_again(adapters: AsyncContainer, use: KeyUse) -> None:
    await answered(adapters, use)

    assert await claimed(adapters, use) == ANSWER


async def test_while_the_first_runs_its_key_is_in_use(adapters: AsyncContainer, use: KeyUse) -> None:
    assert await claimed(adapters, use) is None

    with pytest.raises(IdempotencyKeyInUse):
        await claimed(adapters, use)


async def test_of_two_that_come_at_once_one_has_the_key(adapters: AsyncContainer, use: KeyUse) -> None:
    results = await asyncio.gather(*(claimed(adapters, use) for _ in range(8)), return_exceptions=True)

    assert results.count(None) == 1
    assert sum(isinstance(each, IdempotencyKeyInUse) for each in results) == 7


@pytest.mark.parametrize("has_ended", [True, False])
async def test_another_request_may_not_have_the_key(adapters: AsyncContainer, use: KeyUse, has_ended: bool) -> None:
    await (answered if has_ended else claimed)(adapters, use)

    with pytest.raises(IdempotencyKeyReused):
        await claimed(adapters, a_use(use.owner, request=b"another"))


async def test_another_owners_key_is_another(adapters: AsyncContainer, use: KeyUse) -> None:
    await answered(adapters, use)
    someone_else = await stored(adapters, a_user())

    assert await claimed(adapters, a_use(someone_else.id, request=b"another")) is None


async def test_a_released_key_is_free(adapters: AsyncContainer, use: KeyUse) -> None:
    async with adapters() as scope:
        keys = await get(scope, IdempotencyKeys)
        await keys.claim(use)
        await keys.release()

    assert await claimed(adapters, use) is None


async def test_an_answer_that_is_kept_stays_when_it_is_released(adapters: AsyncContainer, use: KeyUse) -> None:
    async with adapters() as scope:
        keys = await get(scope, IdempotencyKeys)
        await keys.claim(use)
        await keys.keep(ANSWER)
        await keys.release()

    assert await claimed(adapters, use) == ANSWER


async def test_the_key_of_one_that_died_is_free_after_its_lease(
    adapters: AsyncContainer, use: KeyUse, clock: FakeClock
) -> None:
    await claimed(adapters, use)

    clock.advance(seconds=LEASE.total_seconds())

    assert await claimed(adapters, use) is None


async def test_a_renewed_lease_holds_on(adapters: AsyncContainer, use: KeyUse, clock: FakeClock) -> None:
    async with adapters() as scope:
        keys = await get(scope, IdempotencyKeys)
        await keys.claim(use)
        clock.advance(seconds=(LEASE - timedelta(seconds=1)).total_seconds())

        await keys.renew()
        clock.advance(seconds=(LEASE - timedelta(seconds=1)).total_seconds())

        with pytest.raises(IdempotencyKeyInUse):
            await claimed(adapters, use)


async def test_after_a_day_the_key_is_a_new_one(adapters: AsyncContainer, use: KeyUse, clock: FakeClock) -> None:
    await answered(adapters, use)

    clock.advance(seconds=LIFETIME.total_seconds())

    assert await claimed(adapters, a_use(use.owner, request=b"another")) is None


async def test_keys_whose_time_is_over_are_pruned_and_counted(
    adapters: AsyncContainer, use: KeyUse, clock: FakeClock
) -> None:
    await answered(adapters, use)
    keys = await stored(adapters, a_user())
    clock.advance(seconds=(LIFETIME / 2).total_seconds())
    await answered(adapters, a_use(keys.id))
    clock.advance(seconds=(LIFETIME / 2).total_seconds())

    async with adapters() as scope:
        assert await (await get(scope, IdempotencyKeys)).prune() == 1
        assert await (await get(scope, IdempotencyKeys)).prune() == 0


async def test_a_change_is_there_with_its_answer(adapters: AsyncContainer, use: KeyUse) -> None:
    async with adapters() as scope:
        keys = await get(scope, IdempotencyKeys)
        await keys.claim(use)
        await changed(scope, "sunset", use)

        await keys.keep(ANSWER)

    assert await hashtags(adapters) == ["sunset"]
    assert await claimed(adapters, use) == ANSWER


async def test_the_request_that_waits_for_its_answer_sees_its_change(adapters: AsyncContainer, use: KeyUse) -> None:
    async with adapters() as scope:
        await (await get(scope, IdempotencyKeys)).claim(use)
        await changed(scope, "sunset", use)

        assert await hashtags(adapters) == ["sunset"]
        await (await get(scope, IdempotencyKeys)).release()


async def test_a_lease_can_be_renewed_while_a_change_waits(adapters: AsyncContainer, use: KeyUse) -> None:
    async with adapters() as scope:
        keys = await get(scope, IdempotencyKeys)
        await keys.claim(use)
        await changed(scope, "sunset", use)

        await asyncio.gather(keys.renew(), hashtags(adapters))
        await keys.keep(ANSWER)

    assert await hashtags(adapters) == ["sunset"]


async def test_who_dies_before_the_answer_has_changed_nothing(
    adapters: AsyncContainer, use: KeyUse, clock: FakeClock
) -> None:
    async with adapters() as scope:
        await (await get(scope, IdempotencyKeys)).claim(use)
        await changed(scope, "sunset", use)

    clock.advance(seconds=LEASE.total_seconds())
    assert await claimed(adapters, use) is None
    assert await hashtags(adapters) == []


async def test_releasing_undoes_the_change_that_waits(adapters: AsyncContainer, use: KeyUse) -> None:
    async with adapters() as scope:
        keys = await get(scope, IdempotencyKeys)
        await keys.claim(use)
        await changed(scope, "sunset", use)

        await keys.release()

        assert await hashtags(adapters) == []


async def test_who_lost_the_key_changes_nothing(adapters: AsyncContainer, use: KeyUse, clock: FakeClock) -> None:
    async with adapters() as slow:
        keys = await get(slow, IdempotencyKeys)
        await keys.claim(use)
        await changed(slow, "slow", use)
        clock.advance(seconds=LEASE.total_seconds())
        await asyncio.create_task(answered(adapters, use))

        with pytest.raises(IdempotencyKeyInUse):
            await keys.keep(ANSWER)

    assert await hashtags(adapters) == []
    assert await claimed(adapters, use) == ANSWER


async def test_an_earlier_change_of_the_request_does_not_wait(adapters: AsyncContainer, use: KeyUse) -> None:
    async with adapters() as scope:
        keys = await get(scope, IdempotencyKeys)
        await keys.claim(use)
        async with await get(scope, UnitOfWork):
            await (await get(scope, HashtagRepository)).add(a_hashtag("early", created_by=use.owner))
        await changed(scope, "late", use)

        await keys.release()

    assert await hashtags(adapters) == ["early"]


async def test_without_a_key_nothing_waits(adapters: AsyncContainer, use: KeyUse) -> None:
    async with adapters() as scope:
        await changed(scope, "sunset", use)

    assert await hashtags(adapters) == ["sunset"]
