"""Take a webhook away."""

from dataclasses import dataclass

from photostore.shared.ids import UserId, WebhookId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.shared.versions import ANY_VERSION, ExpectedVersion
from photostore.webhook.ports import WebhookRepository


@dataclass(frozen=True, slots=True)
class DeleteWebhook:
    """With its log. Raise `WebhookNotFound`, or `PreconditionFailed` when `expected_version` is stale."""

    webhooks: WebhookRepository
    unit_of_work: UnitOfWork

    async def __call__(
        self, *, actor: UserId, webhook_id: WebhookId, expected_version: ExpectedVersion = ANY_VERSION
    ) -> None:
        async with self.unit_of_work:
            webhook = await self.webhooks.get(webhook_id, owner=actor)
            expected_version.demand(webhook.version)
            await self.webhooks.remove(webhook)
