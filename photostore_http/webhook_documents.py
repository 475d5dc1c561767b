"""Webhooks as their owners write and read them."""

from binascii import crc32
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from photostore.shared.errors import FieldError
from photostore.shared.unset import UNSET as LEFT
from photostore.webhook.errors import WebhookInvalid
from photostore.webhook.queries import DeliveryView, WebhookView
from photostore.webhook.webhook import WebhookEdit

Reason = Literal["by_owner", "failing", "gone", "secret_lost"]
Status = Literal["pending", "delivered", "failed", "missed"]
Fault = Literal[
    "timeout",
    "url_refused",
    "address_refused",
    "name_not_found",
    "connection_failed",
    "tls_failed",
    "connection_broken",
    "redirected",
    "status",
    "secret_lost",
    "no_longer_kept",
]


class CreateWebhookRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`events` are names such as `photo.created`, or `photo.*`; null is all. `secret` is one of your own: `whsec_` and 24 to 64
    bytes in base64."""

    url: str
    events: list[str] | None = None
    description: str | None = None
    disabled: bool = False
    secret: str | None = None


class EditWebhookRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A JSON merge patch (RFC 7396). `disabled: false` has it tried at once, too; it goes on where it was, or, with
    `skip_missed`, with what changes from now on."""

    url: str | None | UnsetType = UNSET
    events: list[str] | None | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    disabled: bool | None | UnsetType = UNSET
    skip_missed: bool = False


class RotateWebhookSecretRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`secret` is one of your own, if you do not want a random one."""

    secret: str | None = None


class Webhook(Struct, frozen=True, kw_only=True):
    """Where the caller's changes are told. `pending_changes` are those after the last that was delivered or skipped. While it
    fails, `failing_since` and `next_attempt_at` say since when and until when. The secret is never shown again; the one
    before the last signs, too, until `previous_secret_until`."""

    id: UUID
    url: str
    events: Sequence[str] | None
    description: str | None
    disabled: bool
    disabled_at: datetime | None
    disabled_reason: Reason | None
    failing_since: datetime | None
    next_attempt_at: datetime | None
    delivered_seq: int
    pending_changes: int
    previous_secret_until: datetime | None
    version: int
    created_at: datetime


class CreatedWebhook(Webhook, frozen=True, kw_only=True):
    """With `secret`, which is shown this once."""

    secret: str


class WebhookSecret(Struct, frozen=True, kw_only=True):
    """Shown this once. The one before signs, too, until `previous_secret_until`."""

    secret: str
    previous_secret_until: datetime | None


class WebhookDelivery(Struct, frozen=True, kw_only=True):
    """One attempt, or one that was asked for and is `pending`. `seq` is null of a ping. What the endpoint answered is not kept
    but for its status. Changes up to the `seq` of what is `missed` were kept no longer when it could be told again."""

    id: UUID
    event_id: UUID
    seq: int | None
    event: str
    attempt: int
    status: Status
    response_status: int | None
    duration_seconds: float | None
    error: Fault | None
    created_at: datetime
    attempted_at: datetime | None
    next_attempt_at: datetime | None


def webhook_of(view: WebhookView) -> Webhook:
    return Webhook(**_told(view))


def created_webhook(view: WebhookView, secret: str) -> CreatedWebhook:
    return CreatedWebhook(**_told(view), secret=secret)


def _told(view: WebhookView) -> dict[str, Any]:
    return {
        "id": view.id,
        "url": view.url,
        "events": view.events,
        "description": view.description,
        "disabled": view.disabled_at is not None,
        "disabled_at": view.disabled_at,
        "disabled_reason": view.disabled_reason,
        "failing_since": view.failing_since,
        "next_attempt_at": view.next_attempt_at,
        "delivered_seq": view.delivered_seq,
        "pending_changes": view.last_seq - view.delivered_seq,
        "previous_secret_until": view.previous_until,
        "version": view.version,
        "created_at": view.created_at,
    }


def tag_of(view: WebhookView) -> str:
    """Its version, and behind that how far it is: which changes without anybody's editing it."""
    state = (view.delivered_seq, view.last_seq, view.failing_since, view.next_attempt_at)
    return f'"{view.version}-{crc32(repr(state).encode()) % 100_000}"'


def delivery_of(view: DeliveryView) -> WebhookDelivery:
    status: Status = view.status  # type: ignore[assignment]
    error: Fault | None = view.error  # type: ignore[assignment]
    return WebhookDelivery(
        id=view.id,
        event_id=view.event_id,
        seq=view.seq,
        event=view.event,
        attempt=view.attempt,
        status=status,
        response_status=view.response_status,
        duration_seconds=None if view.seconds is None else round(view.seconds, 3),
        error=error,
        created_at=view.created_at,
        attempted_at=view.attempted_at,
        next_attempt_at=view.next_attempt_at,
    )


def edit_of(data: EditWebhookRequest) -> WebhookEdit:
    """Where `null` has no meaning of its own it takes the value back to what a new webhook has."""
    if data.url is None:
        raise WebhookInvalid("A webhook has a URL.", errors=[FieldError("url", "must be a URL")])
    return WebhookEdit(
        url=LEFT if isinstance(data.url, UnsetType) else data.url,
        topics=LEFT if isinstance(data.events, UnsetType) else None if data.events is None else tuple(data.events),
        description=LEFT if isinstance(data.description, UnsetType) else data.description,
        disabled=LEFT if isinstance(data.disabled, UnsetType) else bool(data.disabled),
    )
