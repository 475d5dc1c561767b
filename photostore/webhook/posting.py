"""Signing a message and sending it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from photostore.shared.clock import Clock
from photostore.webhook.delivery import Answer, Fault, Run
from photostore.webhook.ports import Message, WebhookSecrets, WebhookSender
from photostore.webhook.signing import signatures, timestamp


@dataclass(frozen=True, slots=True)
class Posting:
    """Of one run: its secrets are opened once."""

    url: str
    secrets: Sequence[str]
    sender: WebhookSender
    clock: Clock

    @classmethod
    def of(cls, run: Run, seals: WebhookSecrets, sender: WebhookSender, clock: Clock) -> "Posting":
        opened = (seals.open(run.webhook_id, sealed) for sealed in run.sealed_secrets)
        return cls(run.url, [secret for secret in opened if secret is not None], sender, clock)

    async def post(self, event_id: UUID, body: bytes) -> tuple[datetime, Answer]:
        """When it was sent, and what came of it."""
        at = self.clock.now()
        if not self.secrets:
            return at, Answer(fault=Fault.SECRET_LOST)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": str(event_id),
            "webhook-timestamp": str(timestamp(at)),
            "webhook-signature": signatures(self.secrets, message_id=str(event_id), at=at, body=body),
        }
        return at, await self.sender.send(Message(url=self.url, headers=headers, body=body))
