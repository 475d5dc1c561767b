"""Make a webhook."""

from collections.abc import Sequence
from dataclasses import dataclass

from photostore.shared.clock import Clock, Ids, Secrets
from photostore.shared.ids import UserId, WebhookId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.webhook.ports import WebhookRepository, WebhookSecrets
from photostore.webhook.signing import SECRET_SIZE, demand_secret, secret_of
from photostore.webhook.target import WebhookTargets
from photostore.webhook.topics import chosen
from photostore.webhook.webhook import DisabledReason, Webhook, WebhookPolicy


@dataclass(frozen=True, slots=True)
class CreateWebhook:
    """Answer its id, and its secret, which is told this once. Events of `None` are all. Raise `WebhookInvalid` or
    `TooManyWebhooks`."""

    webhooks: WebhookRepository
    seals: WebhookSecrets
    targets: WebhookTargets
    policy: WebhookPolicy
    clock: Clock
    ids: Ids
    secrets: Secrets
    unit_of_work: UnitOfWork

    async def __call__(
        self,
        *,
        actor: UserId,
        url: str,
        events: Sequence[str] | None = None,
        description: str | None = None,
        disabled: bool = False,
        secret: str | None = None,
    ) -> tuple[WebhookId, str]:
        self.targets.demand(url)
        if secret is None:
            secret = secret_of(self.secrets.token(SECRET_SIZE))
        demand_secret(secret)
        webhook_id, now = WebhookId(self.ids.new()), self.clock.now()
        webhook = Webhook(
            id=webhook_id,
            owner_id=actor,
            url=url,
            topics=chosen(events),
            description=description,
            sealed_secret=self.seals.seal(webhook_id, secret),
            created_at=now,
        )
        if disabled:
            webhook.disable(DisabledReason.OWNER, now=now)
        async with self.unit_of_work.answering():
            await self.webhooks.add(webhook, at_most=self.policy.max_per_owner)
        return webhook_id, secret
