"""Delivering to webhooks: who does, how far it is, and the log. Each step is a statement of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from photostore.shared.ids import UserId, WebhookId
from photostore.webhook.delivery import Delivery, Kept, Progress, Run
from photostore.webhook.ports import WebhookRuns
from photostore.webhook.webhook import DisabledReason
from photostore_adapters.observability.metrics import WEBHOOKS_DISABLED
from photostore_adapters.postgres.reading import Reader, Statement
from photostore_adapters.postgres.webhook_rows import LOG, LOG_COLUMNS, log_columns, to_delivery

_log = structlog.get_logger(__name__)

# What one run is asked for besides changes.
_ASKED_AT_ONCE = 20
# Asked again after a connection was lost, it is the holder's already.
_TAKE = Statement(
    """
    UPDATE webhook_progress AS progress SET holder = $3, held_until = $5
    FROM webhooks JOIN users ON users.id = webhooks.owner_id
    WHERE progress.owner_id = $1 AND progress.webhook_id = $2
        AND webhooks.owner_id = progress.owner_id AND webhooks.id = progress.webhook_id
        AND (progress.held_until IS NULL OR progress.held_until <= $4 OR progress.holder = $3)
        AND users.disabled_at IS NULL AND users.erased_at IS NULL
    RETURNING url, events, sealed_secret, CASE WHEN previous_until > $4 THEN previous_sealed_secret END,
        webhooks.disabled_at IS NOT NULL, EXISTS (
            SELECT FROM webhook_deliveries AS log
            WHERE log.owner_id = $1 AND log.webhook_id = $2 AND log.status = 'pending'
        ), delivered_seq, failures, failing_since, next_attempt_at, kept_seq, kept_body
    """,
    ("owner", "webhook_id", "holder", "now", "until"),
)
_ASKED = Statement(
    f"""
    SELECT {LOG_COLUMNS} FROM webhook_deliveries
    WHERE owner_id = $1 AND webhook_id = $2 AND status = 'pending' ORDER BY id LIMIT {_ASKED_AT_ONCE}
    """,  # noqa: S608 - names of columns
    ("owner", "webhook_id"),
)
_LINES = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(LOG.values(), 13))
_OF_AN_ANSWER = ("attempt", "status", "response_status", "seconds", "error", "attempted_at", "next_attempt_at")
# Progress, log and, if so, the end of the webhook, or none of it. The webhook is locked first, as by whoever edits it.
_RECORD = Statement(
    f"""
    WITH held AS (
        UPDATE webhook_progress SET delivered_seq = $4, failures = $5, failing_since = $6, next_attempt_at = $7,
            kept_seq = $8, kept_body = $9, held_until = $10,
            holder = CASE WHEN $10::timestamptz IS NULL THEN NULL ELSE holder END
        FROM (SELECT id FROM webhooks WHERE owner_id = $1 AND id = $2 FOR NO KEY UPDATE) AS locked
        WHERE owner_id = $1 AND webhook_id = locked.id AND holder = $3 RETURNING true
    ), ended AS (
        UPDATE webhooks SET disabled_at = $11, disabled_reason = $12, version = version + 1
        WHERE owner_id = $1 AND id = $2 AND disabled_at IS NULL AND $11::timestamptz IS NOT NULL AND EXISTS (SELECT FROM held)
    ), logged AS (
        INSERT INTO webhook_deliveries (owner_id, webhook_id, {LOG_COLUMNS})
        SELECT $1, $2, line.* FROM unnest({_LINES}) AS line WHERE EXISTS (SELECT FROM held)
        ON CONFLICT (owner_id, webhook_id, id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _OF_AN_ANSWER)}
    )
    SELECT true FROM held
    """,  # noqa: S608 - names of columns
    (
        *("owner", "webhook_id", "holder", "delivered_seq", "failures", "failing_since", "next_attempt_at"),
        *("kept_seq", "kept_body", "until", "disabled_at", "disabled_reason"),
        *(f"log_{name}" for name in LOG),
    ),
)
_RELEASE = Statement(
    """
    UPDATE webhook_progress SET holder = NULL, held_until = NULL WHERE owner_id = $1 AND webhook_id = $2 AND holder = $3
    """,
    ("owner", "webhook_id", "holder"),
)


class PostgresWebhookRuns(WebhookRuns):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def take(
        self, webhook_id: WebhookId, *, owner: UserId, holder: UUID, now: datetime, until: datetime
    ) -> Run | None:
        row = await self._reader.fetch_one(
            _TAKE, owner=owner, webhook_id=webhook_id, holder=holder, now=now, until=until
        )
        return None if row is None else _to_run(row, webhook_id, owner, holder)

    async def record(
        self,
        run: Run,
        log: Sequence[Delivery],
        *,
        until: datetime | None,
        disabled: tuple[datetime, DisabledReason] | None = None,
    ) -> bool:
        disabled_at, reason = disabled or (None, None)
        lines = {f"log_{name}": column for name, column in zip(LOG, log_columns(log), strict=True)}
        ended = {"disabled_at": disabled_at, "disabled_reason": reason}
        held = await self._reader.fetch(_RECORD, **_of(run), **_columns(run.progress), until=until, **ended, **lines)
        if held and reason is not None:
            WEBHOOKS_DISABLED.labels(reason.value).inc()
            told = {"webhook_id": str(run.webhook_id), "owner_id": str(run.owner_id), "reason": reason.value}
            _log.warning("a webhook was disabled: its owner may enable it again", **told)
        return bool(held)

    async def asked(self, run: Run) -> Sequence[Delivery]:
        rows = await self._reader.fetch(_ASKED, owner=run.owner_id, webhook_id=run.webhook_id)
        return [to_delivery(row) for row in rows]

    async def release(self, run: Run) -> None:
        await self._reader.fetch(_RELEASE, **_of(run))


def _of(run: Run) -> dict[str, object]:
    return {"owner": run.owner_id, "webhook_id": run.webhook_id, "holder": run.holder}


def _columns(progress: Progress) -> dict[str, object]:
    kept = progress.kept
    return {
        "delivered_seq": progress.delivered_seq,
        "failures": progress.failures,
        "failing_since": progress.failing_since,
        "next_attempt_at": progress.next_attempt_at,
        "kept_seq": None if kept is None else kept.seq,
        "kept_body": None if kept is None else kept.body,
    }


def _to_run(row: Any, webhook_id: WebhookId, owner: UserId, holder: UUID) -> Run:
    url, events, secret, previous, is_disabled, is_asked, delivered, failures, since, next_at, kept_seq, kept_body = row
    return Run(
        owner_id=owner,
        webhook_id=webhook_id,
        holder=holder,
        url=url,
        topics=None if events is None else tuple(events),
        sealed_secrets=(secret,) if previous is None else (secret, previous),
        is_disabled=is_disabled,
        is_asked=is_asked,
        progress=Progress(
            delivered_seq=delivered,
            failures=failures,
            failing_since=since,
            next_attempt_at=next_at,
            kept=None if kept_seq is None else Kept(kept_seq, kept_body),
        ),
    )
