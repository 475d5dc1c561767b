"""Who delivers: beside the jobs of a worker, one task for each webhook that there is something for."""

import asyncio
from contextlib import suppress
from typing import Any, cast

import structlog
from dishka import AsyncContainer

from photostore.event.ports import ChangeHearer, ChangeSignal
from photostore.shared.clock import Clock
from photostore.shared.errors import Unavailable
from photostore.shared.ids import UserId, WebhookId
from photostore.webhook.commands.deliver_webhook import DeliverWebhook, Turn
from photostore.webhook.queries import DueWebhook, DueWebhooks
from photostore_adapters.observability.work_spans import WorkSpans
from photostore_adapters.webhooks.settings import CourierSettings

_log = structlog.get_logger(__name__)
# Changes that follow each other are looked for together.
_GATHERING_SECONDS = 0.03


class WebhookCourier(ChangeHearer):
    """Woken by changes of whatever process; and now and then it looks for itself, so that nothing stays behind that nobody
    was told of, as after a crash. Run until `stop`; any number may run, in any number of processes."""

    def __init__(self, container: AsyncContainer, settings: CourierSettings, spans: WorkSpans | None = None) -> None:
        self._container = container
        self._spans = spans or WorkSpans()
        self._look_seconds = settings.look_seconds
        # Those that hang or dawdle have done so before: they wait for each other alone.
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._slots_of_slow = asyncio.Semaphore(max(1, settings.concurrency // 4))
        self._slow = set[WebhookId]()
        self._tasks: dict[WebhookId, asyncio.Task[None]] = {}
        # Something came for these while they were being delivered to.
        self._again = set[WebhookId]()
        self._heard = set[UserId]()
        self._woken = asyncio.Event()
        self._next_look = 0.0
        self._stopping = False

    def heard(self, owner: UserId) -> None:
        self._heard.add(owner)
        self._woken.set()

    def unsure(self, *, hearing: bool) -> None:
        """The next look of its own is soon enough."""

    def over(self) -> None:
        self.stop()

    def stop(self) -> None:
        """Begin nothing more; `run` returns when the attempts under way are over."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        signal: ChangeSignal = await self._container.get(cast("Any", ChangeSignal))
        signal.attend(self)
        try:
            await self._look(None)
            while not self._stopping:
                await self._look(await self._wait())
            await asyncio.gather(*self._tasks.values())
        finally:
            under_way = list(self._tasks.values())
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _wait(self) -> list[UserId] | None:
        """The owners that something was heard of; `None` when it is time to look at all."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._next_look):
                await self._woken.wait()
                await asyncio.sleep(_GATHERING_SECONDS)
        self._woken.clear()
        owners, self._heard = list(self._heard), set()
        # However much is heard.
        return None if asyncio.get_running_loop().time() >= self._next_look else owners

    async def _look(self, owners: list[UserId] | None) -> None:
        if owners is None:
            self._next_look = asyncio.get_running_loop().time() + self._look_seconds
        if self._stopping or owners == []:
            return
        try:
            dues: DueWebhooks = await self._container.get(cast("Any", DueWebhooks))
            clock: Clock = await self._container.get(cast("Any", Clock))
            due = await dues.due(owners=owners, now=clock.now())
        except Unavailable as error:
            _log.warning("webhooks cannot be looked for; trying again", error=str(error))
            return
        except Exception:  # noqa: BLE001 - whatever it was, nobody else would look
            _log.exception("looking for webhooks failed; trying again")
            return
        for each in due:
            self._begin(each)

    def _begin(self, due: DueWebhook) -> None:
        if due.webhook_id in self._tasks:
            self._again.add(due.webhook_id)
        elif not due.held:
            self._tasks[due.webhook_id] = asyncio.create_task(self._deliver(due))

    async def _deliver(self, due: DueWebhook) -> None:
        more = True
        try:
            while more and not self._stopping:
                self._again.discard(due.webhook_id)
                # Between two turns others have theirs.
                async with self._slots_of_slow if due.failing or due.webhook_id in self._slow else self._slots:
                    turn = await self._have_turn(due)
                self._note_pace(due.webhook_id, slow=turn.slow)
                more = turn.has_more or due.webhook_id in self._again
        except Unavailable as error:
            _log.warning("a webhook waits: the service is not available", error=str(error))
        except Exception:  # noqa: BLE001 - whatever it was, the others go on
            _log.exception("delivering to a webhook failed; trying again", webhook_id=str(due.webhook_id))
        finally:
            self._again.discard(due.webhook_id)
            del self._tasks[due.webhook_id]

    def _note_pace(self, webhook_id: WebhookId, *, slow: bool) -> None:
        """Whoever answers in time is trusted again."""
        if slow:
            self._slow.add(webhook_id)
        else:
            self._slow.discard(webhook_id)

    async def _have_turn(self, due: DueWebhook) -> Turn:
        with self._spans.turn("deliver to a webhook"):
            return await self._deliver_some(due)

    async def _deliver_some(self, due: DueWebhook) -> Turn:
        async with self._container() as scope:
            deliver = await scope.get(DeliverWebhook)
            return await deliver(owner=due.owner_id, webhook_id=due.webhook_id, go_on=lambda: not self._stopping)
