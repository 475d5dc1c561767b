"""The change feed of a server that runs: who waits, and what a replay gives."""

import asyncio
import time
from typing import Any

from tests.e2e.people import API, Person, somebody
from tests.e2e.servers import ServerProcess
from tests.waiting import eventually

CHANGES = f"{API}/changes"


async def read(person: Person, **query: Any) -> tuple[list[dict[str, Any]], str]:
    answer = await person.http.get(CHANGES, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"], answer.json()["next_cursor"]


async def test_who_waits_hears_of_a_change_and_a_replay_gives_the_library(
    embedded_server: ServerProcess, example_photo: bytes
) -> None:
    async with somebody(embedded_server.url) as person:
        photo = await person.uploaded(example_photo, hashtags="pier")

        async def is_ready() -> bool:
            return bool((await person.photos())[0]["status"] == "ready")

        await eventually(is_ready, within=60)
        _, cursor = await read(person, limit=500)
        waiting = asyncio.ensure_future(read(person, cursor=cursor, wait=30))
        await eventually(lambda: waits(person))

        edited = await person.http.patch(f"{API}/photos/{photo['id']}", json={"title": "Pier"})
        started = time.monotonic()
        items, _ = await waiting
        took = time.monotonic() - started
        told, _ = await read(person, limit=500)

        assert [(each["event"], each["data"]["title"]) for each in items] == [("photo.updated", "Pier")]
        # At once, and not when the time is over; others use the machine, too.
        assert took < 10
        events = [each["event"] for each in told]
        assert events == ["hashtag.created", "photo.created", "photo.updated", "photo.updated"]
        assert told[-1]["data"]["version"] == edited.json()["version"]
        assert [each["seq"] for each in told] == [1, 2, 3, 4]


async def waits(person: Person) -> bool:
    metrics = (await person.http.get("/metrics")).text
    return "\nphotostore_waiting_clients 1.0" in metrics
