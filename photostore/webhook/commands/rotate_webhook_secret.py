"""Give a webhook another secret."""

from dataclasses import dataclass

from photostore.shared.clock import Clock, Secrets
from photostore.shared.ids import UserId, WebhookId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.shared.versions import ANY_VERSION, ExpectedVersion
from photostore.webhook.ports import WebhookRepository, WebhookSecrets
from photostore.webhook.signing import SECRET_SIZE, demand_secret, secret_of


@dataclass(frozen=True, slots=True)
class RotateWebhookSecret:
    """Answer it; the one before signs beside it for a day. Raise `WebhookNotFound`, `WebhookInvalid`, or
    `PreconditionFailed` when `expected_version` is stale."""

    webhooks: WebhookRepository
    seals: WebhookSecrets
    clock: Clock
    secrets: Secrets
    unit_of_work: UnitOfWork

    async def __call__(
        self,
        *,
        actor: UserId,
        webhook_id: WebhookId,
        secret: str | None = None,
        expected_version: ExpectedVersion = ANY_VERSION,
    ) -> str:
        if secret is None:
            secret = secret_of(self.secrets.token(SECRET_SIZE))
        demand_secret(secret)
        async with self.unit_of_work.answering():
            webhook = await self.webhooks.get(webhook_id, owner=actor)
            expected_version.demand(webhook.version)
            webhook.rotate_secret(self.seals.seal(webhook_id, secret), now=self.clock.now())
            await self.webhooks.save(webhook)
        return secret
