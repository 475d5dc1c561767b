"""One run: what somebody asked for, then change after change, each only when the one before was delivered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from photostore.event.queries import ChangePage, ChangeQueries, ChangeView
from photostore.shared.clock import Clock, Ids, Secrets
from photostore.shared.ids import DeliveryId
from photostore.webhook.delivery import Answer, Delivery, DeliveryStatus, Fault, Kept, Run
from photostore.webhook.ports import WebhookPayloads, WebhookRuns
from photostore.webhook.posting import Posting
from photostore.webhook.topics import is_chosen
from photostore.webhook.webhook import DisabledReason

PAGE = 50
MISSED = "webhook.missed"


@dataclass(slots=True, kw_only=True)
class Delivering:
    """Goes on while `may_go_on`; `has_more` tells whether there was more to do then, `slowest_seconds` how long an attempt took
    at most. `held` while the run is ours."""

    run: Run
    posting: Posting
    runs: WebhookRuns
    changes: ChangeQueries
    payloads: WebhookPayloads
    clock: Clock
    ids: Ids
    secrets: Secrets
    lease: timedelta
    may_go_on: Callable[[], bool]
    held: bool = True
    has_more: bool = False
    slowest_seconds: float = 0.0
    _missed: list[Delivery] = field(default_factory=list)

    async def tell_asked(self) -> None:
        for delivery in await self.runs.asked(self.run):
            if not self._goes_on():
                return
            at, answer = await self._post(delivery.event_id, await self._asked_body(delivery))
            if answer.fault is None:
                self.run.progress.hasten(now=self.clock.now())
            await self._record(_answered(delivery, at, answer))

    async def tell_changes(self) -> None:
        while self._goes_on():
            after = self.run.progress.delivered_seq
            page = await self.changes.page(self.run.owner_id, after=after, limit=PAGE)
            self._note_missed(page)
            if not await self._tell_page(page) or len(page.items) < PAGE:
                return

    async def _post(self, event_id: UUID, body: bytes) -> tuple[datetime, Answer]:
        at, answer = await self.posting.post(event_id, body)
        self.slowest_seconds = max(self.slowest_seconds, answer.seconds)
        return at, answer

    async def _asked_body(self, delivery: Delivery) -> bytes:
        change = delivery.change
        if change is None:
            return self.payloads.of_ping(self.run.webhook_id, at=delivery.occurred_at)
        return (await self.payloads.of([change], owner=self.run.owner_id))[0]

    async def _tell_page(self, page: ChangePage) -> bool:
        """Whether all of it was told or skipped, and the run is still ours."""
        end, is_last = page.items[-1].seq if page.items else page.bounds.last_seq, len(page.items) < PAGE
        wanted = [each for each in page.items if is_chosen(each.event, self.run.topics)]
        # With each goes what is skipped after it.
        ends = [*(each.seq - 1 for each in wanted[1:]), end]
        for change, body, upto in zip(wanted, await self._bodies(wanted), ends, strict=False):
            if not self._goes_on() or not await self._tell(change, body, upto=upto, lets_go=is_last and upto == end):
                return False
        if end > self.run.progress.delivered_seq:
            self.run.progress.advance(end)
            await self._record(lets_go=is_last)
        return self.held

    async def _bodies(self, wanted: Sequence[ChangeView]) -> Sequence[bytes]:
        """A retry sends what was sent before, whatever has changed since."""
        if not wanted:
            return ()
        kept = self.run.progress.kept
        bodies = await self.payloads.of(wanted, owner=self.run.owner_id)
        return [
            kept.body if kept is not None and kept.seq == change.seq else body
            for change, body in zip(wanted, bodies, strict=True)
        ]

    async def _tell(self, change: ChangeView, body: bytes, *, upto: int, lets_go: bool) -> bool:
        at, answer = await self._post(change.event_id, body)
        line = _answered(self._line_of(change, at), at, answer)
        if answer.fault is None:
            self.run.progress.advance(upto)
            return await self._record(line, lets_go=lets_go)
        await self._fail(change, body, line, answer)
        return False

    async def _fail(self, change: ChangeView, body: bytes, line: Delivery, answer: Answer) -> None:
        progress, now = self.run.progress, self.clock.now()
        # What stands before it was skipped, and need not be looked at again.
        progress.delivered_seq = change.seq - 1
        chance = self.secrets.token(1)[0] / 255
        again = progress.fail(Kept(change.seq, body), answer, now=now, chance=chance)
        reason = _reason_to_stop(answer, again=again)
        if reason is not None:
            progress.recover()
        line = replace(line, next_attempt_at=progress.next_attempt_at)
        await self._record(line, lets_go=True, disabled=None if reason is None else (now, reason))

    def _line_of(self, change: ChangeView, at: datetime) -> Delivery:
        return Delivery(
            id=DeliveryId(self.ids.new()),
            event_id=change.event_id,
            event=change.event,
            seq=change.seq,
            entity=change.entity,
            entity_id=change.entity_id,
            occurred_at=change.occurred_at,
            created_at=at,
            attempt=self.run.progress.failures + 1,
        )

    def _note_missed(self, page: ChangePage) -> None:
        """Numbers have no gaps: what is not there was compacted while this waited for too long."""
        there = [each.seq for each in page.items] or [page.bounds.last_seq + 1]
        gaps = [seq - 1 for before, seq in pairwise([self.run.progress.delivered_seq, *there]) if seq > before + 1]
        if gaps:
            now = self.clock.now()
            line = Delivery(
                id=DeliveryId(self.ids.new()),
                event_id=self.ids.new(),
                event=MISSED,
                seq=gaps[-1],
                occurred_at=now,
                created_at=now,
                status=DeliveryStatus.MISSED,
                error=Fault.NO_LONGER_KEPT,
            )
            self._missed.append(line)

    async def _record(
        self,
        *lines: Delivery,
        lets_go: bool = False,
        disabled: tuple[datetime, DisabledReason] | None = None,
    ) -> bool:
        """Whether it was still ours."""
        until = None if lets_go else self.clock.now() + self.lease
        log, self._missed = [*self._missed, *lines], []
        recorded = await self.runs.record(self.run, log, until=until, disabled=disabled)
        self.held = recorded and not lets_go
        return recorded

    def _goes_on(self) -> bool:
        if self.held and not self.may_go_on():
            self.has_more = True
        return self.held and not self.has_more


def _answered(delivery: Delivery, at: datetime, answer: Answer) -> Delivery:
    return replace(
        delivery,
        status=DeliveryStatus.DELIVERED if answer.fault is None else DeliveryStatus.FAILED,
        attempted_at=at,
        response_status=answer.status,
        seconds=answer.seconds,
        error=answer.fault,
    )


def _reason_to_stop(answer: Answer, *, again: bool) -> DisabledReason | None:
    if answer.is_gone:
        return DisabledReason.GONE
    if answer.fault is Fault.SECRET_LOST:
        return DisabledReason.SECRET_LOST
    return None if again else DisabledReason.FAILING
