"""People whose photos are edited again and again, and clients that follow it."""

import asyncio
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec

from bench.client import Client

LOAD_SECONDS = 20
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


def made_owner(port: int, number: int) -> Owner:
    account = {"email": f"bench-{number}@example.org", "password": "a long enough password"}
    with Client(port) as client:
        client.send("/api/v1/auth/register", account)
        token = client.send("/api/v1/auth/login", account)["access_token"]
        client.authorize(token)
        body = b"--b\r\nContent-Disposition: form-data; name=file; filename=a.jpg\r\n\r\n%s\r\n--b--\r\n"
        uploaded = client.upload("/api/v1/photos", body % _PICTURE.read_bytes(), "multipart/form-data; boundary=b")
        return Owner(token, msgspec.json.decode(uploaded)["id"])


async def following(port: int, owners: Sequence[Owner]) -> list[tuple[Follower, asyncio.BaseTransport]]:
    loop = asyncio.get_running_loop()
    found: list[tuple[Follower, asyncio.BaseTransport]] = []
    for owner in owners:
        transport, follower = await loop.create_connection(partial(Follower, owner), "127.0.0.1", port)
        found.append((follower, transport))
    return found


@contextmanager
def writing(port: int, owners: Sequence[Owner]) -> Iterator["Writing"]:
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
        for turn in range(int(LOAD_SECONDS / every)):
            paused.wait(max(0.0, start + turn * every - time.monotonic()))
            if time.monotonic() > start + LOAD_SECONDS:
                return
            owner = owners[turn % len(owners)]
            self._clients[owner.token].edit(f"/api/v1/photos/{owner.photo}", {"title": str(time.time())})
            owner.renamed += 1


async def all_told(followers: Sequence[Follower]) -> None:
    for _ in range(_PATIENCE_SECONDS * 10):
        if all(len(each.seqs) >= each.owner.renamed for each in followers):
            return
        await asyncio.sleep(0.1)


def lost_of(follower: Follower) -> int:
    """Also what came twice, or in another order."""
    first = follower.seqs[0] if follower.seqs else 0
    expected = list(range(first, first + follower.owner.renamed))
    return 0 if follower.seqs == expected else max(1, len(set(expected) - set(follower.seqs)))
