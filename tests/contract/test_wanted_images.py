"""Images that were asked for and are not there yet, wherever that is kept."""

from datetime import timedelta

import pytest
from dishka import AsyncContainer

from photostore.photo.picture import Failure
from photostore.photo.ports import WantedImage, WantedImages
from photostore.shared.blobs import BlobKey
from photostore.shared.ids import UserId
from tests.builders import a_user
from tests.fakes.system import NOW
from tests.using import stored, transaction

KEY, OTHER = BlobKey("renditions/a/1.webp"), BlobKey("renditions/a/2.webp")
LATER = NOW + timedelta(minutes=61)


@pytest.fixture
async def owner(adapters: AsyncContainer) -> UserId:
    return (await stored(adapters, a_user())).id


async def want(adapters: AsyncContainer, owner: UserId, key: BlobKey, *, minutes: float = 0) -> WantedImage:
    async with transaction(adapters, WantedImages) as wanted:
        return await wanted.want(owner, key, now=NOW + timedelta(minutes=minutes))


async def fail(adapters: AsyncContainer, owner: UserId, key: BlobKey) -> None:
    async with transaction(adapters, WantedImages) as wanted:
        await wanted.failed(owner, key, Failure.TIMED_OUT)


async def test_others_of_the_same_owner_are_counted(adapters: AsyncContainer, owner: UserId) -> None:
    stranger = (await stored(adapters, a_user())).id
    await want(adapters, stranger, KEY)

    told = [await want(adapters, owner, key) for key in (KEY, KEY, OTHER)]

    assert told == [WantedImage(failure=None, waiting=waiting) for waiting in (0, 0, 1)]


async def test_nobody_waits_for_what_was_made(adapters: AsyncContainer, owner: UserId) -> None:
    await want(adapters, owner, KEY)

    async with transaction(adapters, WantedImages) as wanted:
        await wanted.made(owner, KEY)
        await wanted.made(owner, KEY)

    assert await want(adapters, owner, OTHER) == WantedImage(failure=None, waiting=0)


async def test_a_failure_is_told_and_keeps_nobody_waiting(adapters: AsyncContainer, owner: UserId) -> None:
    await want(adapters, owner, KEY)

    await fail(adapters, owner, KEY)

    assert (await want(adapters, owner, KEY)).failure is Failure.TIMED_OUT
    assert (await want(adapters, owner, OTHER)).waiting == 0


async def test_what_is_older_than_an_hour_counts_for_nothing(adapters: AsyncContainer, owner: UserId) -> None:
    await want(adapters, owner, OTHER)
    await want(adapters, owner, KEY)
    await fail(adapters, owner, KEY)

    assert (await want(adapters, owner, KEY, minutes=59)).failure is Failure.TIMED_OUT
    assert await want(adapters, owner, KEY, minutes=61) == WantedImage(failure=None, waiting=0)


async def test_old_ones_are_forgotten(adapters: AsyncContainer, owner: UserId) -> None:
    await want(adapters, owner, KEY)
    await fail(adapters, owner, KEY)

    async with transaction(adapters, WantedImages) as wanted:
        await wanted.forget(before=NOW)
    assert (await want(adapters, owner, KEY)).failure is Failure.TIMED_OUT

    async with transaction(adapters, WantedImages) as wanted:
        await wanted.forget(before=LATER)
    assert (await want(adapters, owner, KEY)).failure is None


async def test_what_was_never_wanted_cannot_fail(adapters: AsyncContainer, owner: UserId) -> None:
    await fail(adapters, owner, KEY)

    assert (await want(adapters, owner, KEY)).failure is None
