"""Forget deliveries of long ago."""

from dataclasses import dataclass
from datetime import timedelta

from photostore.shared.clock import Clock
from photostore.shared.unit_of_work import UnitOfWork
from photostore.webhook.ports import WebhookRepository

BATCH = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLogPolicy:
    """Chosen by whoever runs the service: for how long the log is kept."""

    kept: timedelta


@dataclass(frozen=True, slots=True)
class PruneDeliveries:
    """In small transactions; answer how many. Secrets that sign no more go, too."""

    webhooks: WebhookRepository
    policy: DeliveryLogPolicy
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self) -> int:
        now, pruned, batch = self.clock.now(), 0, BATCH
        async with self.unit_of_work:
            await self.webhooks.forget_secrets(now=now)
        while batch == BATCH:
            async with self.unit_of_work:
                batch = await self.webhooks.prune(before=now - self.policy.kept, limit=BATCH)
            pruned += batch
        return pruned
