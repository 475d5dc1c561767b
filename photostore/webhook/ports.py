"""What the webhook room asks of the world."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from photostore.event.queries import ChangeView
from photostore.shared.ids import DeliveryId, UserId, WebhookId
from photostore.webhook.delivery import Answer, Delivery, Run
from photostore.webhook.webhook import DisabledReason, Webhook

# How much can be asked for before some of it was sent.
MOST_PENDING = 50


class WebhookRepository(Protocol):
    """`get` locks what it finds until the transaction's end."""

    @abstractmethod
    async def add(self, webhook: Webhook, *, at_most: int) -> None:
        """It is told what changes from now on. Raise `TooManyWebhooks` when its owner has `at_most` already, of many at
        once, too."""

    @abstractmethod
    async def get(self, webhook_id: WebhookId, *, owner: UserId) -> Webhook:
        """Raise `WebhookNotFound` when it is absent or someone else's."""

    @abstractmethod
    async def save(self, webhook: Webhook) -> None:
        """Raise `ConcurrentUpdate` when it was changed since it was read. Its version is one higher afterwards."""

    @abstractmethod
    async def start_afresh(self, webhook: Webhook, *, skip_missed: bool) -> None:
        """Whoever delivers to it now stops; failures are forgotten, and it is tried at once, from where it was, or from the
        end of the feed."""

    @abstractmethod
    async def remove(self, webhook: Webhook) -> None:
        """With its log. Raise `ConcurrentUpdate` when it was changed or removed since it was read."""

    @abstractmethod
    async def remove_all(self, owner: UserId) -> None:
        """Every webhook of an owner."""

    @abstractmethod
    async def get_delivery(self, delivery_id: DeliveryId, *, webhook: Webhook) -> Delivery:
        """Raise `DeliveryNotFound`."""

    @abstractmethod
    async def ask(self, webhook: Webhook, delivery: Delivery) -> None:
        """Have it sent soon after the commit, once, whatever state the webhook is in. Raise `TooManyPending` when so much
        waits that nobody seems to send it: of a webhook that was got in this transaction."""

    @abstractmethod
    async def prune(self, *, before: datetime, limit: int) -> int:
        """Remove lines of the log from before then, at most `limit`; answer how many those were."""

    @abstractmethod
    async def forget_secrets(self, *, now: datetime) -> None:
        """Those that sign no more."""


class WebhookRuns(Protocol):
    """Delivering, each step at once in a statement of its own: no transaction is open while an endpoint is waited for."""

    @abstractmethod
    async def take(
        self, webhook_id: WebhookId, *, owner: UserId, holder: UUID, now: datetime, until: datetime
    ) -> Run | None:
        """It is the holder's until then, unless it is someone else's, gone, or its owner's account is closed or disabled."""

    @abstractmethod
    async def record(
        self,
        run: Run,
        log: Sequence[Delivery],
        *,
        until: datetime | None,
        disabled: tuple[datetime, DisabledReason] | None = None,
    ) -> bool:
        """Keep the run's progress and these lines of the log, in place of those of their ids; and hold on until then, or
        let go. `False` when it is the holder's no longer: nothing is kept then."""

    @abstractmethod
    async def asked(self, run: Run) -> Sequence[Delivery]:
        """What somebody asked for and was not yet sent, in that order, some of it."""

    @abstractmethod
    async def release(self, run: Run) -> None:
        """Let go, if it is still the holder's."""


class WebhookSecrets(Protocol):
    """Secrets, sealed for one webhook with a key that is not in the database."""

    @abstractmethod
    def seal(self, webhook_id: WebhookId, secret: str) -> str: ...

    @abstractmethod
    def open(self, webhook_id: WebhookId, sealed: str) -> str | None:
        """`None` when the key is no longer known, or it was sealed for another."""


class WebhookPayloads(Protocol):
    """The bodies of messages: `{"type", "timestamp", "data"}`, as Standard Webhooks recommends."""

    @abstractmethod
    async def of(self, changes: Sequence[ChangeView], *, owner: UserId) -> Sequence[bytes]:
        """One a change. `data` is the item of the change feed, with the thing as it is now."""

    @abstractmethod
    def of_ping(self, webhook_id: WebhookId, *, at: datetime) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One request to an endpoint."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class WebhookSender(Protocol):
    @abstractmethod
    async def send(self, message: Message) -> Answer:
        """POST it, follow nowhere, and connect to no address that is not permitted. Whatever happens is an answer."""
