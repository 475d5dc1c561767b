"""Webhooks and the log of their deliveries, as rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from photostore.shared.ids import DeliveryId, UserId, WebhookId
from photostore.webhook.delivery import Delivery, DeliveryStatus, Fault
from photostore.webhook.webhook import DisabledReason, Webhook
from photostore_adapters.postgres.rows import Row


class WebhookRow(Row):
    __tablename__ = "webhooks"

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    url: Mapped[str]
    events: Mapped[list[str] | None]
    description: Mapped[str | None]
    sealed_secret: Mapped[str]
    previous_sealed_secret: Mapped[str | None]
    previous_until: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    disabled_reason: Mapped[str | None]
    created_at: Mapped[datetime]
    version: Mapped[int]


def to_webhook(row: Any) -> Webhook:
    values = dict(row._mapping)
    events, reason = values.pop("events"), values["disabled_reason"]
    return Webhook(
        **{
            **values,
            "owner_id": UserId(values["owner_id"]),
            "id": WebhookId(values["id"]),
            "topics": None if events is None else tuple(events),
            "disabled_reason": None if reason is None else DisabledReason(reason),
        }
    )


def changing(webhook: Webhook) -> dict[str, object]:
    return {
        "url": webhook.url,
        "events": None if webhook.topics is None else list(webhook.topics),
        "description": webhook.description,
        "sealed_secret": webhook.sealed_secret,
        "previous_sealed_secret": webhook.previous_sealed_secret,
        "previous_until": webhook.previous_until,
        "disabled_at": webhook.disabled_at,
        "disabled_reason": None if webhook.disabled_reason is None else webhook.disabled_reason.value,
    }


# The columns of the log that a line has, and how Postgres calls lists of them.
LOG: Mapping[str, str] = {
    "id": "uuid",
    "event_id": "uuid",
    "event": "text",
    "occurred_at": "timestamptz",
    "created_at": "timestamptz",
    "seq": "bigint",
    "entity": "text",
    "entity_id": "uuid",
    "attempt": "bigint",
    "status": "text",
    "response_status": "bigint",
    "seconds": "double precision",
    "error": "text",
    "attempted_at": "timestamptz",
    "next_attempt_at": "timestamptz",
}
LOG_COLUMNS = ", ".join(LOG)


def to_delivery(row: Any) -> Delivery:
    values = dict(zip(LOG, row, strict=True))
    error = values["error"]
    return Delivery(
        **{
            **values,
            "id": DeliveryId(values["id"]),
            "status": DeliveryStatus(values["status"]),
            "error": None if error is None else Fault(error),
        }
    )


def log_columns(log: Sequence[Delivery]) -> list[list[object]]:
    """Column by column."""
    return [[getattr(line, name) for line in log] for name in LOG]
