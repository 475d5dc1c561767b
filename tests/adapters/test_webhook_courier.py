"""Who delivers, beside the jobs of a worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from dishka import AsyncContainer
from structlog.testing import capture_logs

from photostore.webhook.commands.ping_webhook import PingWebhook
from photostore.webhook.ports import Message
from photostore_adapters.webhooks.courier import WebhookCourier
from photostore_adapters.webhooks.settings import CourierSettings
from tests.builders import a_user_id
from tests.containers import on_fakes
from tests.fakes.endpoints import FakeEndpoints
from tests.fakes.store import FakeStore
from tests.using import use
from tests.waiting import eventually
from tests.webhooks import a_webhook, change

# So that nothing but being woken can be the cause.
NEVER = 3600.0


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def endpoints(store: FakeStore) -> FakeEndpoints:
    return store.hooks.endpoints


@pytest.fixture
async def container(store: FakeStore) -> AsyncIterator[AsyncContainer]:
    container = on_fakes(store)
    yield container
    await container.close()


@asynccontextmanager
async def delivering(
    container: AsyncContainer, *, look_seconds: float = NEVER, concurrency: int = 10
) -> AsyncIterator[WebhookCourier]:
    courier = WebhookCourier(container, CourierSettings(concurrency=concurrency, look_seconds=look_seconds))
    running = asyncio.create_task(courier.run())
    # It attends to what changes with its first step.
    await asyncio.sleep(0)
    try:
        yield courier
    finally:
        courier.stop()
        await asyncio.wait_for(running, 15)


class Gate:
    """Whatever is sent to this URL waits until it is open."""

    def __init__(self, endpoints: FakeEndpoints, url: str) -> None:
        self._endpoints, self._url = endpoints, url
        self.open = asyncio.Event()
        endpoints.meanwhile = self

    async def __call__(self) -> None:
        if self._endpoints.sent[-1].url == self._url:
            await self.open.wait()


def seqs(messages: list[Message]) -> list[int]:
    return [msgspec.json.decode(message.body)["data"]["seq"] for message in messages]


async def test_what_was_there_before_and_what_changes_is_delivered(
    container: AsyncContainer, endpoints: FakeEndpoints
) -> None:
    owner, _ = await a_webhook(container)
    await change(container, owner, "sea")

    async with delivering(container):
        await eventually(lambda: seqs(endpoints.sent) == [1])
        await change(container, owner, "sun")
        await eventually(lambda: seqs(endpoints.sent) == [1, 2])


async def test_what_changes_while_it_delivers_is_delivered_after_that(
    container: AsyncContainer, endpoints: FakeEndpoints
) -> None:
    owner, _ = await a_webhook(container)

    async def change_once_more() -> None:
        if len(endpoints.sent) < 20:
            await change(container, owner, f"tag{len(endpoints.sent)}")

    endpoints.meanwhile = change_once_more
    async with delivering(container):
        await change(container, owner, "first")
        await eventually(lambda: len(endpoints.sent) == 20)

    assert seqs(endpoints.sent) == list(range(1, 21))


async def test_an_endpoint_that_hangs_delays_no_other(container: AsyncContainer, endpoints: FakeEndpoints) -> None:
    owner, slow = await a_webhook(container)
    other, _ = await a_webhook(container)
    store = await container.get(FakeStore)
    store.hooks.webhooks.rows[slow].url = "https://slow.example.test/"
    gate = Gate(endpoints, "https://slow.example.test/")

    async with delivering(container, concurrency=2):
        await change(container, owner, "sea")
        await eventually(lambda: len(endpoints.sent) == 1)
        for number in range(3):
            await change(container, other, f"tag{number}")
        await eventually(lambda: len(endpoints.sent) == 4)
        gate.open.set()

    assert [message.url for message in endpoints.sent].count("https://slow.example.test/") == 1


async def test_those_that_are_slow_though_they_answer_wait_for_each_other_alone(
    container: AsyncContainer, endpoints: FakeEndpoints
) -> None:
    owner, slow = await a_webhook(container)
    other, _ = await a_webhook(container)
    store = await container.get(FakeStore)
    store.hooks.webhooks.rows[slow].url = "https://slow.example.test/"

    async with delivering(container, concurrency=1):
        endpoints.takes = 9.0
        await change(container, owner, "sea")
        await eventually(lambda: store.hooks.progress.rows[slow].progress.delivered_seq == 1)
        gate = Gate(endpoints, "https://slow.example.test/")
        await change(container, owner, "sun")
        await eventually(lambda: len(endpoints.sent) == 2)
        await change(container, other, "sky")
        await eventually(lambda: len(endpoints.sent) == 3)
        gate.open.set()


async def test_more_webhooks_than_places_take_turns(container: AsyncContainer, endpoints: FakeEndpoints) -> None:
    owners = [(await a_webhook(container))[0] for _ in range(8)]

    async with delivering(container, concurrency=1):
        for number, owner in enumerate(owners):
            await change(container, owner, f"sea{number}", f"sun{number}")
        await eventually(lambda: len(endpoints.sent) == 16)


async def test_whoever_failed_is_looked_for_when_it_is_time(
    container: AsyncContainer, store: FakeStore, endpoints: FakeEndpoints
) -> None:
    owner, _ = await a_webhook(container)
    endpoints.refuse(500)

    async with delivering(container, look_seconds=0.02):
        await change(container, owner, "sea")
        await eventually(lambda: len(store.hooks.deliveries.rows) == 1)
        store.clock.advance(seconds=7)
        await eventually(lambda: len(store.hooks.deliveries.rows) == 2)

    assert seqs(endpoints.sent) == [1, 1]


async def test_however_much_is_heard_it_looks_for_itself_as_well(
    container: AsyncContainer, store: FakeStore, endpoints: FakeEndpoints
) -> None:
    owner, _ = await a_webhook(container)
    endpoints.refuse(500)

    async with delivering(container, look_seconds=0.2) as courier:
        await change(container, owner, "sea")
        await eventually(lambda: len(store.hooks.deliveries.rows) == 1)
        store.clock.advance(seconds=7)

        def was_tried_again() -> bool:
            courier.heard(a_user_id())
            return len(endpoints.sent) == 2

        await eventually(was_tried_again)


async def test_a_ping_wakes_nobody_here_but_is_found(container: AsyncContainer, endpoints: FakeEndpoints) -> None:
    owner, webhook = await a_webhook(container, disabled=True)

    async with delivering(container, look_seconds=0.02):
        await use(container, PingWebhook)(actor=owner, webhook_id=webhook)
        await eventually(lambda: endpoints.told == ["webhook.ping"])


async def test_a_database_that_goes_away_is_waited_for(
    container: AsyncContainer, store: FakeStore, endpoints: FakeEndpoints
) -> None:
    owner, _ = await a_webhook(container)
    await change(container, owner, "sea")
    store.unavailable = True

    with capture_logs() as logs:
        async with delivering(container, look_seconds=0.02):
            await eventually(lambda: logs)
            store.unavailable = False
            await eventually(lambda: seqs(endpoints.sent) == [1])

    assert {each["log_level"] for each in logs} == {"warning"}


async def test_a_fault_of_one_stops_no_other(container: AsyncContainer, endpoints: FakeEndpoints) -> None:
    owner, _ = await a_webhook(container)
    other, _ = await a_webhook(container)

    async def break_first() -> None:
        if len(endpoints.sent) == 1:
            raise ZeroDivisionError

    endpoints.meanwhile = break_first
    with capture_logs() as logs:
        async with delivering(container, look_seconds=0.02):
            await change(container, owner, "sea")
            await change(container, other, "sun")
            await eventually(lambda: len(endpoints.sent) == 3)

    assert [each["log_level"] for each in logs] == ["error"]


async def test_who_is_stopped_ends_the_attempt_under_way_and_begins_no_other(
    container: AsyncContainer, store: FakeStore, endpoints: FakeEndpoints
) -> None:
    owner, webhook = await a_webhook(container)
    gate = Gate(endpoints, "https://hooks.example.test/photos")

    async with delivering(container) as courier:
        await change(container, owner, "sea", "sun")
        await eventually(lambda: endpoints.sent)
        courier.stop()
        gate.open.set()

    assert seqs(endpoints.sent) == [1]
    place = store.hooks.progress.rows[webhook]
    assert (place.progress.delivered_seq, place.holder) == (1, None)


async def test_who_is_broken_off_lets_go(container: AsyncContainer, store: FakeStore, endpoints: FakeEndpoints) -> None:
    owner, webhook = await a_webhook(container)
    Gate(endpoints, "https://hooks.example.test/photos")
    courier = WebhookCourier(container, CourierSettings(concurrency=1))
    running = asyncio.create_task(courier.run())
    await change(container, owner, "sea")
    await eventually(lambda: endpoints.sent)

    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    place = store.hooks.progress.rows[webhook]
    assert (place.progress.delivered_seq, place.holder) == (0, None)
