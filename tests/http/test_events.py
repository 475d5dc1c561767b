"""The change feed as server-sent events."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from photostore.event.commands.compact_changes import CompactChanges
from photostore.event.ports import ChangeSignal
from photostore.event.retention import ChangeBounds, ChangePosition
from photostore.photo.photo import Photo, PhotoStatus
from photostore.user.actor import Actor
from photostore.user.commands.close_account import CloseAccount
from photostore.user.commands.delete_api_key import DeleteApiKey
from photostore.user.commands.revoke_session import RevokeSession
from photostore.user.queries import LiveCredentials
from photostore.user.scopes import Scope
from photostore.user.user import User
from photostore_http.event_streams.measures import Ended, StreamTimes
from photostore_http.event_streams.stream import EventStream
from tests.builders import a_photo, a_user_id
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW, new_id
from tests.http.streams import EVENTS, streaming
from tests.http.test_changes import CHANGES, at_the_end, changes
from tests.http.test_photos import PHOTOS
from tests.http.test_problems import problem
from tests.http.world import CountedStreams, World, world_of
from tests.using import stored, use
from tests.waiting import eventually

# Heartbeats come when a test asks for them alone.
TIMES = StreamTimes(heartbeat=3600, tick=0.01, access=0.02, trust=0, look=0.03, look_unheard=0.03)


@pytest.fixture
async def world(store: FakeStore) -> AsyncIterator[World]:
    async with world_of(store, times=TIMES) as world:
        yield world


@pytest.fixture
async def photo(world: World, ada: User) -> Photo:
    return await stored(world.container, a_photo(owner_id=ada.id, status=PhotoStatus.PROCESSING))


async def edited(http: httpx.AsyncClient, photo: Photo, *titles: str) -> None:
    for title in titles:
        answer = await http.patch(f"{PHOTOS}/{photo.id}", json={"title": title})
        assert answer.status_code == 200, answer.text


async def looked_at_all(world: World) -> None:
    """Whatever anybody looks for now and then was looked for since."""
    credentials: Any = await world.container.get(LiveCredentials)
    before = credentials.looked
    # The first may have begun before.
    await eventually(lambda: credentials.looked > before + 1)


async def counted(world: World) -> CountedStreams:
    return await world.container.get(CountedStreams)


async def test_a_change_is_told_as_the_feed_tells_it(world: World, as_ada: httpx.AsyncClient, photo: Photo) -> None:
    async with streaming(world, as_ada) as client:
        first = await client.next()
        await edited(as_ada, photo, "Sea")
        [told] = await client.events(1)

    assert (first.id, first.event, first.data) == ("1", None, None)
    assert 1000 <= int(first.retry or 0) < 5000
    assert (told.id, told.event) == ("2", "photo.updated")
    assert told.data == (await changes(as_ada))["items"][1]
    assert client.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert client.headers["cache-control"] == "no-store"
    assert client.headers["x-accel-buffering"] == "no"
    assert client.headers["x-request-id"]
    assert "content-encoding" not in client.headers


async def test_it_goes_on_after_the_event_that_was_told_last(
    world: World, as_ada: httpx.AsyncClient, photo: Photo
) -> None:
    await edited(as_ada, photo, "One", "Two", "Three")

    async with streaming(world, as_ada, last_event_id="2") as client:
        told = await client.events(2)
        await edited(as_ada, photo, "Four")
        told += await client.events(1)

    assert [each.seq for each in told] == [3, 4, 5]


async def test_it_goes_on_where_the_pages_of_the_feed_ended(
    world: World, as_ada: httpx.AsyncClient, photo: Photo
) -> None:
    cursor = await at_the_end(as_ada)
    await edited(as_ada, photo, "One", "Two")

    async with streaming(world, as_ada, f"cursor={cursor}") as client:
        by_cursor = await client.events(2)
    async with streaming(world, as_ada, f"cursor={cursor}", last_event_id="2") as client:
        by_header = await client.events(1)

    assert [[each.seq for each in told] for told in (by_cursor, by_header)] == [[2, 3], [3]]


async def test_from_the_beginning_it_tells_page_after_page_what_the_feed_tells(
    world: World, as_ada: httpx.AsyncClient, ada: User
) -> None:
    for _ in range(205):
        await stored(world.container, a_photo(owner_id=ada.id, status=PhotoStatus.PROCESSING))

    async with streaming(world, as_ada, last_event_id="0") as client:
        told = await client.events(205)

    assert [each.data for each in told] == (await changes(as_ada, limit=500))["items"]


@pytest.mark.parametrize("told", ["x", "-1", "1.0", "1e1", "9" * 19, "\u0661"])
async def test_an_id_that_is_none_is_refused(as_ada: httpx.AsyncClient, told: str) -> None:
    answer = await as_ada.get(EVENTS, headers={b"Last-Event-ID": told.encode()})

    assert problem(answer) == (400, "bad-event-id")
    assert [each["field"] for each in answer.json()["errors"]] == ["Last-Event-ID"]


async def test_an_empty_id_is_that_of_a_client_that_was_told_none(world: World, as_ada: httpx.AsyncClient) -> None:
    async with streaming(world, as_ada, last_event_id="") as client:
        assert (await client.next()).id == "0"


async def test_someone_else_s_cursor_is_refused(world: World, as_ada: httpx.AsyncClient) -> None:
    other = await world.as_user(await world.user())

    assert problem(await other.get(EVENTS, params={"cursor": await at_the_end(as_ada)})) == (400, "bad-cursor")


async def test_a_number_that_the_feed_has_not_reached_has_expired(as_ada: httpx.AsyncClient, photo: Photo) -> None:
    assert problem(await as_ada.get(EVENTS, headers={"Last-Event-ID": "2"})) == (410, "cursor-expired")


async def test_a_number_before_what_was_compacted_has_expired_but_the_beginning_never(
    world: World, ada: User, photo: Photo
) -> None:
    reader = await world.with_key(ada.id, Scope.PHOTOS_READ)
    writer = await world.with_key(ada.id, Scope.PHOTOS_WRITE)
    await edited(writer, photo, "One", "Two")
    world.store.clock.advance(days=31)
    await use(world.container, CompactChanges)()

    answer = await reader.get(EVENTS, headers={"Last-Event-ID": "2"})
    async with streaming(world, reader, last_event_id="0") as client:
        anew = await client.events(1)
    async with streaming(world, reader, last_event_id="3") as client:
        at_the_end = await client.next()

    assert problem(answer) == (410, "cursor-expired")
    assert (anew[0].seq, at_the_end.id) == (3, "3")


async def test_nobody_is_told_what_is_another_s(world: World, as_ada: httpx.AsyncClient, photo: Photo) -> None:
    other = await world.as_user(await world.user())

    async with streaming(world, other) as theirs, streaming(world, as_ada) as mine:
        await edited(as_ada, photo, "Sea")
        await mine.events(1)
        world.store.listeners.stop()
        told = await theirs.rest()

    assert [each.event for each in told] == [None, None]


async def test_a_quiet_stream_is_sent_heartbeats(store: FakeStore) -> None:
    async with world_of(store, times=StreamTimes(heartbeat=0.02, tick=0.01)) as world:
        http = await world.as_user(await world.user())
        async with streaming(world, http) as client:
            blocks = [await client.next() for _ in range(3)]

    assert [(each.id, each.comment) for each in blocks[1:]] == [(None, "")] * 2


async def test_head_tells_the_headers_and_begins_no_stream(world: World, as_ada: httpx.AsyncClient) -> None:
    answer = await as_ada.head(EVENTS)

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert (await counted(world)).open == 0


async def test_a_revoked_session_is_told_nothing_more_and_its_stream_ends(
    world: World, ada: User, photo: Photo
) -> None:
    one, other = await world.as_user(ada), await world.as_user(ada)
    session = next(iter(world.store.sessions.rows))

    async with streaming(world, one) as client:
        await use(world.container, RevokeSession)(actor=ada.id, session_id=session)
        await edited(other, photo, "Sea")
        told = await client.rest()

    assert [each.event for each in told] == [None, None]
    assert (told[-1].comment, told[-1].retry is not None) == ("access-ended", True)
    assert problem(await one.get(EVENTS)) == (401, "invalid-token")


async def test_so_do_streams_of_deleted_keys_and_of_accounts_that_are_closed(world: World, ada: User) -> None:
    by_key = await world.with_key(ada.id, Scope.PHOTOS_READ)
    gone = await world.user()
    by_closed = await world.as_user(gone)
    [key] = world.store.api_keys.rows

    async with streaming(world, by_key) as one, streaming(world, by_closed) as other:
        await use(world.container, DeleteApiKey)(actor=ada.id, key_id=key)
        await use(world.container, CloseAccount)(actor=gone.id)
        ends = [(await each.rest())[-1].comment for each in (one, other)]

    assert ends == ["access-ended", "access-ended"]


async def test_a_stream_ends_with_its_token(world: World, ada: User, photo: Photo) -> None:
    old = await world.as_user(ada)
    async with streaming(world, old) as client:
        world.store.clock.advance(minutes=16)
        await edited(await world.as_user(ada), photo, "Sea")
        told = await client.rest()
    async with streaming(world, await world.as_user(ada), last_event_id=told[0].id or "") as client:
        missed = await client.events(1)

    assert [(each.event, each.comment) for each in told[1:]] == [(None, "token-expired")]
    assert missed[0].data["data"]["title"] == "Sea"


async def test_the_end_of_the_service_ends_all_streams_and_lets_nobody_begin(
    world: World, as_ada: httpx.AsyncClient
) -> None:
    async with streaming(world, as_ada) as one, streaming(world, as_ada) as other:
        (await world.container.get(ChangeSignal)).stop()
        ends = [(await each.rest())[-1] for each in (one, other)]
    late = await as_ada.get(EVENTS)

    assert [(each.comment, each.retry is not None) for each in ends] == [("shutdown", True)] * 2
    assert problem(late) == (503, "too-many-followers")
    await eventually(lambda: world.store.listeners.places.taken == 0)


async def test_one_owner_has_so_many_places_for_streams_and_waits_together(
    world: World, as_ada: httpx.AsyncClient, photo: Photo
) -> None:
    other = await world.as_user(await world.user())
    places = world.store.listeners.places
    clients = [streaming(world, as_ada) for _ in range(places.limits.of_owner)]
    for client in clients:
        await client.__aenter__()

    full = await as_ada.get(EVENTS)
    waiting = await as_ada.get(CHANGES, params={"cursor": await at_the_end(as_ada), "wait": 30})
    async with streaming(world, other):
        pass
    for client in clients:
        await client.__aexit__(None, None, None)
    async with streaming(world, as_ada) as again:
        begun = await again.next()

    assert problem(full) == (429, "too-many-follow")
    assert int(full.headers["retry-after"]) > 0
    assert waiting.json()["items"] == []
    assert begun.id == "1"
    assert (await counted(world)).ends == [Ended.LEFT] * (len(clients) + 2)


async def test_a_process_has_so_many_places(world: World) -> None:
    places = world.store.listeners.places
    owners = [(await world.user()).id for _ in range(places.limits.of_process)]
    for owner in owners:
        places.take(owner)

    full = await (await world.as_user(await world.user())).get(EVENTS)

    assert problem(full) == (503, "too-many-followers")
    assert int(full.headers["retry-after"]) > 0


async def test_who_does_not_read_keeps_nobody_waiting_and_is_told_the_rest_later(
    world: World, as_ada: httpx.AsyncClient, photo: Photo
) -> None:
    async with streaming(world, as_ada) as slow, streaming(world, as_ada) as quick:
        slow.stall()
        for title in ("One", "Two", "Three"):
            await edited(as_ada, photo, title)
            await quick.events(1)
        held = slow.arrived.count(b"event:")
        slow.read_on()
        told = await slow.events(3)

    assert held == 0
    assert [each.seq for each in told] == [2, 3, 4]


async def test_a_client_whose_connection_is_closed_is_sent_nothing_more() -> None:
    sent: list[object] = []

    async def send(message: object) -> None:
        sent.append(message)
        raise RuntimeError("unable to perform operation; the handler is closed")

    stream = EventStream(
        Actor(user_id=a_user_id(), is_admin=False), ChangePosition.beginning(NOW), ends_at=None, request_id="one"
    )
    stream.begin(send, lambda: None)
    for _ in range(2):
        stream.beat(float("inf"), 15.0)
        await eventually(lambda: stream.ended is not None)

    assert len(sent) == 1


async def test_who_loses_access_without_reading_is_not_given_what_waited(world: World, ada: User, photo: Photo) -> None:
    one, other = await world.as_user(ada), await world.as_user(ada)
    session = next(iter(world.store.sessions.rows))

    async with streaming(world, one) as client, streaming(world, other) as witness:
        client.stall()
        await edited(other, photo, "Sea")
        await witness.events(1)
        await use(world.container, RevokeSession)(actor=ada.id, session_id=session)
        await looked_at_all(world)
        client.read_on()
        told = await client.rest()

    assert [each.event for each in told] == [None, None]
    assert (await counted(world)).lost == 1


async def test_what_nobody_was_woken_for_is_told_all_the_same(
    world: World, as_ada: httpx.AsyncClient, photo: Photo, ada: User
) -> None:
    async with streaming(world, as_ada) as client:
        await client.next()
        # As by a process that was killed after its commit, before the database went away.
        first = world.store.changes.rows[ada.id, 1]
        world.store.unavailable = True
        world.store.changes.rows[ada.id, 2] = replace(first, seq=2, event_id=new_id())
        world.store.feeds.rows[ada.id] = ChangeBounds(last_seq=2)
        world.store.listeners.wake_all(hearing=False)
        await looked_at_all(world)
        told_meanwhile = client.arrived
        world.store.unavailable = False
        [told] = await client.events(1)

    assert (told_meanwhile, told.seq) == (b"", 2)


async def test_large_things_make_small_pages_and_none_is_left_out(
    world: World, as_ada: httpx.AsyncClient, photo: Photo
) -> None:
    for part in range(16):
        answer = await as_ada.patch(f"{PHOTOS}/{photo.id}", json={"custom": {str(part): "x" * 1_000}})
        assert answer.status_code == 200, answer.text

    async with streaming(world, as_ada, last_event_id="0") as client:
        told = await client.events(17)

    assert [each.seq for each in told] == list(range(1, 18))


async def test_a_feed_that_was_put_back_to_an_older_backup_ends_its_streams(
    world: World, as_ada: httpx.AsyncClient, photo: Photo, ada: User
) -> None:
    await edited(as_ada, photo, "Sea")
    async with streaming(world, as_ada) as client:
        await client.next()
        del world.store.changes.rows[ada.id, 2]
        world.store.feeds.rows[ada.id] = ChangeBounds(last_seq=1)
        told = await client.rest()

    assert [each.comment for each in told] == ["cursor-expired"]


async def test_a_stream_is_counted_when_it_begins(world: World, as_ada: httpx.AsyncClient, photo: Photo) -> None:
    async with streaming(world, as_ada) as client:
        await edited(as_ada, photo, "Sea")
        await client.events(1)
        streams = await counted(world)

        assert ("GET", "/api/v1/events", 200) in world.requests.observed
        assert (streams.open, streams.given, len(streams.delays)) == (1, 1, 1)
    assert (streams.open, streams.ends, streams.lost) == (0, [Ended.LEFT], 0)
