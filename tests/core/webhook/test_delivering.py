"""How webhooks are delivered to."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from dishka import AsyncContainer
from standardwebhooks import Webhook as Verifier

from photostore.event.commands.compact_changes import CompactChanges
from photostore.shared.errors import Unavailable
from photostore.shared.ids import DeliveryId, UserId, WebhookId
from photostore.user.commands.close_account import CloseAccount
from photostore.webhook.commands.create_webhook import CreateWebhook
from photostore.webhook.commands.edit_webhook import EditWebhook
from photostore.webhook.commands.ping_webhook import PingWebhook
from photostore.webhook.commands.prune_deliveries import PruneDeliveries
from photostore.webhook.commands.replay_delivery import ReplayDelivery
from photostore.webhook.commands.rotate_webhook_secret import RotateWebhookSecret
from photostore.webhook.delivering import PAGE
from photostore.webhook.delivery import Answer, Fault
from photostore.webhook.errors import DeliveryNotReplayable
from photostore.webhook.webhook import WebhookEdit
from tests.builders import a_user
from tests.fakes.endpoints import FakeEndpoints
from tests.fakes.store import FakeStore
from tests.using import stored, use
from tests.webhooks import URL, a_webhook, change, deliver, log, shown


@pytest.fixture
def endpoints(store: FakeStore) -> FakeEndpoints:
    return store.hooks.endpoints


async def edit(
    container: AsyncContainer, owner: UserId, webhook: WebhookId, *, skip: bool = False, **told: object
) -> None:
    edit = WebhookEdit(**told)  # type: ignore[arg-type]
    await use(container, EditWebhook)(actor=owner, webhook_id=webhook, edit=edit, skip_missed=skip)


def seqs(endpoints: FakeEndpoints) -> list[int]:
    return [msgspec.json.decode(message.body)["data"]["seq"] for message in endpoints.sent]


async def test_it_is_told_what_changes_from_its_making_on_in_order_and_once(
    container: AsyncContainer, endpoints: FakeEndpoints
) -> None:
    owner = (await stored(container, a_user())).id
    await change(container, owner, "before")
    _, webhook = await a_webhook(container, owner)
    await change(container, owner, "sea", "sun", "sky")

    await deliver(container, owner, webhook)
    await deliver(container, owner, webhook)

    assert seqs(endpoints) == [2, 3, 4]
    lines = await log(container, owner, webhook)
    assert [(line.seq, line.event, line.status, line.attempt, line.response_status) for line in lines] == [
        (seq, "hashtag.created", "delivered", 1, 200) for seq in (2, 3, 4)
    ]
    assert [str(line.event_id) for line in lines] == endpoints.ids
    assert (await shown(container, owner, webhook)).delivered_seq == 4


async def test_each_message_is_signed_by_the_secret_and_by_the_one_before_for_a_day(
    container: AsyncContainer, store: FakeStore, endpoints: FakeEndpoints
) -> None:
    owner = (await stored(container, a_user())).id
    webhook, first = await use(container, CreateWebhook)(actor=owner, url=URL)
    second = await use(container, RotateWebhookSecret)(actor=owner, webhook_id=webhook)
    await change(container, owner, "sea")
    await deliver(container, owner, webhook)
    store.clock.advance(hours=25)
    await change(container, owner, "sun")
    await deliver(container, owner, webhook)

    both, alone = endpoints.sent
    assert [len(each.headers["webhook-signature"].split()) for each in (both, alone)] == [2, 1]
    # The library looks at the clock, which stands elsewhere here: so it signs, and it is compared.
    for secret, message in ((first, both), (second, both), (second, alone)):
        at = store.clock.now() - timedelta(hours=25 if message is both else 0)
        expected = Verifier(secret).sign(message.headers["webhook-id"], at, message.body.decode())
        assert expected in message.headers["webhook-signature"].split()


async def test_what_is_not_wanted_is_skipped_without_a_request(
    container: AsyncContainer, endpoints: FakeEndpoints
) -> None:
    owner, webhook = await a_webhook(container, events=["photo.*"])
    await change(container, owner, "sea", "sun")

    await deliver(container, owner, webhook)

    assert endpoints.sent == []
    assert await log(container, owner, webhook) == []
    assert (await shown(container, owner, webhook)).delivered_seq == 2


async def test_more_than_a_page_is_told(container: AsyncContainer, endpoints: FakeEndpoints) -> None:
    owner, webhook = await a_webhook(container)
    await change(container, owner, *(f"tag{number}" for number in range(PAGE + 1)))

    await deliver(container, owner, webhook)

    assert seqs(endpoints) == list(range(1, PAGE + 2))


async def test_what_fails_keeps_what_follows_waiting_and_is_sent_again_byte_by_byte(
    container: AsyncContainer, store: FakeStore, endpoints: FakeEndpoints
) -> None:
    owner, webhook = await a_webhook(container)
    await change(container, owner, "sea", "sun")
    endpoints.refuse(500)
    await deliver(container, owner, webhook)
    await deliver(container, owner, webhook)
    failing = await shown(container, owner, webhook)
    at = store.clock.advance(seconds=7)

    await deliver(container, owner, webhook)

    failed, again, after = endpoints.sent
    assert (failed.body, failed.headers["webhook-id"]) == (again.body, again.headers["webhook-id"])
    assert failed.headers["webhook-timestamp"] != again.headers["webhook-timestamp"] == str(int(at.timestamp()))
    assert after.headers["webhook-id"] != again.headers["webhook-id"]
    assert (failing.failures, failing.delivered_seq) == (1, 0)
    assert failing.failing_since is not None
    lines = await log(container, owner, webhook)
    assert [(line.seq, line.status, line.attempt, line.error) for line in lines] == [
        (1, "failed", 1, "status"),
        (1, "delivered", 2, None),
        (2, "delivered", 1, None),
    ]
    assert (await shown(container, owner, webhook)).failing_since is None


async def test_who_fails_for_three_days_is_told_no_more(
    container: AsyncContainer, store: FakeStore, endpoints: FakeEndpoints
) -> None:
    owner, webhook = await a_webhook(container)
    await change(container, owner, "sea")
    endpoints.refuse(*[500] * 50)

    while not (view := await shown(container, owner, webhook)).disabled_at:
        store.clock.time = max(store.clock.now(), view.next_attempt_at or store.clock.now())
        await deliver(container, owner, webhook)

    assert view.disabled_reason == "failing"
    assert view.version == 2
    assert (len(endpoints.sent), store.clock.now() - view.created_at) == (10, timedelta(hours=72))
    store.clock.advance(days=1)
    await deliver(container, owner, webhook)
    assert len(endpoints.sent) == 10


async def test_one_that_says_it_is_gone_is_told_no_more_at_once(
    container: AsyncContainer, endpoints: FakeEndpoints
) -> None:
    owner, webhook = await a_webhook(container)
    await change(container, owner, "sea")
    endpoints.refuse(410)

    await deliver(container, owner, webhook)

    assert (await shown(container, owner, webhook)).disabled_reason == "gone"


async def test_a_secret_that_nobody_can_open_any_more_disables(
    container: AsyncContainer, store: FakeStore, endpoints: FakeEndpoints
) -> None:
    owner, webhook = await a_webhook(container)
    store.hooks.webhooks.rows[webhook].sealed_secret = "sealed for another: x"
    await change(container, owner, "sea")

    await deliver(container, owner, webhook)

    assert endpoints.sent == []
    assert (await shown(container, owner, webhook)).disabled_reason == "secret_lost"


async def test_an_endpoint_may_ask_for_patience(
    container: AsyncContainer, store: FakeStore, endpoints: FakeEndpoints
) -> None:
    owner, webhook = await a_webhook(container)
    await change(container, owner, "sea")
    endpoints.answers.append(Answer(status=503, fault=Fault.STATUS, retry_after=timedelta(minutes=2)))

    await deliver(container, owner, webhook)

    waits = (await shown(container, owner, webhook)).next_attempt_at
    assert waits == store.clock.now() + timedelta(minutes=2)


@pytest.mark.parametrize(("skip", "told"), [(False, [1, 1, 2, 3]), (True, [1, 3])])
async def test_enabled_again_it_goes_on_where_it_was_or_skips_what_it_missed(
    container: AsyncContainer, endpoints: FakeEndpoints, skip: bool, told: list[int]
) -> None:
    owner, webhook = await a_webhook(container)
    await change(container, owner, "sea")
    endpoints.refuse(410)
    await deliver(container, owner, webhook)
    await change(container, owner, "sun")
    await deliver(container, owner, webhook)

    await edit(container, owner, webhook, disabled=False, skip=skip)
    await change(container, owner, "sky")
    await deliver(container, owner, webhook)

    assert seqs(endpoints) == told


async def test_who_mended_the_endpoint_has_it_tried_at_once(
    container: AsyncContainer, endpoints: FakeEndpoints
) -> None:
    owner, webhook = await a_webhook(container)
    await change(container, owner, "sea")
    endpoints.refuse(500)
    await deliver(container, owner, webhook)

    await edit(container, owner, webhook, disabled=False)
    await deliver(container, owner, webhook)

    assert seqs(endpoints) == [1, 1]
    assert (await shown(container, owner, webhook)).version == 1


async def test_a_ping_is_sent_once_even_to_one_that_is_disabled_and_logged(
    container: AsyncContainer, endpoints: FakeEndpoints
) -> None:
    owner, webhook = await a_webhook(container, disabled=True)
    await change(container, owner, "sea")
    endpoints.refuse(500)

    asked = await use(container, PingWebhook)(actor=owner, webhook_id=webhook)
    waiting = [line.status for line in await log(container, owner, webhook)]
    await deliver(container, owner, webhook)
    await deliver(container, owner, webhook)

    assert endpoints.told == ["webhook.ping"]
    [line] = await log(container, owner, webhook)
    assert waiting == ["pending"]
    assert (line.id, line.event, line.seq, line.status, line.response_status) == (
        asked,
        "webhook.ping",
        None,
        "failed",
        500,
    )


async def test_an_answered_ping_ends_the_waiting_for_the_next_attempt(
    container: AsyncContainer, endpoints: FakeEndpoints
) -> None:
    owner, webhook = await a_webhook(container)
    await change(container, owner, "sea")
    endpoints.refuse(500)
    await deliver(container, owner, webhook)

    await use(container, PingWebhook)(actor=owner, webhook_id=webhook)
    await deliver(container, owner, webhook)

    assert endpoints.told == ["hashtag.created", "webhook.ping", "hashtag.created"]


async def test_what_was_sent_is_sent_again_under_its_own_id(
    container: AsyncContainer, endpoints: FakeEndpoints
) -> None:
    owner, webhook = await a_webhook(container)
    await change(container, owner, "sea")
    await deliver(container, owner, webhook)
    [sent] = await log(container, owner, webhook)

    replayed = await use(container, ReplayDelivery)(actor=owner, webhook_id=webhook, delivery_id=DeliveryId(sent.id))
    with pytest.raises(DeliveryNotReplayable):
        await use(container, ReplayDelivery)(actor=owner, webhook_id=webhook, delivery_id=replayed)
    await deliver(container, owner, webhook)

    assert endpoints.ids == [str(sent.event_id)] * 2
    assert [line.status for line in await log(container, owner, webhook)] == ["delivered"] * 2


async def test_of_two_at_once_one_delivers(container: AsyncContainer, endpoints: FakeEndpoints) -> None:
    owner, webhook = await a_webhook(container)
    await change(container, owner, "sea", "sun")
    endpoints.meanwhile = lambda: asyncio.sleep(0)

    await asyncio.gather(*(deliver(container, owner, webhook) for _ in range(5)))

    assert seqs(endpoints) == [1, 2]


async def test_when_the_one_who_delivers_dies_another_goes_on(
    container: AsyncContainer, store: FakeStore, endpoints: FakeEndpoints
) -> None:
    owner, webhook = await a_webhook(container)
    await change(container, owner, "sea", "sun")

    async def die() -> None:
        store.unavailable = True

    endpoints.meanwhile = die
    with pytest.raises(Unavailable):
        await deliver(container, owner, webhook)
    store.unavailable, endpoints.meanwhile = False, None
    await deliver(container, owner, webhook)
    store.clock.advance(seconds=store.webhook_policy.lease.total_seconds())
    await deliver(container, owner, webhook)

    assert seqs(endpoints) == [1, 1, 2]
    assert endpoints.ids[0] == endpoints.ids[1]


async def test_whoever_is_edited_meanwhile_goes_on_in_the_new_way(
    container: AsyncContainer, endpoints: FakeEndpoints
) -> None:
    owner, webhook = await a_webhook(container)
    await change(container, owner, "sea", "sun")

    async def move() -> None:
        endpoints.meanwhile = None
        await edit(container, owner, webhook, url="https://elsewhere.example.test/")

    endpoints.meanwhile = move
    await deliver(container, owner, webhook)
    await deliver(container, owner, webhook)

    assert [message.url for message in endpoints.sent] == [URL, *["https://elsewhere.example.test/"] * 2]
    assert seqs(endpoints) == [1, 1, 2]


async def test_a_turn_ends_after_a_while_and_says_that_there_is_more(
    container: AsyncContainer, store: FakeStore, endpoints: FakeEndpoints
) -> None:
    owner, webhook = await a_webhook(container)
    await change(container, owner, "sea", "sun", "sky")

    async def take_long() -> None:
        store.clock.advance(seconds=3)

    endpoints.meanwhile = take_long

    assert await deliver(container, owner, webhook)
    assert seqs(endpoints) == [1, 2]
    assert not await deliver(container, owner, webhook)
    assert seqs(endpoints) == [1, 2, 3]


async def test_an_account_that_is_disabled_meanwhile_is_told_nothing_more_within_five_seconds(
    container: AsyncContainer, store: FakeStore, endpoints: FakeEndpoints
) -> None:
    owner, webhook = await a_webhook(container)
    await change(container, owner, *(f"tag{number}" for number in range(20)))

    async def disable_and_take_a_second() -> None:
        store.users.rows[owner].disabled_at = store.clock.now()
        store.clock.advance(seconds=1)

    endpoints.meanwhile = disable_and_take_a_second
    while await deliver(container, owner, webhook):
        pass

    assert len(endpoints.sent) <= 5


async def test_what_was_compacted_meanwhile_is_said_to_be_missed(
    container: AsyncContainer, store: FakeStore, endpoints: FakeEndpoints
) -> None:
    owner, webhook = await a_webhook(container)
    await change(container, owner, "sea", "sun")
    for key in [key for key in store.changes.rows if key[1] == 1]:
        del store.changes.rows[key]
    await use(container, CompactChanges)()

    await deliver(container, owner, webhook)

    assert seqs(endpoints) == [2]
    lines = {line.event: (line.seq, line.status, line.error) for line in await log(container, owner, webhook)}
    assert lines["webhook.missed"] == (1, "missed", "no_longer_kept")
    missed = next(line for line in await log(container, owner, webhook) if line.status == "missed")
    with pytest.raises(DeliveryNotReplayable):
        await use(container, ReplayDelivery)(actor=owner, webhook_id=webhook, delivery_id=DeliveryId(missed.id))


async def test_what_was_compacted_between_what_is_left_is_missed_as_well(
    container: AsyncContainer, store: FakeStore, endpoints: FakeEndpoints
) -> None:
    owner, webhook = await a_webhook(container)
    await change(container, owner, "sea", "sun", "sky", "sand")
    for key in [key for key in store.changes.rows if key[1] in (2, 3)]:
        del store.changes.rows[key]

    await deliver(container, owner, webhook)

    assert seqs(endpoints) == [1, 4]
    missed = [line for line in await log(container, owner, webhook) if line.status == "missed"]
    assert [line.seq for line in missed] == [3]


async def test_a_feed_that_was_compacted_to_its_end_leaves_nothing_to_wait_for(
    container: AsyncContainer, store: FakeStore, endpoints: FakeEndpoints
) -> None:
    owner, webhook = await a_webhook(container)
    await change(container, owner, "sea")
    store.changes.rows.clear()

    await deliver(container, owner, webhook)

    assert endpoints.sent == []
    assert (await shown(container, owner, webhook)).delivered_seq == 1


async def test_nothing_is_told_of_an_account_that_is_disabled_or_closed(
    container: AsyncContainer, store: FakeStore, endpoints: FakeEndpoints
) -> None:
    owner, webhook = await a_webhook(container)
    await change(container, owner, "sea")
    store.users.rows[owner].disabled_at = store.clock.now()
    await deliver(container, owner, webhook)
    store.users.rows[owner].disabled_at = None

    await use(container, CloseAccount)(actor=owner)
    await deliver(container, owner, webhook)

    assert endpoints.sent == []
    assert store.hooks.webhooks.rows == {}


async def test_the_log_is_forgotten_after_a_while(container: AsyncContainer, store: FakeStore) -> None:
    owner, webhook = await a_webhook(container)
    await change(container, owner, "sea")
    await deliver(container, owner, webhook)
    store.clock.advance(days=8)
    await change(container, owner, "sun")
    await deliver(container, owner, webhook)

    assert await use(container, PruneDeliveries)() == 1
    assert [line.seq for line in await log(container, owner, webhook)] == [2]
