"""Webhooks, read: by their owners, and by what delivers."""

from collections.abc import Sequence
from datetime import datetime

from photostore.shared.ids import DeliveryId, UserId, WebhookId
from photostore.webhook.delivery import DeliveryStatus
from photostore.webhook.errors import DeliveryNotFound, WebhookNotFound
from photostore.webhook.queries import (
    DeliveryView,
    DueWebhook,
    DueWebhooks,
    WebhookFigures,
    WebhookQueries,
    WebhookView,
)
from photostore_adapters.postgres.reading import Reader, Statement

_VIEW = """
    SELECT id, url, events, description, disabled_at, disabled_reason, previous_until, delivered_seq,
        greatest(delivered_seq, coalesce(last_seq, 0)), failures, failing_since, next_attempt_at, version, created_at
    FROM webhooks JOIN webhook_progress AS progress ON progress.owner_id = webhooks.owner_id AND webhook_id = webhooks.id
    LEFT JOIN change_feeds AS feed ON feed.owner_id = webhooks.owner_id
    WHERE webhooks.owner_id = $1
"""
_LIST = Statement(f"{_VIEW} AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3", ("owner", "after", "limit"))
_GET = Statement(f"{_VIEW} AND id = $2", ("owner", "webhook_id"))
_LINE = """
    SELECT id, event_id, seq, event, attempt, status, response_status, seconds, error, created_at, attempted_at, next_attempt_at
    FROM webhook_deliveries WHERE owner_id = $1 AND webhook_id = $2
"""
_DELIVERIES = Statement(
    f"{_LINE} AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4", ("owner", "webhook_id", "after", "limit")
)
_OTHERWISE = {
    status: Statement(
        f"{_LINE} AND status = '{status}' AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4",
        ("owner", "webhook_id", "after", "limit"),
    )
    for status in DeliveryStatus
}
_DELIVERY = Statement(f"{_LINE} AND id = $3", ("owner", "webhook_id", "delivery_id"))
_THERE = Statement("SELECT id FROM webhooks WHERE owner_id = $1 AND id = $2", ("owner", "webhook_id"))

_DUE = Statement(
    """
    SELECT webhooks.owner_id, webhooks.id, coalesce(held_until > $2, false), failures > 0
    FROM webhooks JOIN webhook_progress AS progress
        ON progress.owner_id = webhooks.owner_id AND progress.webhook_id = webhooks.id
    JOIN users ON users.id = webhooks.owner_id AND users.disabled_at IS NULL AND users.erased_at IS NULL
    LEFT JOIN change_feeds AS feed ON feed.owner_id = webhooks.owner_id
    WHERE ($1::uuid[] IS NULL OR webhooks.owner_id = ANY ($1)) AND (
        webhooks.disabled_at IS NULL AND feed.last_seq > delivered_seq
            AND (next_attempt_at IS NULL OR next_attempt_at <= $2)
        OR EXISTS (
            SELECT FROM webhook_deliveries AS log
            WHERE log.owner_id = webhooks.owner_id AND log.webhook_id = webhooks.id AND log.status = 'pending'
        )
    )
    """,
    ("owners", "now"),
)
# The oldest is looked up of those alone that are behind.
_FIGURES = Statement(
    """
    SELECT CASE WHEN webhooks.disabled_at IS NOT NULL THEN 'disabled' WHEN failures > 0 THEN 'failing' ELSE 'enabled' END,
        count(*), min(waiting.occurred_at) FILTER (WHERE webhooks.disabled_at IS NULL)
    FROM webhooks JOIN webhook_progress AS progress
        ON progress.owner_id = webhooks.owner_id AND progress.webhook_id = webhooks.id
    JOIN users ON users.id = webhooks.owner_id AND users.disabled_at IS NULL AND users.erased_at IS NULL
    LEFT JOIN change_feeds AS feed ON feed.owner_id = webhooks.owner_id AND feed.last_seq > delivered_seq
    LEFT JOIN LATERAL (
        SELECT occurred_at FROM changes WHERE changes.owner_id = feed.owner_id AND seq > delivered_seq ORDER BY seq LIMIT 1
    ) AS waiting ON true
    GROUP BY 1
    """,
    (),
)


class PostgresWebhookQueries(WebhookQueries):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def list(self, owner: UserId, *, after: WebhookId | None, limit: int) -> Sequence[WebhookView]:
        return [WebhookView(*row) for row in await self._reader.fetch(_LIST, owner=owner, after=after, limit=limit)]

    async def get(self, webhook_id: WebhookId, *, owner: UserId) -> WebhookView:
        row = await self._reader.fetch_one(_GET, owner=owner, webhook_id=webhook_id)
        if row is None:
            raise WebhookNotFound(f"There is no webhook {webhook_id}.")
        return WebhookView(*row)

    async def deliveries(
        self,
        webhook_id: WebhookId,
        *,
        owner: UserId,
        status: DeliveryStatus | None,
        after: DeliveryId | None,
        limit: int,
    ) -> Sequence[DeliveryView]:
        if not await self._reader.fetch(_THERE, owner=owner, webhook_id=webhook_id):
            raise WebhookNotFound(f"There is no webhook {webhook_id}.")
        statement = _DELIVERIES if status is None else _OTHERWISE[status]
        asked = {"owner": owner, "webhook_id": webhook_id, "after": after, "limit": limit}
        return [DeliveryView(*row) for row in await self._reader.fetch(statement, **asked)]

    async def delivery(self, delivery_id: DeliveryId, *, webhook_id: WebhookId, owner: UserId) -> DeliveryView:
        row = await self._reader.fetch_one(_DELIVERY, owner=owner, webhook_id=webhook_id, delivery_id=delivery_id)
        if row is None:
            raise DeliveryNotFound(f"There is no delivery {delivery_id} in the log.")
        return DeliveryView(*row)


class PostgresDueWebhooks(DueWebhooks):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def due(self, *, owners: Sequence[UserId] | None, now: datetime) -> Sequence[DueWebhook]:
        asked = None if owners is None else list(owners)
        rows = await self._reader.fetch(_DUE, owners=asked, now=now)
        return [DueWebhook(UserId(row[0]), WebhookId(row[1]), row[2], row[3]) for row in rows]

    async def figures(self) -> WebhookFigures:
        rows = await self._reader.fetch(_FIGURES)
        waiting = [row[2] for row in rows if row[2] is not None]
        return WebhookFigures(states={row[0]: row[1] for row in rows}, oldest=min(waiting, default=None))
