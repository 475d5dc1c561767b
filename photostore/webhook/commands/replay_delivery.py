"""Deliver something once more."""

from dataclasses import dataclass, replace

from photostore.shared.clock import Clock, Ids
from photostore.shared.ids import DeliveryId, UserId, WebhookId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.webhook.delivery import Delivery, DeliveryStatus
from photostore.webhook.errors import DeliveryNotReplayable
from photostore.webhook.ports import WebhookRepository


@dataclass(frozen=True, slots=True)
class ReplayDelivery:
    """Under its own id, with the thing as it is now, once, out of turn. Answer where the log tells what came of it. Raise
    `WebhookNotFound`, `DeliveryNotFound`, `DeliveryNotReplayable` or `TooManyPending`."""

    webhooks: WebhookRepository
    clock: Clock
    ids: Ids
    unit_of_work: UnitOfWork

    async def __call__(self, *, actor: UserId, webhook_id: WebhookId, delivery_id: DeliveryId) -> DeliveryId:
        async with self.unit_of_work.answering():
            webhook = await self.webhooks.get(webhook_id, owner=actor)
            again = self._again(await self.webhooks.get_delivery(delivery_id, webhook=webhook))
            await self.webhooks.ask(webhook, again)
        return again.id

    def _again(self, before: Delivery) -> Delivery:
        if before.status in (DeliveryStatus.PENDING, DeliveryStatus.MISSED):
            raise DeliveryNotReplayable(f"The delivery is {before.status}: only what was sent can be sent again.")
        return replace(
            before,
            id=DeliveryId(self.ids.new()),
            created_at=self.clock.now(),
            attempt=1,
            status=DeliveryStatus.PENDING,
            response_status=None,
            seconds=None,
            error=None,
            attempted_at=None,
            next_attempt_at=None,
        )
