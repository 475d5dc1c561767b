"""Fifty webhooks beside a thousand streams while much happens, and ten more webhooks that hang: how soon all are told, whether
everything is, in order, and the cost."""

import asyncio
import os
import secrets
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles

import msgspec
import psutil

from bench.client import Client
from bench.figures import Figure
from bench.following import LOAD_SECONDS, Owner, all_told, following, lost_of, made_owner, writing
from bench.processes import cpu_seconds, running, server
from photostore_adapters.embedded_postgres.server import EmbeddedPostgres
from photostore_http.lifetime import allow_many_connections

_WEBHOOKS, _HANGING, _STREAMS_OF_EACH = 50, 10, 20
_READY_SECONDS, _PATIENCE_SECONDS = 120, 10
Came = Mapping[str, Sequence[tuple[int, float]]]


def webhooks(postgres: EmbeddedPostgres, folder: Path) -> list[Figure]:
    settings = {
        "STORAGE__FOLDER": str(folder / "blobs"),
        "JWT__SECRET_KEY": secrets.token_hex(32),
        "RATE_LIMITS__SIGN_INS_PER_ADDRESS": "10000",
        "WEBHOOKS__ALLOW_HTTP": "true",
        "WEBHOOKS__ALLOWED_ADDRESSES": "127.0.0.1",
    }
    with (
        running("bench.hook_sink") as sink,
        server(postgres.url, folder, settings) as (_, port),
        _worker({**os.environ, **settings, "DATABASE_URL": postgres.url}, folder) as worker,
    ):
        owners = [made_owner(port, number) for number in range(_WEBHOOKS)]
        for number, owner in enumerate(owners):
            _follow(port, owner, f"http://127.0.0.1:{sink.said}/{number}")
        for owner in owners[:_HANGING]:
            _follow(port, owner, f"http://127.0.0.1:{sink.said}/hang")
        allow_many_connections(_WEBHOOKS * _STREAMS_OF_EACH)
        return asyncio.run(_measured(worker, psutil.Process(postgres.pid), port, int(sink.said), owners))


def _follow(port: int, owner: Owner, url: str) -> None:
    """Once its photo is ready: nothing but what is measured changes from then on."""
    with Client(port) as client:
        client.authorize(owner.token)
        until = time.monotonic() + _READY_SECONDS
        while msgspec.json.decode(client.get(f"/api/v1/photos/{owner.photo}"))["status"] != "ready":
            if time.monotonic() > until:
                raise RuntimeError("the photos are not ready: something else would be measured")
            time.sleep(0.2)
        client.send("/api/v1/webhooks", {"url": url})


async def _measured(
    worker: psutil.Popen, beside: psutil.Process, port: int, sink_port: int, owners: Sequence[Owner]
) -> list[Figure]:
    followers = [
        follower for follower, _ in await following(port, [owner for owner in owners for _ in range(_STREAMS_OF_EACH)])
    ]
    await asyncio.gather(*(follower.begun.wait() for follower in followers))
    cpu, cpu_beside = cpu_seconds(worker), cpu_seconds(beside)
    with writing(port, owners) as writer:
        await asyncio.to_thread(writer.wait)
    await all_told(followers)
    came = await _all_came(sink_port, owners)
    cpu, cpu_beside = cpu_seconds(worker) - cpu, cpu_seconds(beside) - cpu_beside
    changes = sum(owner.renamed for owner in owners)
    delays = [delay for told in came.values() for _, delay in told]
    streamed = [delay for follower in followers for delay in follower.delays]
    lost = sum(_lost(owner, came.get(f"/{number}", ())) for number, owner in enumerate(owners))
    return [
        Figure(name=f"webhooks: of {changes} changes lost or out of order", measured=lost, unit="events", target=0),
        Figure(name="webhooks: changes a second", measured=changes / LOAD_SECONDS, unit="/s", target=95, at_least=True),
        Figure(
            name="webhooks: p99 from the request to the endpoint",
            measured=quantiles(delays, n=100)[98],
            unit="s",
            target=2,
        ),
        Figure(
            name=f"webhooks: lost by the {len(followers)} streams beside them",
            measured=sum(map(lost_of, followers)),
            unit="events",
            target=0,
        ),
        Figure(name="webhooks: p99 of those streams", measured=quantiles(streamed, n=100)[98], unit="s", target=2),
        Figure(name="webhooks: median", measured=quantiles(delays, n=2)[0], unit="s"),
        Figure(name="webhooks: CPU of a delivery", measured=cpu * 1000 / len(delays), unit="ms"),
        Figure(name="webhooks: CPU of Postgres, with the change", measured=cpu_beside * 1000 / len(delays), unit="ms"),
    ]


async def _all_came(sink_port: int, owners: Sequence[Owner]) -> Came:
    came: Came = {}
    for _ in range(_PATIENCE_SECONDS * 10):
        came = await asyncio.to_thread(_came, sink_port)
        if sum(map(len, came.values())) >= sum(owner.renamed for owner in owners):
            break
        await asyncio.sleep(0.1)
    return came


def _came(sink_port: int) -> Came:
    with Client(sink_port) as client:
        return msgspec.json.decode(client.get("/"), type=dict[str, list[tuple[int, float]]])


def _lost(owner: Owner, told: Sequence[tuple[int, float]]) -> int:
    """Also what came in another order. Twice it may come."""
    seqs = list(dict.fromkeys(seq for seq, _ in told))
    first = seqs[0] if seqs else 0
    expected = list(range(first, first + owner.renamed))
    return 0 if seqs == expected else max(1, len(set(expected) - set(seqs)))


@contextmanager
def _worker(environment: Mapping[str, str], folder: Path) -> Iterator[psutil.Popen]:
    with (folder / "worker.log").open("wb") as log:
        command = [str(Path(sys.executable).with_name("photostore")), "worker", "--stop-with-parent"]
        process = psutil.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
