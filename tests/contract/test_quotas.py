"""What uploads may rely on, wherever quotas are kept."""

import asyncio

import pytest
from dishka import AsyncContainer

from photostore.quota.errors import QuotaExceeded
from photostore.quota.figures import Figures
from photostore.quota.ports import Quotas
from photostore.shared.ids import UserId
from photostore.user.errors import UserNotFound
from tests.builders import a_user, a_user_id
from tests.containers import QUOTA_BYTES
from tests.using import stored, transaction

ALL = QUOTA_BYTES


@pytest.fixture
async def owner(adapters: AsyncContainer) -> UserId:
    return (await stored(adapters, a_user())).id


async def reserve(adapters: AsyncContainer, owner: UserId, byte_size: int) -> None:
    async with transaction(adapters, Quotas) as quotas:
        await quotas.reserve(owner, byte_size)


async def settle(adapters: AsyncContainer, owner: UserId, *, reserved: int, used: int) -> None:
    async with transaction(adapters, Quotas) as quotas:
        await quotas.settle(owner, reserved=reserved, used=used)


async def refusal(adapters: AsyncContainer, owner: UserId, byte_size: int = ALL + 1) -> tuple[int, int, int, int]:
    """What the owner is told, and so what is kept: requested, used, reserved, quota."""
    with pytest.raises(QuotaExceeded) as refused:
        await reserve(adapters, owner, byte_size)
    told = refused.value
    return told.requested, told.used, told.reserved, told.quota


async def test_a_new_owner_has_the_whole_default(adapters: AsyncContainer, owner: UserId) -> None:
    await reserve(adapters, owner, ALL)

    assert await refusal(adapters, owner, 1) == (1, 0, ALL, ALL)


async def test_what_does_not_fit_reserves_nothing(adapters: AsyncContainer, owner: UserId) -> None:
    await reserve(adapters, owner, ALL - 10)

    assert await refusal(adapters, owner, 11) == (11, 0, ALL - 10, ALL)
    await reserve(adapters, owner, 10)


async def test_nothing_can_be_reserved_even_when_all_is_used(adapters: AsyncContainer, owner: UserId) -> None:
    await reserve(adapters, owner, ALL)

    await reserve(adapters, owner, 0)


async def test_a_reservation_becomes_what_was_used(adapters: AsyncContainer, owner: UserId) -> None:
    await reserve(adapters, owner, 500)

    await settle(adapters, owner, reserved=500, used=300)

    assert await refusal(adapters, owner) == (ALL + 1, 300, 0, ALL)


async def test_what_turned_out_larger_is_settled_while_it_fits(adapters: AsyncContainer, owner: UserId) -> None:
    await reserve(adapters, owner, 10)

    await settle(adapters, owner, reserved=10, used=ALL)

    assert await refusal(adapters, owner, 1) == (1, ALL, 0, ALL)


async def test_what_turned_out_too_large_is_refused_and_stays_reserved(adapters: AsyncContainer, owner: UserId) -> None:
    await reserve(adapters, owner, 10)

    with pytest.raises(QuotaExceeded):
        await settle(adapters, owner, reserved=10, used=ALL + 1)

    assert await refusal(adapters, owner) == (ALL + 1, 0, 10, ALL)


async def test_a_reservation_can_be_given_back(adapters: AsyncContainer, owner: UserId) -> None:
    await reserve(adapters, owner, ALL)

    async with transaction(adapters, Quotas) as quotas:
        await quotas.release(owner, ALL)

    await reserve(adapters, owner, ALL)


async def test_what_photos_used_is_given_back_when_they_go(adapters: AsyncContainer, owner: UserId) -> None:
    for _ in range(2):
        await settle(adapters, owner, reserved=0, used=ALL // 2)

    async with transaction(adapters, Quotas) as quotas:
        await quotas.adjust(owner, Figures(originals_bytes=-ALL, photo_count=-2))

    assert await refusal(adapters, owner) == (ALL + 1, 0, 0, ALL)


async def test_what_is_rolled_back_is_not_reserved(adapters: AsyncContainer, owner: UserId) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - all of it is what fails
        async with transaction(adapters, Quotas) as quotas:
            await quotas.reserve(owner, 500)
            raise ZeroDivisionError

    assert await refusal(adapters, owner) == (ALL + 1, 0, 0, ALL)


async def test_nobody_has_nothing(adapters: AsyncContainer) -> None:
    for byte_size in (0, 1):
        with pytest.raises(UserNotFound):
            await reserve(adapters, a_user_id(), byte_size)
    with pytest.raises(UserNotFound):
        await settle(adapters, a_user_id(), reserved=0, used=1)


async def test_giving_back_to_nobody_is_fine(adapters: AsyncContainer) -> None:
    async with transaction(adapters, Quotas) as quotas:
        await quotas.release(a_user_id(), 10)
        await quotas.adjust(a_user_id(), Figures(originals_bytes=-1, photo_count=-1))


async def test_one_owners_uploads_leave_anothers_quota_alone(adapters: AsyncContainer, owner: UserId) -> None:
    other = await stored(adapters, a_user())
    await reserve(adapters, other.id, ALL)

    await reserve(adapters, owner, ALL)


async def test_fifty_uploads_at_once_never_pass_the_quota_together(adapters: AsyncContainer, owner: UserId) -> None:
    size = ALL // 10

    outcomes = await asyncio.gather(*(reserve(adapters, owner, size) for _ in range(50)), return_exceptions=True)

    assert outcomes.count(None) == 10
    assert [type(outcome) for outcome in outcomes].count(QuotaExceeded) == 40
    assert await refusal(adapters, owner, 1) == (1, 0, ALL, ALL)
