"""Try a webhook."""

from dataclasses import dataclass

from photostore.shared.clock import Clock, Ids
from photostore.shared.ids import DeliveryId, UserId, WebhookId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.webhook.delivery import Delivery
from photostore.webhook.ports import WebhookRepository
from photostore.webhook.topics import PING


@dataclass(frozen=True, slots=True)
class PingWebhook:
    """A message that tells nothing goes the way of all others, once, also to one that fails or is disabled. Answer where the
    log tells what came of it. Raise `WebhookNotFound` or `TooManyPending`."""

    webhooks: WebhookRepository
    clock: Clock
    ids: Ids
    unit_of_work: UnitOfWork

    async def __call__(self, *, actor: UserId, webhook_id: WebhookId) -> DeliveryId:
        now, delivery_id = self.clock.now(), DeliveryId(self.ids.new())
        ping = Delivery(id=delivery_id, event_id=self.ids.new(), event=PING, occurred_at=now, created_at=now)
        async with self.unit_of_work.answering():
            await self.webhooks.ask(await self.webhooks.get(webhook_id, owner=actor), ping)
        return delivery_id
