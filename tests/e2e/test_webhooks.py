"""Webhooks of a worker that is killed: each change arrives, in order, signed, whatever the endpoint and whoever dies."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import asyncpg
from dishka import AsyncContainer
from standardwebhooks import Webhook as Verifier

from photostore.hashtag.commands.create_hashtag import CreateHashtag
from photostore.shared.ids import UserId
from photostore.webhook.commands.create_webhook import CreateWebhook
from photostore.webhook.commands.ping_webhook import PingWebhook
from photostore_adapters.settings import load_settings
from photostore_adapters.webhooks.courier import WebhookCourier
from photostore_adapters.webhooks.settings import CourierSettings
from photostore_http.main import http_container
from tests.adapters.endpoint import Behaviour, Endpoint, Writer, answering, breaking, endpoint
from tests.builders import a_user
from tests.e2e.databases import strong_secret
from tests.e2e.workers import WorkerProcess
from tests.using import stored, use
from tests.waiting import eventually

WITHIN = 60
# As when a process dies after the commit, before it tells anybody.
UNTOLD = """
    WITH feed AS (UPDATE change_feeds SET last_seq = last_seq + 1 WHERE owner_id = $1 RETURNING last_seq)
    INSERT INTO changes (owner_id, seq, event_id, event, entity, entity_id, occurred_at)
    SELECT $1, last_seq, $2, 'hashtag.created', 'hashtag', $2, now() FROM feed
"""


@asynccontextmanager
async def service(environment: dict[str, str]) -> AsyncIterator[AsyncContainer]:
    """What a server would do at once; what is left for a worker is a worker's."""
    container = http_container(load_settings(environment), environment["DATABASE_URL"])
    yield container
    await container.close()


@asynccontextmanager
async def another_worker(container: AsyncContainer) -> AsyncIterator[None]:
    """What of one delivers, in this process: to start a whole one costs seconds."""
    courier = WebhookCourier(container, CourierSettings(concurrency=10))
    running = asyncio.create_task(courier.run())
    try:
        yield
    finally:
        courier.stop()
        await running


class Moods:
    """An endpoint's: it fails, breaks off, hangs when it is told to, and answers else."""

    def __init__(self, it: Endpoint) -> None:
        self.hangs, self.reached = True, asyncio.Event()
        self._moods: Iterator[Behaviour] = iter([answering("500 Oh"), breaking()])
        it.behaviour = self

    async def __call__(self, writer: Writer) -> None:
        mood = next(self._moods, None)
        if mood is not None:
            await mood(writer)
        elif self.hangs:
            self.reached.set()
            await asyncio.Event().wait()
        else:
            await answering("204 No Content")(writer)


def verified(it: Endpoint, secret: str) -> list[tuple[str, Any]]:
    """What came, by id, once the library of the standard has looked at it."""
    told = []
    for head, body in it.requests:
        headers = dict(line.split(": ", 1) for line in head.strip().split("\r\n")[1:])
        told.append((headers["webhook-id"], Verifier(secret).verify(body, headers)))
    return told


async def test_each_change_arrives_in_order_through_failures_and_kills(database_url: str, tmp_path: Path) -> None:
    environment = {
        "DATABASE_URL": database_url,
        "DATABASE__MIGRATE_ON_START": "false",
        "DATA_DIR": str(tmp_path),
        "JWT__SECRET_KEY": strong_secret(),
        "DECODING__PROCESSES": "1",
        "WEBHOOKS__ALLOW_HTTP": "true",
        "WEBHOOKS__ALLOWED_ADDRESSES": "127.0.0.1",
        "WEBHOOKS__TIMEOUT_SECONDS": "2",
    }
    async with service(environment) as api, endpoint() as moody, endpoint() as steady:
        moods, owner = Moods(moody), (await stored(api, a_user())).id
        create = use(api, CreateWebhook)
        failing, secret = await create(actor=owner, url=moody.url("localhost"))
        _, other = await create(actor=owner, url=steady.url())
        await change(api, owner, 3)

        with WorkerProcess(tmp_path, environment) as worker:
            await eventually(lambda: len(steady.requests) == 3, within=WITHIN)
            await eventually(lambda: moody.requests, within=WITHIN)
            # Rather than wait for minutes.
            await eventually(partial(hangs, moods, database_url), within=WITHIN)
            worker.kill()
        await change(api, owner, 2)
        moods.hangs = False
        async with another_worker(api):
            await eventually(lambda: len({each for each, _ in verified(moody, secret)}) == 5, within=WITHIN)
            await use(api, PingWebhook)(actor=owner, webhook_id=failing)
            await untold_change(database_url, owner)
            await eventually(lambda: len(steady.requests) >= 6, within=WITHIN)
            await eventually(lambda: len({each for each, _ in verified(moody, secret)}) == 7, within=WITHIN)

    assert seqs(verified(steady, other)) == [1, 2, 3, 4, 5, 6]
    came = verified(moody, secret)
    assert list(dict.fromkeys(seqs(came))) == [1, 2, 3, 4, 5, 6]
    # The first failed, broke, and hung; and again it is the same, byte by byte.
    assert seqs(came).count(1) >= 4
    assert len({body for _, body in moody.requests if b'"seq":1,' in body}) == 1
    assert [each["type"] for _, each in came].count("webhook.ping") == 1


async def change(api: AsyncContainer, owner: UserId, times: int) -> None:
    for _ in range(times):
        await use(api, CreateHashtag)(actor=owner, name=f"tag{uuid4().hex}")


async def untold_change(database_url: str, owner: UserId) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute(UNTOLD, owner, uuid4())
    await connection.close()


async def hangs(moods: Moods, database_url: str) -> bool:
    """Whether a request hangs; if none does, the next one is due at once."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("UPDATE webhook_progress SET next_attempt_at = now() WHERE next_attempt_at > now()")
    await connection.close()
    return moods.reached.is_set()


def seqs(came: list[tuple[str, Any]]) -> list[int]:
    changes = [cast("dict[str, Any]", each["data"]) for _, each in came if each["type"] != "webhook.ping"]
    return [each["seq"] for each in changes]
