"""Webhooks, written."""

from datetime import datetime

from sqlalchemy import bindparam, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import DeliveryId, UserId, WebhookId
from photostore.webhook.delivery import Delivery
from photostore.webhook.errors import DeliveryNotFound, TooManyPending, TooManyWebhooks, WebhookNotFound
from photostore.webhook.ports import MOST_PENDING, WebhookRepository
from photostore.webhook.webhook import Webhook
from photostore_adapters.postgres.change_announcer import ChangeAnnouncer
from photostore_adapters.postgres.rows import table_of, update_versioned
from photostore_adapters.postgres.transaction import Transaction
from photostore_adapters.postgres.webhook_rows import LOG, LOG_COLUMNS, WebhookRow, changing, to_delivery, to_webhook

_WEBHOOKS = table_of(WebhookRow)
_ADD = insert(_WEBHOOKS)
_GET = (
    select(*_WEBHOOKS.c)
    .where(_WEBHOOKS.c.owner_id == bindparam("owner"), _WEBHOOKS.c.id == bindparam("webhook_id"))
    .with_for_update()
)
# Who makes several at once makes them one after the other.
_LOCK_OWNER = text("SELECT id FROM users WHERE id = :owner FOR NO KEY UPDATE")
_COUNT = text("SELECT count(*) FROM webhooks WHERE owner_id = :owner")
_END = "coalesce((SELECT last_seq FROM change_feeds WHERE owner_id = :owner), 0)"
_BEGIN = text(f"""
    INSERT INTO webhook_progress (owner_id, webhook_id, delivered_seq) VALUES (:owner, :webhook_id, {_END})
""")  # noqa: S608 - a constant
_START_AFRESH = text(f"""
    UPDATE webhook_progress SET failures = 0, failing_since = NULL, next_attempt_at = NULL, kept_seq = NULL, kept_body = NULL,
        holder = NULL, held_until = NULL, delivered_seq = CASE WHEN :skip_missed THEN {_END} ELSE delivered_seq END
    WHERE owner_id = :owner AND webhook_id = :webhook_id
""")  # noqa: S608 - a constant
_REMOVE = text("DELETE FROM webhooks WHERE owner_id = :owner AND id = :webhook_id AND version = :version RETURNING id")
_REMOVE_ALL = text("DELETE FROM webhooks WHERE owner_id = :owner")
_GET_DELIVERY = text(
    f"SELECT {LOG_COLUMNS} FROM webhook_deliveries"  # noqa: S608 - names of columns
    " WHERE owner_id = :owner AND webhook_id = :webhook_id AND id = :delivery_id"
)
_ASK = text(
    f"INSERT INTO webhook_deliveries (owner_id, webhook_id, {LOG_COLUMNS})"  # noqa: S608 - names of columns
    f" VALUES (:owner, :webhook_id, {', '.join(f':{name}' for name in LOG)})"
)
_PENDING = text(
    "SELECT count(*) FROM webhook_deliveries WHERE owner_id = :owner AND webhook_id = :webhook_id AND status = 'pending'"
)
_PRUNE = text("""
    DELETE FROM webhook_deliveries WHERE (owner_id, webhook_id, id) IN (
        SELECT owner_id, webhook_id, id FROM webhook_deliveries WHERE created_at < :before LIMIT :limit
    ) RETURNING 1
""")
_FORGET_SECRETS = text(
    "UPDATE webhooks SET previous_sealed_secret = NULL, previous_until = NULL WHERE previous_until < :now"
)


class PostgresWebhookRepository(WebhookRepository):
    """Workers are told after the commit, as they are of changes: who waits for those looks once in vain."""

    def __init__(self, session: AsyncSession, transaction: Transaction, announcer: ChangeAnnouncer) -> None:
        self._session = session
        self._announcer = announcer
        self._woken = set[UserId]()
        transaction.after_commit(self._committed)

    def _committed(self) -> None:
        if self._woken:
            self._announcer.announce(self._woken)
            self._woken.clear()

    async def add(self, webhook: Webhook, *, at_most: int) -> None:
        owner = {"owner": webhook.owner_id}
        await self._session.execute(_LOCK_OWNER, owner)
        if (await self._session.execute(_COUNT, owner)).scalar_one() >= at_most:
            raise TooManyWebhooks(f"There are {at_most} webhooks, and may be no more. Delete one first.")
        fixed = {
            "owner_id": webhook.owner_id,
            "id": webhook.id,
            "created_at": webhook.created_at,
            "version": webhook.version,
        }
        await self._session.execute(_ADD, fixed | changing(webhook))
        await self._session.execute(_BEGIN, owner | {"webhook_id": webhook.id})

    async def get(self, webhook_id: WebhookId, *, owner: UserId) -> Webhook:
        row = (await self._session.execute(_GET, {"owner": owner, "webhook_id": webhook_id})).one_or_none()
        if row is None:
            raise WebhookNotFound(f"There is no webhook {webhook_id}.")
        return to_webhook(row)

    async def save(self, webhook: Webhook) -> None:
        key = {"owner_id": webhook.owner_id, "id": webhook.id}
        await update_versioned(self._session, WebhookRow, webhook, changing(webhook), **key)

    async def start_afresh(self, webhook: Webhook, *, skip_missed: bool) -> None:
        await self._session.execute(_START_AFRESH, {**_key(webhook), "skip_missed": skip_missed})
        self._woken.add(webhook.owner_id)

    async def remove(self, webhook: Webhook) -> None:
        removed = await self._session.execute(_REMOVE, {**_key(webhook), "version": webhook.version})
        if removed.scalar_one_or_none() is None:
            raise ConcurrentUpdate(f"Webhook {webhook.id} was changed by someone else. Read it again.")

    async def remove_all(self, owner: UserId) -> None:
        await self._session.execute(_REMOVE_ALL, {"owner": owner})

    async def get_delivery(self, delivery_id: DeliveryId, *, webhook: Webhook) -> Delivery:
        named = {**_key(webhook), "delivery_id": delivery_id}
        row = (await self._session.execute(_GET_DELIVERY, named)).one_or_none()
        if row is None:
            raise DeliveryNotFound(f"There is no delivery {delivery_id} in the log.")
        return to_delivery(row)

    async def ask(self, webhook: Webhook, delivery: Delivery) -> None:
        if (await self._session.execute(_PENDING, _key(webhook))).scalar_one() >= MOST_PENDING:
            raise TooManyPending(f"{MOST_PENDING} messages wait to be sent to this webhook already.")
        await self._session.execute(_ASK, {**_key(webhook), **{name: getattr(delivery, name) for name in LOG}})
        self._woken.add(webhook.owner_id)

    async def prune(self, *, before: datetime, limit: int) -> int:
        pruned = await self._session.execute(_PRUNE, {"before": before, "limit": limit})
        return len(pruned.all())

    async def forget_secrets(self, *, now: datetime) -> None:
        await self._session.execute(_FORGET_SECRETS, {"now": now})


def _key(webhook: Webhook) -> dict[str, object]:
    return {"owner": webhook.owner_id, "webhook_id": webhook.id}
