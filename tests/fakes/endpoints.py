"""Endpoints of webhooks in memory: what they were sent, and what they answer."""

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import msgspec

from photostore.shared.ids import DeliveryId, WebhookId
from photostore.webhook.delivery import Answer, Delivery, Fault, Progress
from photostore.webhook.ports import Message, WebhookSender
from photostore.webhook.webhook import Webhook
from tests.fakes.database import Table


@dataclass
class FakeProgress:
    """How far a webhook was told, and who tells it."""

    progress: Progress
    holder: UUID | None = None
    held_until: datetime | None = None


@dataclass
class FakeEndpoints(WebhookSender):
    """All answer 200, after what stands in `answers`, and say that it took `takes` seconds. `meanwhile` happens while a message
    is under way."""

    sent: list[Message] = field(default_factory=list)
    answers: deque[Answer] = field(default_factory=deque)
    meanwhile: Callable[[], Awaitable[object]] | None = None
    takes: float = 0.1

    async def send(self, message: Message) -> Answer:
        self.sent.append(message)
        if self.meanwhile is not None:
            await self.meanwhile()
        return self.answers.popleft() if self.answers else Answer(status=200, seconds=self.takes)

    def refuse(self, *statuses: int) -> None:
        self.answers += [Answer(status=status, fault=Fault.STATUS, seconds=0.1) for status in statuses]

    @property
    def ids(self) -> list[str]:
        """`webhook-id`s, in the order in which they came."""
        return [message.headers["webhook-id"] for message in self.sent]

    @property
    def told(self) -> list[str]:
        """Types of the messages."""
        return [msgspec.json.decode(message.body)["type"] for message in self.sent]


@dataclass
class FakeHooks:
    """Webhooks, how far each was told, the log, and whom they lead to."""

    webhooks: Table[WebhookId, Webhook] = field(default_factory=Table)
    progress: Table[WebhookId, FakeProgress] = field(default_factory=Table)
    deliveries: Table[DeliveryId, tuple[WebhookId, Delivery]] = field(default_factory=Table)
    endpoints: FakeEndpoints = field(default_factory=FakeEndpoints)
