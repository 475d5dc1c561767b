"""Publishes what waits in the outbox: after its commit, in order, at least once."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from contextvars import Context

import structlog

from photostore_adapters.postgres.change_outbox import OUTAGES, OutboxLine, UntoldChange, outbox_line
from photostore_adapters.postgres.settings import PostgresSettings
from photostore_adapters.redis.client import RedisClient
from photostore_adapters.redis.link import Link, RedisAway
from photostore_adapters.redis.messages import NAMES, Message, payload_of
from photostore_adapters.redis.metrics import RELAYED
from photostore_adapters.redis.settings import RedisSettings

_log = structlog.get_logger(__name__)
PAGE = 500
# At once: more would keep requests waiting that have something to send.
_AT_ONCE = 50
# Who is woken by NOTIFY does not wait for this; it is for what a process that died told nobody.
_CALM_SECONDS = 1.0
_RECONNECT_SECONDS = 1.0
_PUBLISH_SECONDS = 2.0
# Those who listen lose their connection when Redis does its own, and what is published before they are back.
_GRACE_SECONDS = 5.0
_LOOK_SECONDS = 0.1


class Relay:
    """Runs in every process, and relays in one of them at a time: whoever holds the lock. What is published is removed from
    the outbox afterwards, so that what dies in between is published again."""

    def __init__(
        self,
        client: RedisClient,
        settings: RedisSettings,
        postgres: PostgresSettings,
        *,
        calm_seconds: float = _CALM_SECONDS,
        grace_seconds: float = _GRACE_SECONDS,
    ) -> None:
        self._client = client
        self._channel = settings.channel
        self._postgres = postgres
        self._calm = calm_seconds
        self._grace = grace_seconds
        self._listeners = 0
        self._link: Link | None = None
        self._running: asyncio.Task[None] | None = None
        # Held from publishing a page to removing it.
        self._page = asyncio.Lock()

    def start(self) -> None:
        if self._running is None:
            # Nobody's request: its log lines name none.
            self._running = asyncio.get_running_loop().create_task(self._run(), context=Context())

    async def aclose(self) -> None:
        """What is just being published is removed before the end, so that it is not published twice."""
        if self._running is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_PUBLISH_SECONDS), self._page:
                    self._running.cancel()
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    async def _run(self) -> None:
        told = False
        while True:
            await self._client.there()
            try:
                async with outbox_line(self._postgres) as line:
                    told = False
                    await self._relay(line)
                continue
            except OUTAGES as error:
                if not told:
                    _log.warning("changes cannot be relayed now; trying again", error=repr(error))
                told = True
            except Exception:  # noqa: BLE001 - whatever it was, nobody else would relay here
                _log.exception("relaying changes failed; trying again")
            await asyncio.sleep(_RECONNECT_SECONDS)

    async def _relay(self, line: OutboxLine) -> None:
        """Until Redis is away."""
        while self._client.link is not None:
            if await line.lead():
                await self._lead(line)
                return
            await asyncio.sleep(self._calm)

    async def _lead(self, line: OutboxLine) -> None:
        """Until Redis is away. The lock goes with the line, so that another process, which may still reach it, can lead."""
        with suppress(RedisAway):
            while True:
                line.heard.clear()
                link = await self._client.needed()
                if link is not self._link:
                    await self._until_they_listen(link)
                    self._link = link
                await self._drain(line, link)
                # Not `wait_for`: where it is woken as it is cancelled, Python 3.11 forgets that it was.
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._calm):
                        await line.heard.wait()

    async def _drain(self, line: OutboxLine, link: Link) -> None:
        """Page by page, so that memory stays flat; of all owners in turn, so that none waits for another's backlog for long."""
        after: UntoldChange | None = None
        while page := await line.page(after, limit=PAGE):
            async with self._page:
                published = await self._publish(page, link)
                await line.remove(page[:published])
            if published < len(page):
                raise RedisAway("not everything was published")
            if after is None and len(page) < PAGE:
                return
            after = page[-1] if len(page) == PAGE else None

    async def _publish(self, page: Sequence[UntoldChange], link: Link) -> int:
        """How many of the first of these were, for sure."""
        published = 0
        for first in range(0, len(page), _AT_ONCE):
            some = page[first : first + _AT_ONCE]
            messages = [("PUBLISH", self._channel, payload_of(_message(each))) for each in some]
            answers = await link.send(messages, seconds=_PUBLISH_SECONDS)
            await asyncio.wait(answers, timeout=_PUBLISH_SECONDS)
            for answer in answers:
                if not answer.done() or answer.exception() is not None:
                    return published
                self._listeners = int(answer.result())
                published += 1
                RELAYED.inc()
        return published

    async def _until_they_listen(self, link: Link) -> None:
        """After an outage, for as many listeners as there were, but not for long. A process that has just begun knows of none:
        then for a server that has just begun, too."""
        began = asyncio.get_running_loop().time()
        while True:
            [[_, listeners]] = await link.ask([("PUBSUB", "NUMSUB", self._channel)], seconds=_PUBLISH_SECONDS)
            waited = asyncio.get_running_loop().time() - began
            known = self._link is not None
            patience = self._grace if known else self._grace - link.uptime
            if waited >= patience or (known and listeners >= self._listeners):
                return
            await asyncio.sleep(_LOOK_SECONDS)


def _message(change: UntoldChange) -> Message:
    return Message(
        event=NAMES.get(change.event, change.event),
        id=change.entity_id,
        title=change.title,
        owner_id=change.owner_id,
        seq=change.seq,
        occurred_at=change.occurred_at,
        event_id=change.event_id,
        entity=change.entity,
        change=change.event,
    )
