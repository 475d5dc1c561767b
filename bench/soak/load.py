"""All users at once, and those who follow what they do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random

import httpx2

from bench.soak.journal import Journal
from bench.soak.ledger import Ledger
from bench.soak.owner import Owner, a_person, next_action
from bench.soak.patient import API, GaveUp, Refused
from bench.soak.sink import Sink
from tests.adapters.endpoint import endpoint
from tests.e2e.following import Follower

_OWNERS, _AT_ONCE = 6, 2
_PAUSE_SECONDS = 1.2
_DRAINED_WITHIN = 240


@dataclass(slots=True)
class Followed:
    """An owner, and who is told of what they do: a stream, a client that asks and waits, and a webhook."""

    owner: Owner
    follower: Follower
    webhook_id: str
    hook: str
    polled: list[int] = field(default_factory=list)


class Load:
    def __init__(self, url: str, journal: Journal, random: Random, sink: Sink) -> None:
        self.followed: list[Followed] = []
        self.sink = sink
        self.over = asyncio.Event()
        self._url = url
        self._journal = journal
        self._random = random
        self._following: list[asyncio.Task[None]] = []
        self._working: list[asyncio.Task[None]] = []

    async def begin(self) -> None:
        for number in range(_OWNERS):
            followed = await self._an_owner(number)
            self.followed.append(followed)
            self._following += [
                asyncio.create_task(self._follow(followed.follower)),
                asyncio.create_task(self._poll(followed)),
            ]
            self._working += [asyncio.create_task(self._work(followed.owner)) for _ in range(_AT_ONCE)]

    async def _an_owner(self, number: int) -> Followed:
        random = Random(self._random.getrandbits(64))
        person = await a_person(self._url, self._journal, f"owner{number}")
        owner = Owner(person.email, person, self._journal, random, Ledger(random))
        hook = f"/hook/{number}"
        made = await person.http.post(f"{API}/webhooks", json={"url": self.sink.url(hook)})
        if made.status_code != 201:
            raise Refused(made.text)
        self.sink.secrets[hook] = made.json()["secret"]
        return Followed(owner, Follower(person, last_event_id="0"), made.json()["id"], hook)

    async def _work(self, owner: Owner) -> None:
        while not self.over.is_set():
            action = next_action(owner)
            try:
                await action(owner)
            except (GaveUp, Refused, AssertionError, httpx2.HTTPError) as wrong:
                self._journal.breach(f"{owner.name}: {action.__name__}: {wrong!r}")
            else:
                self._journal.done[action.__name__] += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self.over.wait(), owner.random.uniform(0, 2 * _PAUSE_SECONDS))

    async def _follow(self, follower: Follower) -> None:
        while True:
            status = await follower.follow()
            if status not in (401, 429):
                self._journal.breach(f"a stream was refused with {status}")
            await asyncio.sleep(1)

    async def _poll(self, followed: Followed) -> None:
        http, cursor = followed.owner.person.http, dict[str, str]()
        while True:
            answer = await http.get(f"{API}/changes", params={"limit": "100", "wait": "20", **cursor})
            if answer.status_code != 200:
                self._journal.breach(f"/changes answered {answer.status_code} {answer.text}")
                continue
            page = answer.json()
            followed.polled += [each["seq"] for each in page["items"]]
            cursor = {"cursor": page["next_cursor"]}

    async def drain(self) -> None:
        """Begin nothing more, and wait until everything that was begun has been acknowledged."""
        self.over.set()
        later = [task for each in self.followed for task in each.owner.later]
        _, late = await asyncio.wait([*self._working, *later], timeout=_DRAINED_WITHIN)
        self._journal.check("everything that was begun came to an end", *late)
        for task in [*self._working, *later]:
            if task.done() and (error := task.exception()):
                self._journal.breach(f"a client failed: {error!r}")

    async def end(self) -> None:
        for task in self._following:
            task.cancel()
        await asyncio.gather(*self._following, return_exceptions=True)
        for each in self.followed:
            await each.owner.person.http.aclose()

    def said(self) -> list[str]:
        """What went wrong with those who only listen."""
        return [repr(task.exception()) for task in self._following if task.done()]


@asynccontextmanager
async def a_load(url: str, journal: Journal, seed: int) -> AsyncIterator[Load]:
    async with endpoint() as at:
        load = Load(url, journal, Random(seed), Sink(at, journal, Random(seed + 1)))
        try:
            yield load
        finally:
            await load.end()
