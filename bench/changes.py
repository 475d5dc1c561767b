"""Pages of the change feed beside the plain pages of photos that tell the same, over HTTP."""

import asyncio
from functools import partial
from pathlib import Path

import msgspec
import psutil

from bench.client import Client
from bench.figures import Figure, compared
from bench.library import load
from bench.processes import server
from bench.turns import Way, in_turns
from photostore_adapters.embedded_postgres.server import EmbeddedPostgres

_TURNS = 7
_PAGES = 60
_PHOTOS = "/api/v1/photos?limit=200"
_CHANGES = "/api/v1/changes?limit=500"
# As the migration fills it for a library that is there.
_FEED = """
    INSERT INTO change_feeds (owner_id, last_seq) SELECT owner_id, count(*) FROM photos GROUP BY owner_id;
    INSERT INTO changes (owner_id, seq, event_id, event, entity, entity_id, occurred_at)
    SELECT owner_id, row_number() OVER (PARTITION BY owner_id ORDER BY id), uuidv7(), 'photo.created', 'photo', id, created_at
    FROM photos;
"""


def changes(postgres: EmbeddedPostgres, folder: Path) -> list[Figure]:
    with server(postgres.url, folder, {}) as (process, port), Client(port) as newcomer:
        newcomer.sign_up()
        asyncio.run(load(postgres.url, _FEED))
        with newcomer.again() as client:
            _demand_full(client)
            paths = {"photos": _PHOTOS, "changes": _CHANGES}
            ways = {name: Way(process=process, go=partial(client.get, path)) for name, path in paths.items()}
            measured = in_turns(ways, turns=_TURNS, times=_PAGES, beside=psutil.Process(postgres.pid))
    told, plain = measured["changes"], measured["photos"]
    return [
        compared("changes: CPU of 500 beside 200 photos", told.cpu, plain.cpu, unit="ms", target=2.0),
        compared("changes: CPU of Postgres", told.beside, plain.beside, unit="ms"),
        compared("changes: time until answered", told.took, plain.took, unit="ms"),
    ]


def _demand_full(client: Client) -> None:
    items = msgspec.json.decode(client.get(_CHANGES))["items"]
    if len([each for each in items if each["data"]]) != 500:
        raise RuntimeError(f"{_CHANGES} holds {len(items)} changes: something else would be measured")
