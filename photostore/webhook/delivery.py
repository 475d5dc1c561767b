"""Telling one webhook: how far it is, what was answered, and the log."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from photostore.event.queries import ChangeView
from photostore.shared.ids import DeliveryId, UserId, WebhookId
from photostore.webhook.retrying import next_attempt


class Fault(StrEnum):
    """Why it was not delivered."""

    TIMEOUT = "timeout"
    URL_REFUSED = "url_refused"
    ADDRESS_REFUSED = "address_refused"
    NAME_NOT_FOUND = "name_not_found"
    CONNECTION_FAILED = "connection_failed"
    TLS_FAILED = "tls_failed"
    CONNECTION_BROKEN = "connection_broken"
    REDIRECTED = "redirected"
    STATUS = "status"
    SECRET_LOST = "secret_lost"  # noqa: S105 - a reason
    NO_LONGER_KEPT = "no_longer_kept"


class DeliveryStatus(StrEnum):
    """Of one line of the log. What is `pending` is sent as soon as a worker gets to it, `missed` was never sent."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    MISSED = "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one attempt: a status, unless there was none; delivered when there is no fault."""

    status: int | None = None
    fault: Fault | None = None
    seconds: float = 0.0
    retry_after: timedelta | None = None

    @property
    def is_gone(self) -> bool:
        return self.status == 410


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt, as the log has it; or one that somebody asked for. `seq` is null of what is no change, `entity` and what
    follows from it, too."""

    id: DeliveryId
    event_id: UUID
    event: str
    occurred_at: datetime
    created_at: datetime
    seq: int | None = None
    entity: str | None = None
    entity_id: UUID | None = None
    attempt: int = 1
    status: DeliveryStatus = DeliveryStatus.PENDING
    response_status: int | None = None
    seconds: float | None = None
    error: Fault | None = None
    attempted_at: datetime | None = None
    next_attempt_at: datetime | None = None

    @property
    def change(self) -> ChangeView | None:
        """What it tells; `None` of a ping."""
        if self.seq is None or self.entity is None or self.entity_id is None:
            return None
        return ChangeView(self.seq, self.event_id, self.event, self.entity, self.entity_id, self.occurred_at)


@dataclass(frozen=True, slots=True)
class Kept:
    """What could not be delivered, byte by byte: a retry sends the same."""

    seq: int
    body: bytes = field(repr=False)


@dataclass(slots=True, kw_only=True)
class Progress:
    """Everything up to `delivered_seq` was told or skipped. While it fails, when it is tried again."""

    delivered_seq: int
    failures: int = 0
    failing_since: datetime | None = None
    next_attempt_at: datetime | None = None
    kept: Kept | None = None

    def waits(self, *, now: datetime) -> bool:
        return self.next_attempt_at is not None and now < self.next_attempt_at

    def advance(self, seq: int) -> None:
        """It was told, or is not wanted."""
        self.delivered_seq = seq
        self.recover()

    def recover(self) -> None:
        self.failures, self.failing_since, self.next_attempt_at, self.kept = 0, None, None, None

    def hasten(self, *, now: datetime) -> None:
        """It answered something else: whoever waits for the next attempt waits no longer."""
        if self.next_attempt_at is not None:
            self.next_attempt_at = now

    def fail(self, kept: Kept, answer: Answer, *, now: datetime, chance: float) -> bool:
        """Tell whether there is another attempt."""
        self.failures += 1
        self.failing_since = self.failing_since or now
        self.kept = kept
        self.next_attempt_at = next_attempt(
            self.failures, failing_since=self.failing_since, now=now, retry_after=answer.retry_after, chance=chance
        )
        return self.next_attempt_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What its `holder` alone delivers now. `sealed_secrets` are the present one, and the one before while it signs."""

    owner_id: UserId
    webhook_id: WebhookId
    holder: UUID
    url: str = field(repr=False)
    topics: tuple[str, ...] | None
    sealed_secrets: tuple[str, ...] = field(repr=False)
    is_disabled: bool
    is_asked: bool
    progress: Progress
