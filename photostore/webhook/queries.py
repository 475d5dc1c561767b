"""What is read of webhooks."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from photostore.shared.ids import DeliveryId, UserId, WebhookId
from photostore.webhook.delivery import DeliveryStatus


@dataclass(slots=True)
class WebhookView:
    """A webhook as its owner reads it; `last_seq` is where their feed ends."""

    id: UUID
    url: str = field(repr=False)
    events: Sequence[str] | None
    description: str | None
    disabled_at: datetime | None
    disabled_reason: str | None
    previous_until: datetime | None
    delivered_seq: int
    last_seq: int
    failures: int
    failing_since: datetime | None
    next_attempt_at: datetime | None
    version: int
    created_at: datetime


@dataclass(slots=True)
class DeliveryView:
    """One line of the log."""

    id: UUID
    event_id: UUID
    seq: int | None
    event: str
    attempt: int
    status: str
    response_status: int | None
    seconds: float | None
    error: str | None
    created_at: datetime
    attempted_at: datetime | None
    next_attempt_at: datetime | None


class WebhookQueries(Protocol):
    @abstractmethod
    async def list(self, owner: UserId, *, after: WebhookId | None, limit: int) -> Sequence[WebhookView]:
        """Newest first."""

    @abstractmethod
    async def get(self, webhook_id: WebhookId, *, owner: UserId) -> WebhookView:
        """Raise `WebhookNotFound` when it is absent or someone else's."""

    @abstractmethod
    async def deliveries(
        self,
        webhook_id: WebhookId,
        *,
        owner: UserId,
        status: DeliveryStatus | None,
        after: DeliveryId | None,
        limit: int,
    ) -> Sequence[DeliveryView]:
        """Newest first. Raise `WebhookNotFound`."""

    @abstractmethod
    async def delivery(self, delivery_id: DeliveryId, *, webhook_id: WebhookId, owner: UserId) -> DeliveryView:
        """Raise `DeliveryNotFound`."""


@dataclass(frozen=True, slots=True)
class DueWebhook:
    """There is something to deliver to it. `held` while somebody does, `failing` when it was not delivered the last time."""

    owner_id: UserId
    webhook_id: WebhookId
    held: bool
    failing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookFigures:
    """Of all webhooks: how many are in which state (enabled, failing, disabled), and since when the change has been there
    that has waited longest for one of those that are not disabled."""

    states: Mapping[str, int]
    oldest: datetime | None


class DueWebhooks(Protocol):
    """What the service itself reads: it costs by the number of webhooks, never by that of photos or owners."""

    @abstractmethod
    async def due(self, *, owners: Sequence[UserId] | None, now: datetime) -> Sequence[DueWebhook]:
        """Those whose owner's feed goes on after what they were told, and that wait for no other attempt; and those that
        somebody asked something for. Of these owners, or of all."""

    @abstractmethod
    async def figures(self) -> WebhookFigures: ...
