"""A thousand clients that follow changes: what they cost while nothing happens, and how soon they are told when much does."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles

import psutil

from bench.figures import Figure
from bench.following import LOAD_SECONDS, Owner, all_told, following, lost_of, made_owner, writing
from bench.processes import cpu_seconds, server
from photostore_adapters.embedded_postgres.server import EmbeddedPostgres
from photostore_http.lifetime import allow_many_connections

_OWNERS, _OF_EACH = 50, 20
_CLIENTS = _OWNERS * _OF_EACH
_IDLE_SECONDS = 20


def events(postgres: EmbeddedPostgres, folder: Path) -> list[Figure]:
    allow_many_connections(_CLIENTS)
    with server(postgres.url, folder, {"RATE_LIMITS__SIGN_INS_PER_ADDRESS": "10000"}) as (process, port):
        owners = [made_owner(port, number) for number in range(_OWNERS)]
        return asyncio.run(_measured(process, psutil.Process(postgres.pid), port, owners))


async def _measured(process: psutil.Popen, beside: psutil.Process, port: int, owners: Sequence[Owner]) -> list[Figure]:
    # Whatever is made once is there before anything is measured.
    for follower, transport in await following(port, owners):
        await follower.begun.wait()
        transport.close()
    await asyncio.sleep(2)
    before = process.memory_info().rss
    followers = await following(port, [owner for owner in owners for _ in range(_OF_EACH)])
    await asyncio.gather(*(follower.begun.wait() for follower, _ in followers))
    cpu = cpu_seconds(process, beside)
    await asyncio.sleep(_IDLE_SECONDS)
    idle_cpu = (cpu_seconds(process, beside) - cpu) / _IDLE_SECONDS * 1000
    memory = (process.memory_info().rss - before) / 2**20
    cpu, cpu_beside = cpu_seconds(process), cpu_seconds(beside)
    with writing(port, owners) as writer:
        await asyncio.to_thread(writer.wait)
    await all_told([follower for follower, _ in followers])
    cpu, cpu_beside = cpu_seconds(process) - cpu, cpu_seconds(beside) - cpu_beside
    changes = sum(owner.renamed for owner in owners)
    lost = sum(lost_of(follower) for follower, _ in followers)
    delays = [delay for follower, _ in followers for delay in follower.delays]
    grown = (process.memory_info().rss - before) / 2**20
    return [
        Figure(name=f"events: memory of {_CLIENTS} idle clients", measured=memory, unit="MiB", target=20),
        Figure(name="events: CPU of them, with Postgres, a second", measured=idle_cpu, unit="ms"),
        Figure(
            name=f"events: {changes} changes told {len(delays)} times; lost", measured=lost, unit="events", target=0
        ),
        Figure(name="events: changes a second", measured=changes / LOAD_SECONDS, unit="/s", target=95, at_least=True),
        Figure(
            name="events: p99 from the request to the client", measured=quantiles(delays, n=100)[98], unit="s", target=2
        ),
        Figure(name="events: median", measured=quantiles(delays, n=2)[0], unit="s"),
        Figure(name="events: CPU of a change and its 20 tellings", measured=cpu * 1000 / changes, unit="ms"),
        Figure(name="events: CPU of Postgres", measured=cpu_beside * 1000 / changes, unit="ms"),
        Figure(name="events: memory after all that", measured=grown, unit="MiB"),
    ]
