"""Streams of events of a server that runs: nothing lost, nothing repeated, nothing told to those who may not hear it."""

import asyncio
import time
from typing import Any

from tests.e2e.following import Follower, following
from tests.e2e.people import API, Person, bearer, sign_in, somebody
from tests.e2e.servers import ServerProcess
from tests.e2e.wire import a_photo_of
from tests.waiting import eventually

WRITERS, ROUNDS, CUTS = 10, 5, 3


async def write(person: Person, writer: int) -> None:
    """Upload, rename, trash, restore."""
    photo = await person.uploaded(a_photo_of(2_000, seed=writer))
    for turn in range(ROUNDS):
        url = f"{API}/photos/{photo['id']}"
        assert (await person.http.patch(url, json={"title": f"{writer} {turn}"})).status_code == 200
        for what in ("trash", "restore"):
            answer = await person.http.post(f"{API}/photos/{what}", json={"photo_ids": [photo["id"]]})
            assert answer.status_code == 200, answer.text


async def feed_of(person: Person) -> list[dict[str, Any]]:
    answer = await person.http.get(f"{API}/changes", params={"limit": "500"})
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def without_data(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What it was when it was told, and is no longer, is left out."""
    return [{name: value for name, value in each.items() if name != "data"} for each in told]


async def test_who_is_cut_off_again_and_again_is_told_exactly_what_the_feed_tells(
    embedded_server: ServerProcess,
) -> None:
    async with somebody(embedded_server.url) as person:
        cut_off, steady = Follower(person, last_event_id="0"), Follower(person)
        async with following(steady):
            await eventually(lambda: steady.came, within=60)
            writing = asyncio.gather(*(write(person, writer) for writer in range(WRITERS)))
            for cut in range(CUTS):
                async with following(cut_off):
                    enough = len(cut_off.told) + 20 * (cut + 1)
                    await eventually(lambda enough=enough: len(cut_off.told) >= enough, within=60)  # type: ignore[misc]
            await writing
            fully = len(await feed_of(person))
            async with following(cut_off):
                await eventually(lambda: min(len(cut_off.told), len(steady.told)) >= fully, within=60)
        feed = await feed_of(person)

    # Decoding them goes on meanwhile, and tells of itself.
    for follower in (cut_off, steady):
        assert without_data(follower.told) == without_data(feed)[: len(follower.told)]
    assert len(feed) >= WRITERS * (1 + 3 * ROUNDS)


async def test_a_revoked_session_s_stream_ends_within_five_seconds(embedded_server: ServerProcess) -> None:
    async with somebody(embedded_server.url) as person:
        token = await sign_in(person.http, person.email)
        async with bearer(embedded_server.url, token) as other:
            follower = Follower(other)
            async with following(follower) as running:
                await eventually(lambda: follower.came, within=60)
                sessions = (await other.http.get(f"{API}/auth/sessions")).json()["items"]
                [current] = [each["id"] for each in sessions if each["current"]]

                answer = await person.http.delete(f"{API}/auth/sessions/{current}")
                began = time.monotonic()
                status = await asyncio.wait_for(running, 60)
                took = time.monotonic() - began

    assert answer.status_code == 204
    assert (status, follower.told) == (401, [])
    # Who comes again at once may meet another process, which hears of it within the same five seconds.
    assert set(follower.ends) == {"access-ended"}
    # It promises five; others use the machine, too.
    assert took < 10
