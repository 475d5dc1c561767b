"""Change a webhook."""

from dataclasses import dataclass, replace

from photostore.shared.clock import Clock
from photostore.shared.ids import UserId, WebhookId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.shared.unset import Unset
from photostore.shared.versions import ANY_VERSION, ExpectedVersion
from photostore.webhook.ports import WebhookRepository
from photostore.webhook.target import WebhookTargets
from photostore.webhook.topics import chosen
from photostore.webhook.webhook import WebhookEdit


@dataclass(frozen=True, slots=True)
class EditWebhook:
    """Whoever says that it is not disabled has it tried at once, too; it goes on where it was, or, to `skip_missed`, with
    what changes from now on. Raise `WebhookNotFound`, `WebhookInvalid`, or `PreconditionFailed` when `expected_version` is
    stale."""

    webhooks: WebhookRepository
    targets: WebhookTargets
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(
        self,
        *,
        actor: UserId,
        webhook_id: WebhookId,
        edit: WebhookEdit,
        skip_missed: bool = False,
        expected_version: ExpectedVersion = ANY_VERSION,
    ) -> None:
        if not isinstance(edit.url, Unset):
            self.targets.demand(edit.url)
        if not isinstance(edit.topics, Unset):
            edit = replace(edit, topics=chosen(edit.topics))
        async with self.unit_of_work:
            webhook = await self.webhooks.get(webhook_id, owner=actor)
            expected_version.demand(webhook.version)
            before = (webhook.url, webhook.topics, webhook.is_disabled)
            if webhook.edit(edit, now=self.clock.now()):
                await self.webhooks.save(webhook)
            otherwise = before != (webhook.url, webhook.topics, webhook.is_disabled)
            if otherwise or edit.disabled is False or skip_missed:
                await self.webhooks.start_afresh(webhook, skip_missed=skip_missed)
