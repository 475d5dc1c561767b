"""Who delivers and who edits, at the same moment, on a real Postgres."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import asyncpg
import pytest
from dishka import AsyncContainer

from photostore.webhook.commands.edit_webhook import EditWebhook
from photostore.webhook.commands.ping_webhook import PingWebhook
from photostore.webhook.ports import WebhookRepository, WebhookRuns
from photostore.webhook.webhook import DisabledReason, Webhook, WebhookEdit
from photostore_adapters.postgres.change_announcer import CHANNEL
from tests.containers import on_postgres
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW, new_id
from tests.fixtures.postgres import SOMEBODY_WAITS
from tests.using import get, transaction, use
from tests.waiting import eventually
from tests.webhooks import a_webhook

LATER = NOW + timedelta(seconds=15)


@pytest.fixture
async def container(emptied_database_url: str) -> AsyncIterator[AsyncContainer]:
    container = on_postgres(FakeStore(), emptied_database_url)
    yield container
    await container.close()


async def test_workers_are_told_of_what_is_asked_for_and_of_who_starts_afresh(
    container: AsyncContainer, emptied_database_url: str
) -> None:
    owner, webhook_id = await a_webhook(container)
    listening, told = await asyncpg.connect(emptied_database_url), list[str]()
    await listening.add_listener(CHANNEL, lambda *heard: told.append(heard[3]))

    await use(container, PingWebhook)(actor=owner, webhook_id=webhook_id)
    await eventually(lambda: told == [str(owner)])
    await use(container, EditWebhook)(actor=owner, webhook_id=webhook_id, edit=WebhookEdit(disabled=False))
    await eventually(lambda: told == [str(owner)] * 2)

    await listening.close()


async def start_afresh(webhooks: WebhookRepository, webhook: Webhook) -> None:
    await webhooks.start_afresh(webhook, skip_missed=True)


async def remove(webhooks: WebhookRepository, webhook: Webhook) -> None:
    await webhooks.remove(webhook)


@pytest.mark.parametrize("do", [start_afresh, remove])
async def test_who_records_waits_for_who_edits_and_keeps_nothing(
    container: AsyncContainer,
    emptied_database_url: str,
    do: Callable[[WebhookRepository, Webhook], Awaitable[None]],
) -> None:
    owner, webhook_id = await a_webhook(container)
    runs = await get(container, WebhookRuns)
    run = await runs.take(webhook_id, owner=owner, holder=new_id(), now=NOW, until=LATER)
    assert run is not None
    watching = await asyncpg.connect(emptied_database_url)

    async def somebody_waits() -> bool:
        return bool(await watching.fetchval(SOMEBODY_WAITS))

    async with transaction(container, WebhookRepository) as webhooks:
        webhook = await webhooks.get(webhook_id, owner=owner)
        recording = asyncio.create_task(runs.record(run, [], until=None, disabled=(NOW, DisabledReason.FAILING)))
        await eventually(somebody_waits)
        await do(webhooks, webhook)

    assert await recording is False
    await watching.close()
