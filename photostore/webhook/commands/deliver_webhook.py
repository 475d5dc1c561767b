"""Tell one webhook what it has not been told: what a worker does when something changed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from photostore.event.queries import ChangeQueries
from photostore.shared.clock import Clock, Ids, Secrets
from photostore.shared.ids import UserId, WebhookId
from photostore.webhook.delivering import Delivering
from photostore.webhook.delivery import Run
from photostore.webhook.ports import WebhookPayloads, WebhookRuns, WebhookSecrets, WebhookSender
from photostore.webhook.posting import Posting
from photostore.webhook.webhook import WebhookPolicy

# Then others have their turn, and it is looked whether the account may still be told.
TURN = timedelta(seconds=4)
# Who takes so long for an answer keeps others waiting.
SLOW_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether there is more to do at once; and whether an attempt of it took long."""

    has_more: bool = False
    slow: bool = False


@dataclass(frozen=True, slots=True)
class DeliverWebhook:
    """Of all who try at once, one delivers. A turn is bounded, and ends early when `go_on` says no. After a crash the next one
    goes on where it was, and may tell the last change twice."""

    runs: WebhookRuns
    changes: ChangeQueries
    payloads: WebhookPayloads
    seals: WebhookSecrets
    sender: WebhookSender
    policy: WebhookPolicy
    clock: Clock
    ids: Ids
    secrets: Secrets

    async def __call__(self, *, owner: UserId, webhook_id: WebhookId, go_on: Callable[[], bool] = lambda: True) -> Turn:
        now = self.clock.now()
        until = now + self.policy.lease
        run = await self.runs.take(webhook_id, owner=owner, holder=self.ids.new(), now=now, until=until)
        if run is None:
            return Turn()
        delivering = self._delivering(run, lambda: self.clock.now() < now + TURN and go_on())
        try:
            if run.is_asked:
                await delivering.tell_asked()
            if not run.is_disabled and not run.progress.waits(now=self.clock.now()):
                await delivering.tell_changes()
        finally:
            if delivering.held:
                await self.runs.release(run)
        return Turn(delivering.has_more, slow=delivering.slowest_seconds >= SLOW_SECONDS)

    def _delivering(self, run: Run, may_go_on: Callable[[], bool]) -> Delivering:
        return Delivering(
            run=run,
            posting=Posting.of(run, self.seals, self.sender, self.clock),
            runs=self.runs,
            changes=self.changes,
            payloads=self.payloads,
            clock=self.clock,
            ids=self.ids,
            secrets=self.secrets,
            lease=self.policy.lease,
            may_go_on=may_go_on,
        )
