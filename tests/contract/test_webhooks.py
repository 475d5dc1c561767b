"""What is promised of webhooks, wherever they are kept."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from dishka import AsyncContainer

from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import DeliveryId, UserId, WebhookId
from photostore.user.commands.close_account import CloseAccount
from photostore.user.commands.erase_account import EraseAccount
from photostore.user.ports import UserRepository
from photostore.webhook.commands.create_webhook import CreateWebhook
from photostore.webhook.commands.delete_webhook import DeleteWebhook
from photostore.webhook.commands.edit_webhook import EditWebhook
from photostore.webhook.commands.ping_webhook import PingWebhook
from photostore.webhook.commands.prune_deliveries import PruneDeliveries
from photostore.webhook.commands.replay_delivery import ReplayDelivery
from photostore.webhook.commands.rotate_webhook_secret import RotateWebhookSecret
from photostore.webhook.delivery import Delivery, DeliveryStatus, Run
from photostore.webhook.errors import DeliveryNotFound, TooManyPending, TooManyWebhooks, WebhookNotFound
from photostore.webhook.ports import MOST_PENDING, WebhookRepository, WebhookRuns
from photostore.webhook.queries import DueWebhook, DueWebhooks, WebhookQueries
from photostore.webhook.webhook import DisabledReason, WebhookEdit
from tests.builders import a_user, a_user_id
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW, FakeClock, new_id
from tests.using import get, stored, transaction, use
from tests.webhooks import URL, a_webhook, change, deliver, log, shown

LATER = NOW + timedelta(seconds=25)


async def take(adapters: AsyncContainer, owner: UserId, webhook: WebhookId, holder: UUID | None = None) -> Run | None:
    runs = await get(adapters, WebhookRuns)
    return await runs.take(webhook, owner=owner, holder=holder or new_id(), now=NOW, until=LATER)


def a_ping() -> Delivery:
    return Delivery(id=DeliveryId(new_id()), event_id=new_id(), event="webhook.ping", occurred_at=NOW, created_at=NOW)


async def due(adapters: AsyncContainer, clock: FakeClock, owners: list[UserId] | None = None) -> list[DueWebhook]:
    return list(await (await get(adapters, DueWebhooks)).due(owners=owners, now=clock.now()))


async def test_what_is_made_is_read_as_it_was_said(adapters: AsyncContainer) -> None:
    owner, plain = await a_webhook(adapters)
    await change(adapters, owner, "sea")
    _, other = await a_webhook(adapters, owner, events=["photo.*"], description="Backup", disabled=True)

    queries = await get(adapters, WebhookQueries)
    views = await queries.list(owner, after=None, limit=10)

    assert [view.id for view in views] == [other, plain]
    assert [(each.url, each.events, each.description, each.disabled_reason) for each in views] == [
        (URL, ["photo.*"], "Backup", "by_owner"),
        (URL, None, None, None),
    ]
    assert [(each.delivered_seq, each.last_seq, each.version) for each in views] == [(1, 1, 1), (0, 1, 1)]
    assert [each.id for each in await queries.list(owner, after=other, limit=1)] == [plain]


async def test_an_owner_has_no_more_than_there_may_be_of_many_at_once(adapters: AsyncContainer) -> None:
    owner = (await stored(adapters, a_user())).id
    await a_webhook(adapters)

    create = use(adapters, CreateWebhook)
    made = await asyncio.gather(*(create(actor=owner, url=URL) for _ in range(5)), return_exceptions=True)

    assert len([each for each in made if isinstance(each, TooManyWebhooks)]) == 2


async def test_someone_else_s_is_not_there(adapters: AsyncContainer) -> None:
    owner, webhook = await a_webhook(adapters)
    someone = (await stored(adapters, a_user())).id
    ping = await use(adapters, PingWebhook)(actor=owner, webhook_id=webhook)
    queries = await get(adapters, WebhookQueries)

    for call in (
        use(adapters, PingWebhook)(actor=someone, webhook_id=webhook),
        use(adapters, DeleteWebhook)(actor=someone, webhook_id=webhook),
        use(adapters, RotateWebhookSecret)(actor=someone, webhook_id=webhook),
        use(adapters, EditWebhook)(actor=someone, webhook_id=webhook, edit=WebhookEdit()),
        use(adapters, ReplayDelivery)(actor=someone, webhook_id=webhook, delivery_id=ping),
        queries.get(webhook, owner=someone),
        queries.deliveries(webhook, owner=someone, status=None, after=None, limit=10),
    ):
        with pytest.raises(WebhookNotFound):
            await call
    with pytest.raises(DeliveryNotFound):
        await queries.delivery(ping, webhook_id=webhook, owner=someone)
    assert await queries.list(someone, after=None, limit=10) == []
    assert await take(adapters, someone, webhook) is None


async def test_a_delivery_is_found_under_its_own_webhook_alone(adapters: AsyncContainer) -> None:
    owner, webhook = await a_webhook(adapters)
    _, other = await a_webhook(adapters, owner)
    ping = await use(adapters, PingWebhook)(actor=owner, webhook_id=webhook)

    with pytest.raises(DeliveryNotFound):
        await use(adapters, ReplayDelivery)(actor=owner, webhook_id=other, delivery_id=ping)
    with pytest.raises(DeliveryNotFound):
        await (await get(adapters, WebhookQueries)).delivery(ping, webhook_id=other, owner=owner)


async def test_the_second_of_two_who_save_is_told(adapters: AsyncContainer) -> None:
    owner, webhook = await a_webhook(adapters)
    async with transaction(adapters, WebhookRepository) as webhooks:
        before = await webhooks.get(webhook, owner=owner)

    await use(adapters, EditWebhook)(actor=owner, webhook_id=webhook, edit=WebhookEdit(description="new"))

    for call in (WebhookRepository.save, WebhookRepository.remove):
        with pytest.raises(ConcurrentUpdate):
            async with transaction(adapters, WebhookRepository) as webhooks:
                await getattr(webhooks, call.__name__)(replace(before))


async def test_what_is_edited_is_kept(adapters: AsyncContainer) -> None:
    owner, webhook = await a_webhook(adapters)
    edit = WebhookEdit(url="https://other.example.test/", topics=("photo.created",), description="x", disabled=True)

    await use(adapters, EditWebhook)(actor=owner, webhook_id=webhook, edit=edit)
    await use(adapters, RotateWebhookSecret)(actor=owner, webhook_id=webhook)

    view = await shown(adapters, owner, webhook)
    run = await take(adapters, owner, webhook)
    assert (view.url, view.events, view.description, view.version) == (edit.url, ["photo.created"], "x", 3)
    assert (view.disabled_at, view.disabled_reason) == (NOW, "by_owner")
    assert view.previous_until == NOW + timedelta(hours=24)
    assert run is not None
    assert (run.url, run.topics, run.is_disabled, len(run.sealed_secrets)) == (edit.url, ("photo.created",), True, 2)


async def test_one_holds_it_until_they_let_go_or_their_time_is_over(adapters: AsyncContainer) -> None:
    owner, webhook = await a_webhook(adapters)
    runs, holder = await get(adapters, WebhookRuns), new_id()

    first = await take(adapters, owner, webhook, holder)
    again = await take(adapters, owner, webhook, holder)
    another = await take(adapters, owner, webhook)
    assert first is not None
    await runs.release(first)
    after = await take(adapters, owner, webhook)
    late = await runs.take(webhook, owner=owner, holder=new_id(), now=LATER, until=LATER)

    assert again is not None, "who asks again because the answer was lost has it"
    assert another is None
    assert after is not None
    assert late is not None
    await runs.release(first)
    assert await take(adapters, owner, webhook, late.holder) is not None, "whose time was over lets go of nothing"


async def test_what_is_recorded_is_there_and_nothing_of_one_who_does_not_hold_it(adapters: AsyncContainer) -> None:
    owner, webhook = await a_webhook(adapters)
    await change(adapters, owner, "sea")
    runs = await get(adapters, WebhookRuns)
    run = await take(adapters, owner, webhook)
    assert run is not None
    stranger = replace(run, holder=new_id(), progress=replace(run.progress, delivered_seq=1))

    refused = await runs.record(stranger, [], until=LATER, disabled=(NOW, DisabledReason.GONE))
    before = await shown(adapters, owner, webhook)
    run.progress.delivered_seq = 1
    kept = await runs.record(run, [], until=None, disabled=(NOW, DisabledReason.GONE))
    after = await shown(adapters, owner, webhook)

    assert (refused, kept) == (False, True)
    assert (before.delivered_seq, before.disabled_reason, before.version) == (0, None, 1)
    assert (after.delivered_seq, after.disabled_reason, after.version) == (1, "gone", 2)
    assert await take(adapters, owner, webhook) is not None, "it was let go of"


async def test_changes_are_delivered_in_order_and_failures_are_kept_byte_by_byte(
    adapters: AsyncContainer, store: FakeStore, clock: FakeClock
) -> None:
    endpoints = store.hooks.endpoints
    owner, webhook = await a_webhook(adapters)
    await change(adapters, owner, "sea", "sun", "sky")
    endpoints.refuse(500, 502)

    for seconds in (0, 7, 400):
        clock.advance(seconds=seconds)
        await deliver(adapters, owner, webhook)

    bodies = [message.body for message in endpoints.sent]
    assert [msgspec.json.decode(body)["data"]["seq"] for body in bodies] == [1, 1, 1, 2, 3]
    assert len(set(bodies[:3])) == 1
    lines = await log(adapters, owner, webhook)
    assert [(line.seq, line.status, line.attempt, line.response_status) for line in lines] == [
        (1, "failed", 1, 500),
        (1, "failed", 2, 502),
        (1, "delivered", 3, 200),
        (2, "delivered", 1, 200),
        (3, "delivered", 1, 200),
    ]
    assert lines[0].next_attempt_at is not None
    assert (lines[-1].attempted_at, lines[-1].seconds) == (clock.now(), 0.1)


async def test_what_somebody_asks_for_is_sent_once_and_the_log_is_searched(
    adapters: AsyncContainer, store: FakeStore
) -> None:
    owner, webhook = await a_webhook(adapters, disabled=True)
    asked = await use(adapters, PingWebhook)(actor=owner, webhook_id=webhook)
    store.hooks.endpoints.refuse(500)
    await deliver(adapters, owner, webhook)
    replayed = await use(adapters, ReplayDelivery)(actor=owner, webhook_id=webhook, delivery_id=asked)
    queries = await get(adapters, WebhookQueries)

    async def ids(status: DeliveryStatus | None, after: DeliveryId | None = None) -> list[UUID]:
        lines = await queries.deliveries(webhook, owner=owner, status=status, after=after, limit=10)
        return [line.id for line in lines]

    assert await ids(None) == [replayed, asked]
    assert await ids(None, replayed) == [asked]
    assert (await ids(DeliveryStatus.PENDING), await ids(DeliveryStatus.FAILED)) == ([replayed], [asked])
    await deliver(adapters, owner, webhook)
    assert await ids(DeliveryStatus.DELIVERED) == [replayed]
    assert store.hooks.endpoints.ids[0] == store.hooks.endpoints.ids[1]
    assert (await queries.delivery(replayed, webhook_id=webhook, owner=owner)).status == "delivered"


async def test_so_much_can_be_asked_for_and_no_more_until_some_was_sent(adapters: AsyncContainer) -> None:
    owner, webhook = await a_webhook(adapters)
    ping = use(adapters, PingWebhook)
    async with transaction(adapters, WebhookRepository) as webhooks:
        locked = await webhooks.get(webhook, owner=owner)
        for _ in range(MOST_PENDING):
            await webhooks.ask(locked, a_ping())

    with pytest.raises(TooManyPending):
        await ping(actor=owner, webhook_id=webhook)
    await deliver(adapters, owner, webhook)
    await ping(actor=owner, webhook_id=webhook)


async def test_due_are_those_that_are_behind_or_asked_and_wait_for_nothing(
    adapters: AsyncContainer, store: FakeStore, clock: FakeClock
) -> None:
    owner, behind = await a_webhook(adapters)
    _, disabled = await a_webhook(adapters, owner, disabled=True)
    other, asked = await a_webhook(adapters)
    assert await due(adapters, clock) == []
    await change(adapters, owner, "sea")
    await use(adapters, PingWebhook)(actor=other, webhook_id=asked)

    found = await due(adapters, clock)
    of_owner, of_nobody = await due(adapters, clock, [owner]), await due(adapters, clock, [a_user_id()])
    store.hooks.endpoints.refuse(500)
    await deliver(adapters, owner, behind)
    waiting = await due(adapters, clock, [owner])
    clock.advance(seconds=7)
    run = await take(adapters, owner, behind)

    assert sorted((each.webhook_id, each.held, each.failing) for each in found) == sorted(
        [(behind, False, False), (asked, False, False)]
    )
    assert [each.webhook_id for each in of_owner] == [behind]
    assert (of_nobody, waiting) == ([], [])
    assert run is not None
    assert [(each.held, each.failing) for each in await due(adapters, clock, [owner])] == [(True, True)]
    await use(adapters, PingWebhook)(actor=owner, webhook_id=disabled)
    assert disabled in [each.webhook_id for each in await due(adapters, clock)]


async def test_figures_tell_states_and_who_waits_longest(
    adapters: AsyncContainer, store: FakeStore, clock: FakeClock
) -> None:
    dues = await get(adapters, DueWebhooks)
    empty = await dues.figures()
    owner, webhook = await a_webhook(adapters)
    await a_webhook(adapters, owner)
    _, disabled = await a_webhook(adapters, owner)
    await change(adapters, owner, "sea")
    store.hooks.endpoints.refuse(500)
    await deliver(adapters, owner, webhook)
    clock.advance(minutes=1)
    await change(adapters, owner, "sun")
    await use(adapters, EditWebhook)(actor=owner, webhook_id=disabled, edit=WebhookEdit(disabled=True))

    figures = await dues.figures()

    assert (empty.states, empty.oldest) == ({}, None)
    assert figures.states == {"enabled": 1, "failing": 1, "disabled": 1}
    assert figures.oldest == NOW


async def test_start_afresh_takes_it_from_who_holds_it(adapters: AsyncContainer) -> None:
    owner, webhook = await a_webhook(adapters)
    await change(adapters, owner, "sea")
    run = await take(adapters, owner, webhook)
    assert run is not None

    await use(adapters, EditWebhook)(actor=owner, webhook_id=webhook, edit=WebhookEdit(), skip_missed=True)

    assert not await (await get(adapters, WebhookRuns)).record(run, [], until=LATER)
    assert (await shown(adapters, owner, webhook)).delivered_seq == 1


async def test_nothing_is_told_of_accounts_that_are_disabled(adapters: AsyncContainer, clock: FakeClock) -> None:
    owner, webhook = await a_webhook(adapters)
    await change(adapters, owner, "sea")

    async with transaction(adapters, UserRepository) as users:
        user = await users.get(owner)
        user.disabled_at = NOW
        await users.save(user)

    assert await due(adapters, clock) == []
    assert await take(adapters, owner, webhook) is None


async def test_a_closed_account_has_none_and_nothing_of_them_is_left(
    adapters: AsyncContainer, clock: FakeClock
) -> None:
    owner, webhook = await a_webhook(adapters)
    await use(adapters, PingWebhook)(actor=owner, webhook_id=webhook)

    await use(adapters, CloseAccount)(actor=owner)
    queries = await get(adapters, WebhookQueries)

    assert await queries.list(owner, after=None, limit=10) == []
    assert await due(adapters, clock) == []
    await use(adapters, EraseAccount)(user_id=owner)


async def test_the_log_and_secrets_that_sign_no_more_are_forgotten(adapters: AsyncContainer, clock: FakeClock) -> None:
    owner, webhook = await a_webhook(adapters)
    await use(adapters, RotateWebhookSecret)(actor=owner, webhook_id=webhook)
    await use(adapters, PingWebhook)(actor=owner, webhook_id=webhook)
    clock.advance(days=8)
    await use(adapters, PingWebhook)(actor=owner, webhook_id=webhook)

    pruned = await use(adapters, PruneDeliveries)()

    assert pruned == 1
    assert len(await log(adapters, owner, webhook)) == 1
    assert (await shown(adapters, owner, webhook)).previous_until is None


async def test_a_deleted_one_takes_its_log_along(adapters: AsyncContainer) -> None:
    owner, webhook = await a_webhook(adapters)
    await use(adapters, PingWebhook)(actor=owner, webhook_id=webhook)

    await use(adapters, DeleteWebhook)(actor=owner, webhook_id=webhook)

    with pytest.raises(WebhookNotFound):
        await shown(adapters, owner, webhook)
