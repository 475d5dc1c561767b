"""Webhooks for tests: made as their owners make them, and delivered to as a worker does."""

from typing import Any

from dishka import AsyncContainer

from photostore.hashtag.commands.create_hashtag import CreateHashtag
from photostore.shared.ids import UserId, WebhookId
from photostore.webhook.commands.create_webhook import CreateWebhook
from photostore.webhook.commands.deliver_webhook import DeliverWebhook
from photostore.webhook.queries import DeliveryView, WebhookQueries, WebhookView
from tests.builders import a_user
from tests.using import get, stored, use

URL = "https://hooks.example.test/photos"


async def a_webhook(container: AsyncContainer, owner: UserId | None = None, **told: Any) -> tuple[UserId, WebhookId]:
    """With its owner, who is made, too, if need be."""
    owner = owner or (await stored(container, a_user())).id
    webhook_id, _ = await use(container, CreateWebhook)(actor=owner, url=URL, **told)
    return owner, webhook_id


async def change(container: AsyncContainer, owner: UserId, *names: str) -> None:
    """One change of the owner's for each name."""
    for name in names:
        await use(container, CreateHashtag)(actor=owner, name=name)


async def deliver(container: AsyncContainer, owner: UserId, webhook_id: WebhookId) -> bool:
    return (await use(container, DeliverWebhook)(owner=owner, webhook_id=webhook_id)).has_more


async def shown(container: AsyncContainer, owner: UserId, webhook_id: WebhookId) -> WebhookView:
    return await (await get(container, WebhookQueries)).get(webhook_id, owner=owner)


async def log(container: AsyncContainer, owner: UserId, webhook_id: WebhookId) -> list[DeliveryView]:
    """In the order in which it was written."""
    queries = await get(container, WebhookQueries)
    lines = await queries.deliveries(webhook_id, owner=owner, status=None, after=None, limit=200)
    return list(reversed(lines))
