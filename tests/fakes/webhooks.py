"""The webhook room's ports in memory."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from photostore.event.queries import ChangeView
from photostore.event.retention import ChangeBounds
from photostore.shared.ids import DeliveryId, UserId, WebhookId
from photostore.webhook.delivery import Delivery, DeliveryStatus, Progress, Run
from photostore.webhook.errors import DeliveryNotFound, TooManyPending, TooManyWebhooks, WebhookNotFound
from photostore.webhook.ports import MOST_PENDING, WebhookPayloads, WebhookRepository, WebhookRuns, WebhookSecrets
from photostore.webhook.queries import (
    DeliveryView,
    DueWebhook,
    DueWebhooks,
    WebhookFigures,
    WebhookQueries,
    WebhookView,
)
from photostore.webhook.webhook import DisabledReason, Webhook
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.endpoints import FakeProgress
from tests.fakes.store import FakeStore


class FakeWebhookRepository(WebhookRepository):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._store = store
        self._unit_of_work = unit_of_work

    async def add(self, webhook: Webhook, *, at_most: int) -> None:
        await self._unit_of_work.lock(("webhooks of", webhook.owner_id))
        mine = self._unit_of_work.where(self._store.hooks.webhooks, lambda each: each.owner_id == webhook.owner_id)
        if len(mine) >= at_most:
            raise TooManyWebhooks(f"There are {at_most} webhooks, and may be no more. Delete one first.")
        self._unit_of_work.put(self._store.hooks.webhooks, webhook.id, webhook)
        begun = FakeProgress(Progress(delivered_seq=_end(self._store, webhook.owner_id)))
        self._unit_of_work.put(self._store.hooks.progress, webhook.id, begun)

    async def get(self, webhook_id: WebhookId, *, owner: UserId) -> Webhook:
        await self._unit_of_work.lock((self._store.hooks.webhooks, webhook_id))
        webhook = self._unit_of_work.find(self._store.hooks.webhooks, webhook_id)
        if webhook is None or webhook.owner_id != owner:
            raise WebhookNotFound(f"There is no webhook {webhook_id}.")
        return webhook

    async def save(self, webhook: Webhook) -> None:
        await self._unit_of_work.save(self._store.hooks.webhooks, webhook)

    async def start_afresh(self, webhook: Webhook, *, skip_missed: bool) -> None:
        before = self._unit_of_work.find(self._store.hooks.progress, webhook.id)
        assert before is not None, "it has one"
        seq = _end(self._store, webhook.owner_id) if skip_missed else before.progress.delivered_seq
        self._unit_of_work.put(self._store.hooks.progress, webhook.id, FakeProgress(Progress(delivered_seq=seq)))

    async def remove(self, webhook: Webhook) -> None:
        await self._unit_of_work.demand_unchanged(self._store.hooks.webhooks, webhook)
        self._forget(webhook.id)

    async def remove_all(self, owner: UserId) -> None:
        for webhook in self._unit_of_work.where(self._store.hooks.webhooks, lambda each: each.owner_id == owner):
            self._forget(webhook.id)

    def _forget(self, webhook_id: WebhookId) -> None:
        self._unit_of_work.delete(self._store.hooks.webhooks, webhook_id)
        self._unit_of_work.delete(self._store.hooks.progress, webhook_id)
        for _, line in self._unit_of_work.where(self._store.hooks.deliveries, lambda each: each[0] == webhook_id):
            self._unit_of_work.delete(self._store.hooks.deliveries, line.id)

    async def get_delivery(self, delivery_id: DeliveryId, *, webhook: Webhook) -> Delivery:
        found = self._unit_of_work.find(self._store.hooks.deliveries, delivery_id)
        if found is None or found[0] != webhook.id:
            raise DeliveryNotFound(f"There is no delivery {delivery_id} in the log.")
        return found[1]

    async def ask(self, webhook: Webhook, delivery: Delivery) -> None:
        pending = self._unit_of_work.where(
            self._store.hooks.deliveries,
            lambda each: each[0] == webhook.id and each[1].status is DeliveryStatus.PENDING,
        )
        if len(pending) >= MOST_PENDING:
            raise TooManyPending(f"{MOST_PENDING} messages wait to be sent to this webhook already.")
        self._unit_of_work.put(self._store.hooks.deliveries, delivery.id, (webhook.id, delivery))

    async def prune(self, *, before: datetime, limit: int) -> int:
        old = self._unit_of_work.where(self._store.hooks.deliveries, lambda each: each[1].created_at < before)[:limit]
        for _, line in old:
            self._unit_of_work.delete(self._store.hooks.deliveries, line.id)
        return len(old)

    async def forget_secrets(self, *, now: datetime) -> None:
        for webhook in self._unit_of_work.where(
            self._store.hooks.webhooks, lambda each: each.previous_until is not None
        ):
            assert webhook.previous_until is not None
            if webhook.previous_until < now:
                webhook.previous_sealed_secret = webhook.previous_until = None
                self._unit_of_work.put(self._store.hooks.webhooks, webhook.id, webhook)


class FakeWebhookRuns(WebhookRuns):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def take(
        self, webhook_id: WebhookId, *, owner: UserId, holder: UUID, now: datetime, until: datetime
    ) -> Run | None:
        self._store.answer_or_not()
        webhook, place = (
            self._store.hooks.webhooks.rows.get(webhook_id),
            self._store.hooks.progress.rows.get(webhook_id),
        )
        if webhook is None or place is None or webhook.owner_id != owner or not self._store.users.rows[owner].is_active:
            return None
        if place.held_until is not None and place.held_until > now and place.holder != holder:
            return None
        place.holder, place.held_until = holder, until
        signs = webhook.previous_until is not None and webhook.previous_until > now
        previous = webhook.previous_sealed_secret if signs else None
        return Run(
            owner_id=owner,
            webhook_id=webhook_id,
            holder=holder,
            url=webhook.url,
            topics=webhook.topics,
            sealed_secrets=(webhook.sealed_secret,) if previous is None else (webhook.sealed_secret, previous),
            is_disabled=webhook.is_disabled,
            is_asked=bool(self._pending(webhook_id)),
            progress=replace(place.progress),
        )

    async def record(
        self,
        run: Run,
        log: Sequence[Delivery],
        *,
        until: datetime | None,
        disabled: tuple[datetime, DisabledReason] | None = None,
    ) -> bool:
        self._store.answer_or_not()
        place = self._store.hooks.progress.rows.get(run.webhook_id)
        if place is None or place.holder != run.holder:
            return False
        place.progress, place.held_until = replace(run.progress), until
        place.holder = None if until is None else run.holder
        webhook = self._store.hooks.webhooks.rows[run.webhook_id]
        if disabled is not None and not webhook.is_disabled:
            webhook.disable(disabled[1], now=disabled[0])
            webhook.version += 1
        for line in log:
            self._store.hooks.deliveries.rows[line.id] = (run.webhook_id, line)
        return True

    async def asked(self, run: Run) -> Sequence[Delivery]:
        self._store.answer_or_not()
        return self._pending(run.webhook_id)

    async def release(self, run: Run) -> None:
        self._store.answer_or_not()
        place = self._store.hooks.progress.rows.get(run.webhook_id)
        if place is not None and place.holder == run.holder:
            place.holder = place.held_until = None

    def _pending(self, webhook_id: WebhookId) -> list[Delivery]:
        lines = (line for whose, line in self._store.hooks.deliveries.rows.values() if whose == webhook_id)
        return sorted((each for each in lines if each.status is DeliveryStatus.PENDING), key=lambda each: each.id)


class FakeWebhookQueries(WebhookQueries):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def list(self, owner: UserId, *, after: WebhookId | None, limit: int) -> Sequence[WebhookView]:
        self._store.answer_or_not()
        own = self._store.hooks.webhooks.where(lambda webhook: webhook.owner_id == owner)
        newest_first = sorted(own, key=lambda webhook: webhook.id, reverse=True)
        return [self._view(each) for each in newest_first if after is None or each.id < after][:limit]

    async def get(self, webhook_id: WebhookId, *, owner: UserId) -> WebhookView:
        self._store.answer_or_not()
        return self._view(self._own(webhook_id, owner))

    async def deliveries(
        self,
        webhook_id: WebhookId,
        *,
        owner: UserId,
        status: DeliveryStatus | None,
        after: DeliveryId | None,
        limit: int,
    ) -> Sequence[DeliveryView]:
        self._store.answer_or_not()
        self._own(webhook_id, owner)
        lines = [line for whose, line in self._store.hooks.deliveries.rows.values() if whose == webhook_id]
        newest_first = sorted(lines, key=lambda line: line.id, reverse=True)
        wanted = [line for line in newest_first if status is None or line.status is status]
        return [_delivery_view(line) for line in wanted if after is None or line.id < after][:limit]

    async def delivery(self, delivery_id: DeliveryId, *, webhook_id: WebhookId, owner: UserId) -> DeliveryView:
        self._store.answer_or_not()
        whose, line = self._store.hooks.deliveries.rows.get(delivery_id, (None, None))
        webhook = self._store.hooks.webhooks.rows.get(webhook_id)
        if line is None or whose != webhook_id or webhook is None or webhook.owner_id != owner:
            raise DeliveryNotFound(f"There is no delivery {delivery_id} in the log.")
        return _delivery_view(line)

    def _own(self, webhook_id: WebhookId, owner: UserId) -> Webhook:
        webhook = self._store.hooks.webhooks.rows.get(webhook_id)
        if webhook is None or webhook.owner_id != owner:
            raise WebhookNotFound(f"There is no webhook {webhook_id}.")
        return webhook

    def _view(self, webhook: Webhook) -> WebhookView:
        progress = self._store.hooks.progress.rows[webhook.id].progress
        return WebhookView(
            id=webhook.id,
            url=webhook.url,
            events=None if webhook.topics is None else list(webhook.topics),
            description=webhook.description,
            disabled_at=webhook.disabled_at,
            disabled_reason=None if webhook.disabled_reason is None else webhook.disabled_reason.value,
            previous_until=webhook.previous_until,
            delivered_seq=progress.delivered_seq,
            last_seq=max(progress.delivered_seq, _end(self._store, webhook.owner_id)),
            failures=progress.failures,
            failing_since=progress.failing_since,
            next_attempt_at=progress.next_attempt_at,
            version=webhook.version,
            created_at=webhook.created_at,
        )


def _delivery_view(line: Delivery) -> DeliveryView:
    return DeliveryView(
        id=line.id,
        event_id=line.event_id,
        seq=line.seq,
        event=line.event,
        attempt=line.attempt,
        status=line.status.value,
        response_status=line.response_status,
        seconds=line.seconds,
        error=None if line.error is None else line.error.value,
        created_at=line.created_at,
        attempted_at=line.attempted_at,
        next_attempt_at=line.next_attempt_at,
    )


class FakeDueWebhooks(DueWebhooks):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def due(self, *, owners: Sequence[UserId] | None, now: datetime) -> Sequence[DueWebhook]:
        self._store.answer_or_not()
        return [
            DueWebhook(each.owner_id, each.id, self._is_held(each.id, now), self._progress(each.id).failures > 0)
            for each in self._store.hooks.webhooks.rows.values()
            if (owners is None or each.owner_id in owners)
            and self._store.users.rows[each.owner_id].is_active
            and (self._is_behind(each, now) or self._is_asked(each.id))
        ]

    async def figures(self) -> WebhookFigures:
        states: dict[str, int] = {}
        oldest: list[datetime] = []
        for each in self._store.hooks.webhooks.rows.values():
            if not self._store.users.rows[each.owner_id].is_active:
                continue
            failing = "failing" if self._progress(each.id).failures else "enabled"
            state = "disabled" if each.is_disabled else failing
            states[state] = states.get(state, 0) + 1
            waiting = [
                change.occurred_at
                for (owner, seq), change in sorted(self._store.changes.rows.items())
                if owner == each.owner_id and seq > self._progress(each.id).delivered_seq and not each.is_disabled
            ]
            oldest += waiting[:1]
        return WebhookFigures(states=states, oldest=min(oldest, default=None))

    def _progress(self, webhook_id: WebhookId) -> Progress:
        return self._store.hooks.progress.rows[webhook_id].progress

    def _is_held(self, webhook_id: WebhookId, now: datetime) -> bool:
        until = self._store.hooks.progress.rows[webhook_id].held_until
        return until is not None and until > now

    def _is_behind(self, webhook: Webhook, now: datetime) -> bool:
        progress = self._progress(webhook.id)
        behind = _end(self._store, webhook.owner_id) > progress.delivered_seq
        return behind and not webhook.is_disabled and not progress.waits(now=now)

    def _is_asked(self, webhook_id: WebhookId) -> bool:
        return any(
            whose == webhook_id and line.status is DeliveryStatus.PENDING
            for whose, line in self._store.hooks.deliveries.rows.values()
        )


def _end(store: FakeStore, owner: UserId) -> int:
    return store.feeds.rows.get(owner, ChangeBounds()).last_seq


class FakeWebhookSecrets(WebhookSecrets):
    def seal(self, webhook_id: WebhookId, secret: str) -> str:
        return f"sealed for {webhook_id}: {secret[::-1]}"

    def open(self, webhook_id: WebhookId, sealed: str) -> str | None:
        whose, _, turned = sealed.partition(": ")
        return turned[::-1] if whose == f"sealed for {webhook_id}" else None


class FakeWebhookPayloads(WebhookPayloads):
    """Each body says how often one was made, so that two are never the same by chance."""

    def __init__(self) -> None:
        self._made = 0

    async def of(self, changes: Sequence[ChangeView], *, owner: UserId) -> Sequence[bytes]:
        return [self._body(change.event, seq=change.seq, id=str(change.entity_id)) for change in changes]

    def of_ping(self, webhook_id: WebhookId, *, at: datetime) -> bytes:
        return self._body("webhook.ping", webhook_id=str(webhook_id))

    def _body(self, kind: str, **data: object) -> bytes:
        self._made += 1
        return json.dumps({"type": kind, "made": self._made, "data": data}).encode()
