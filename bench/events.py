"""A thousand clients that follow changes: what they cost while nothing happens, and how soon they are told when much does."""

import asyncio
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import quantiles

import msgspec
import psutil

from bench.client import Client
from bench.figures import Figure
from bench.processes import cpu_seconds, server
from photostore_adapters.embedded_postgres.server import EmbeddedPostgres
from photostore_http.lifetime import allow_many_connections

_OWNERS, _OF_EACH = 50, 20
_CLIENTS = _OWNERS * _OF_EACH
_IDLE_SECONDS, _LOAD_SECONDS = 20, 20
_RATE, _WRITERS = 100, 10
_PATIENCE_SECONDS = 10
_EVENT = re.compile(rb"id: (\d+)\nevent: [a-z.]+\ndata: ([^\n]*)\n\n")
# What a picture must be to be taken for one.
_PICTURE = Path(__file__).parents[1] / "docs" / "example.jpg"


@dataclass
class Owner:
    """Someone with a photo that is renamed again and again; each name is the time at which it was given."""

    token: str
    photo: str
    renamed: int = 0


@dataclass
class Follower(asyncio.Protocol):
    """A client that reads whatever comes."""

    owner: Owner
    seqs: list[int] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    _unread: bytes = b""
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        head = f"GET /api/v1/events HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self.owner.token}\r\n\r\n"
        transport.write(head.encode())

    def data_received(self, data: bytes) -> None:
        now, data = time.time(), self._unread + data
        read = 0
        for event in _EVENT.finditer(data):
            self.seqs.append(int(event[1]))
            self.delays.append(now - float(msgspec.json.decode(event[2])["data"]["title"]))
            read = event.end()
        self._unread = data[read:][-65_536:]
        if not self.begun.is_set() and b"\nid: " in data:
            self._unread = b""
            self.begun.set()


def events(postgres: EmbeddedPostgres, folder: Path) -> list[Figure]:
    allow_many_connections(_CLIENTS)
    with server(postgres.url, folder, {"RATE_LIMITS__SIGN_INS_PER_ADDRESS": "10000"}) as (process, port):
        owners = [_owner(port, number) for number in range(_OWNERS)]
        return asyncio.run(_measured(process, psutil.Process(postgres.pid), port, owners))


def _owner(port: int, number: int) -> Owner:
    account = {"email": f"bench-{number}@example.org", "password": "a long enough password"}
    with Client(port) as client:
        client.send("/api/v1/auth/register", account)
        token = client.send("/api/v1/auth/login", account)["access_token"]
        client.authorize(token)
        body = b"--b\r\nContent-Disposition: form-data; name=file; filename=a.jpg\r\n\r\n%s\r\n--b--\r\n"
        uploaded = client.upload("/api/v1/photos", body % _PICTURE.read_bytes(), "multipart/form-data; boundary=b")
        return Owner(token, msgspec.json.decode(uploaded)["id"])


async def _measured(process: psutil.Popen, beside: psutil.Process, port: int, owners: Sequence[Owner]) -> list[Figure]:
    # Whatever is made once is there before anything is measured.
    for follower, transport in await _following(port, owners):
        await follower.begun.wait()
        transport.close()
    await asyncio.sleep(2)
    before = process.memory_info().rss
    followers = await _following(port, [owner for owner in owners for _ in range(_OF_EACH)])
    await asyncio.gather(*(follower.begun.wait() for follower, _ in followers))
    cpu = cpu_seconds(process, beside)
    await asyncio.sleep(_IDLE_SECONDS)
    idle_cpu = (cpu_seconds(process, beside) - cpu) / _IDLE_SECONDS * 1000
    memory = (process.memory_info().rss - before) / 2**20
    cpu, cpu_beside = cpu_seconds(process), cpu_seconds(beside)
    # Other doors to the same changes can be opened here, and be read beside the streams.
    with _writing(port, owners) as writing:
        await asyncio.to_thread(writing.wait)
    await _all_told([follower for follower, _ in followers])
    cpu, cpu_beside = cpu_seconds(process) - cpu, cpu_seconds(beside) - cpu_beside
    changes = sum(owner.renamed for owner in owners)
    lost = sum(_lost(follower) for follower, _ in followers)
    delays = [delay for follower, _ in followers for delay in follower.delays]
    grown = (process.memory_info().rss - before) / 2**20
    return [
        Figure(name=f"events: memory of {_CLIENTS} idle clients", measured=memory, unit="MiB", target=20),
        Figure(name="events: CPU of them, with Postgres, a second", measured=idle_cpu, unit="ms"),
        Figure(
            name=f"events: {changes} changes told {len(delays)} times; lost", measured=lost, unit="events", target=0
        ),
        Figure(name="events: changes a second", measured=changes / _LOAD_SECONDS, unit="/s", target=95, at_least=True),
        Figure(
            name="events: p99 from the request to the client", measured=quantiles(delays, n=100)[98], unit="s", target=2
        ),
        Figure(name="events: median", measured=quantiles(delays, n=2)[0], unit="s"),
        Figure(name="events: CPU of a change and its 20 tellings", measured=cpu * 1000 / changes, unit="ms"),
        Figure(name="events: CPU of Postgres", measured=cpu_beside * 1000 / changes, unit="ms"),
        Figure(name="events: memory after all that", measured=grown, unit="MiB"),
    ]


async def _following(port: int, owners: Sequence[Owner]) -> list[tuple[Follower, asyncio.BaseTransport]]:
    loop = asyncio.get_running_loop()
    found: list[tuple[Follower, asyncio.BaseTransport]] = []
    for owner in owners:
        transport, follower = await loop.create_connection(partial(Follower, owner), "127.0.0.1", port)
        found.append((follower, transport))
    return found


@contextmanager
def _writing(port: int, owners: Sequence[Owner]) -> Iterator["Writing"]:
    with ExitStack() as stack:
        clients = {owner.token: stack.enter_context(Client(port)) for owner in owners}
        for token, client in clients.items():
            client.authorize(token)
        yield Writing(owners, clients)


class Writing:
    """So many renamings a second, by several at once."""

    def __init__(self, owners: Sequence[Owner], clients: dict[str, Client]) -> None:
        self._owners = owners
        self._clients = clients

    def wait(self) -> None:
        threads = [
            threading.Thread(target=self._write, args=(self._owners[first::_WRITERS], first))
            for first in range(_WRITERS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _write(self, owners: Sequence[Owner], first: int) -> None:
        every = _WRITERS / _RATE
        start, paused = time.monotonic() + first / _RATE, threading.Event()
        for turn in range(int(_LOAD_SECONDS / every)):
            paused.wait(max(0.0, start + turn * every - time.monotonic()))
            if time.monotonic() > start + _LOAD_SECONDS:
                return
            owner = owners[turn % len(owners)]
            self._clients[owner.token].edit(f"/api/v1/photos/{owner.photo}", {"title": str(time.time())})
            owner.renamed += 1


async def _all_told(followers: Sequence[Follower]) -> None:
    for _ in range(_PATIENCE_SECONDS * 10):
        if all(len(each.seqs) >= each.owner.renamed for each in followers):
            return
        await asyncio.sleep(0.1)


def _lost(follower: Follower) -> int:
    """Also what came twice, or in another order."""
    first = follower.seqs[0] if follower.seqs else 0
    expected = list(range(first, first + follower.owner.renamed))
    return 0 if follower.seqs == expected else max(1, len(set(expected) - set(follower.seqs)))
