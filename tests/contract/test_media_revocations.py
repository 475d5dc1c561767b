"""Which signed URLs were taken back, wherever that is kept."""

import pytest
from dishka import AsyncContainer

from photostore.shared.errors import Unavailable
from photostore.shared.media import MediaRevocations, MediaRevoker, MediaUrlInvalid
from tests.using import get, transaction
from tests.waiting import eventually

SUBJECT, OTHER = "ab/0190", "cd/0191"


async def revoked(adapters: AsyncContainer, *subjects: str) -> None:
    async with transaction(adapters, MediaRevoker) as revoker:
        await revoker.revoke(subjects)


async def is_valid(adapters: AsyncContainer, *subjects: str) -> bool:
    try:
        await (await get(adapters, MediaRevocations)).demand_valid(*subjects)
    except MediaUrlInvalid:
        return False
    return True


async def test_nothing_is_revoked_at_first(adapters: AsyncContainer) -> None:
    assert await is_valid(adapters, SUBJECT, "user-1")


async def test_a_revoked_subject_serves_nothing_soon(adapters: AsyncContainer) -> None:
    assert await is_valid(adapters, SUBJECT, "user-1")

    await revoked(adapters, SUBJECT, SUBJECT)

    await eventually(lambda: _is_revoked(adapters, SUBJECT))
    assert await is_valid(adapters, OTHER, "user-1")
    assert not await is_valid(adapters, OTHER, SUBJECT)


async def test_revoked_already_is_fine(adapters: AsyncContainer) -> None:
    await revoked(adapters, SUBJECT)
    await revoked(adapters, OTHER, SUBJECT)

    await eventually(lambda: _is_revoked(adapters, OTHER))
    assert not await is_valid(adapters, SUBJECT)


async def test_what_was_rolled_back_revokes_nothing(adapters: AsyncContainer) -> None:
    async def break_off() -> None:
        async with transaction(adapters, MediaRevoker) as revoker:
            await revoker.revoke([OTHER])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await break_off()
    await revoked(adapters, SUBJECT)

    await eventually(lambda: _is_revoked(adapters, SUBJECT))
    assert await is_valid(adapters, OTHER)


async def test_pruning_keeps_what_may_still_be_asked_for(adapters: AsyncContainer) -> None:
    await revoked(adapters, SUBJECT)

    await (await get(adapters, MediaRevocations)).prune()

    await eventually(lambda: _is_revoked(adapters, SUBJECT))


async def _is_revoked(adapters: AsyncContainer, subject: str) -> bool:
    try:
        return not await is_valid(adapters, subject)
    except Unavailable:
        return False
