"""Pages of fifty photos out of a million, over HTTP, with sign-in and signed URLs."""

import asyncio
import socket
from functools import partial
from pathlib import Path
from statistics import median, quantiles

import msgspec
import psutil

from bench.client import Client
from bench.figures import Figure, compared
from bench.library import load
from bench.processes import running, server
from bench.turns import Measured, Way, in_turns
from photostore_adapters.embedded_postgres.server import EmbeddedPostgres

_TURNS = 9
_PAGES = 500
_PAGE = "/api/v1/photos?limit=50"
_DEPTH = 90_000
# On every twentieth photo or so.
_HASHTAG = "tag1"


def pages(postgres: EmbeddedPostgres, folder: Path) -> list[Figure]:
    with server(postgres.url, folder, {}) as (process, port), Client(port) as newcomer:
        owner = newcomer.sign_up()
        asyncio.run(load(postgres.url))
        with (
            running("bench.limits.pages", postgres.url, owner) as limit,
            socket.create_connection(("127.0.0.1", int(limit.said))) as asking,
            newcomer.again() as client,
        ):
            asked = {
                "first": _PAGE,
                "deep": f"{_PAGE}&cursor={_cursor_at(client, _DEPTH)}",
                "hashtag": f"{_PAGE}&hashtag={_HASHTAG}",
            }
            for path in asked.values():
                _demand_full(client, path)
            ways = {name: Way(process=process, go=partial(client.get, path)) for name, path in asked.items()}
            ways["limit"] = Way(process=limit.process, go=partial(_make_page, asking))
            return _figures(in_turns(ways, turns=_TURNS, times=_PAGES, beside=psutil.Process(postgres.pid)))


def _figures(measured: dict[str, Measured]) -> list[Figure]:
    first, deep, hashtag, limit = (measured[name] for name in ("first", "deep", "hashtag", "limit"))
    return [
        compared("pages: CPU of the server beside its limit", first.cpu, limit.cpu, unit="ms", target=3.0),
        compared("pages: at depth 90,000 beside the first", deep.cpu, first.cpu, unit="ms", target=2.0),
        compared("pages: by hashtag beside the first", hashtag.cpu, first.cpu, unit="ms", target=2.0),
        compared("pages: CPU of Postgres", first.beside, limit.beside, unit="ms"),
        compared("pages: CPU of Postgres at depth 90,000", deep.beside, first.beside, unit="ms"),
        compared("pages: CPU of Postgres by hashtag", hashtag.beside, first.beside, unit="ms"),
        Figure(name="pages: time until answered, median", measured=median(first.took), unit="ms"),
        Figure(name="pages: time until answered, 99 of 100", measured=quantiles(first.took, n=100)[98], unit="ms"),
    ]


def _make_page(limit: socket.socket) -> None:
    limit.sendall(b"1")
    limit.recv(1)


def _cursor_at(client: Client, depth: int) -> str:
    """As a client gets there: page by page."""
    cursor = ""
    for _ in range(depth // 200):
        path = "/api/v1/photos?limit=200" + (f"&cursor={cursor}" if cursor else "")
        cursor = msgspec.json.decode(client.get(path))["next_cursor"]
    return cursor


def _demand_full(client: Client, path: str) -> None:
    found = len(msgspec.json.decode(client.get(path))["items"])
    if found != 50:
        raise RuntimeError(f"{path} holds {found} photos: something else would be measured")
