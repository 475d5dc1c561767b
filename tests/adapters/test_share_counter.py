"""What is kept of the visitors of a link: nothing that names one, and nothing after the day."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import pytest
from dishka import AsyncContainer

from photostore.selection.ports import SelectionRepository
from photostore.share_link.errors import ShareLinkNotFound
from photostore.share_link.ports import ShareCounter, Visitor
from photostore.share_link.queries import SharedLink, ShareQueries
from tests.adapters.test_migrations import connected
from tests.builders import a_photo, a_share_link
from tests.containers import on_postgres
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW
from tests.fixtures.postgres import SOMEBODY_WAITS
from tests.using import get, stored, transaction
from tests.waiting import eventually

VISITOR = Visitor(address="192.0.2.77", user_agent="a very rare browser")


async def test_no_address_is_kept_and_after_the_day_no_visitor(database_url: str) -> None:
    container = on_postgres(FakeStore(), database_url)
    photo = await stored(container, a_photo())
    kept = await stored(container, a_share_link(owner_id=photo.owner_id, photo_ids=[photo.id]))
    counter, link = (
        await get(container, ShareCounter),
        await (await get(container, ShareQueries)).find(kept.token_digest),
    )
    assert link is not None

    await counter.view(link, VISITOR, now=NOW)
    async with connected(database_url) as connection:
        [visitor] = await connection.fetchval("SELECT array_agg(visitor) FROM share_link_visitors")
        salts = await connection.fetchval("SELECT count(*) FROM share_link_salts")
        await counter.forget_visitors(now=NOW + timedelta(days=1))
        left = [
            await connection.fetchval(f"SELECT count(*) FROM {table}")
            for table in ("share_link_visitors", "share_link_salts", "share_link_days")
        ]
    await container.close()

    assert (len(visitor), salts, left) == (16, 1, [0, 0, 1])
    assert b"192.0.2.77" not in visitor
    assert "192.0.2.77" not in repr(VISITOR)


async def test_every_process_knows_a_visitor_again(database_url: str) -> None:
    containers = [on_postgres(FakeStore(), database_url) for _ in range(2)]
    photo = await stored(containers[0], a_photo())
    kept = await stored(containers[0], a_share_link(owner_id=photo.owner_id, photo_ids=[photo.id]))

    for container in containers:
        link = await (await get(container, ShareQueries)).find(kept.token_digest)
        assert link is not None
        await (await get(container, ShareCounter)).view(link, VISITOR, now=NOW)
        await container.close()

    async with connected(database_url) as connection:
        assert tuple(await connection.fetchrow("SELECT views, visitors FROM share_link_days")) == (2, 1)


async def _counted(container: AsyncContainer, link: SharedLink) -> None:
    counter = await get(container, ShareCounter)
    await counter.upload(link, now=NOW)


async def _chosen(container: AsyncContainer, link: SharedLink) -> None:
    with pytest.raises(ShareLinkNotFound):
        async with transaction(container, SelectionRepository) as selections:
            await selections.hold(link.id, owner=link.owner_id)


@pytest.mark.parametrize("act", [_counted, _chosen])
async def test_what_happens_just_as_a_link_is_deleted_happens_to_none(
    database_url: str, act: Callable[[AsyncContainer, SharedLink], Coroutine[Any, Any, None]]
) -> None:
    container = on_postgres(FakeStore(), database_url)
    photo = await stored(container, a_photo())
    kept = await stored(container, a_share_link(owner_id=photo.owner_id, photo_ids=[photo.id]))
    link = await (await get(container, ShareQueries)).find(kept.token_digest)
    assert link is not None

    async with connected(database_url) as connection, connected(database_url) as watching:

        async def it_waits() -> bool:
            return bool(await watching.fetchval(SOMEBODY_WAITS))

        deleting = connection.transaction()
        await deleting.start()
        await connection.execute("DELETE FROM share_links")
        acting = asyncio.create_task(act(container, link))
        await eventually(it_waits, what="what happens to wait for the deletion")
        await deleting.commit()
        await acting
        days = await watching.fetchval("SELECT count(*) FROM share_link_days")
    await container.close()

    assert days == 0
