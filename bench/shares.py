"""Pages of fifty photos out of a share of 5,000, beside the pages that their owner reads."""

import asyncio
from functools import partial
from http.client import RemoteDisconnected
from pathlib import Path

import msgspec
import psutil

from bench.client import Client
from bench.figures import Figure, compared
from bench.library import load
from bench.processes import server
from bench.turns import Way, in_turns
from photostore_adapters.embedded_postgres.server import EmbeddedPostgres

_TURNS = 9
_PAGES = 500
_SHARED = 5_000
_OWN = "/api/v1/photos?limit=50"
# Into the one album that there is, and into the one link to a photo.
_FILL = f"""
    INSERT INTO album_photos (owner_id, album_id, photo_id, photo_owner_id, position, added_at, taken_at, visible)
    SELECT owner_id, (SELECT id FROM albums), photos.id, owner_id, row_number() OVER (ORDER BY photos.id), now(), taken_at, true
    FROM photos WHERE owner_id = (SELECT owner_id FROM albums) ORDER BY photos.id LIMIT {_SHARED};
    UPDATE albums SET photo_count = {_SHARED};
    INSERT INTO share_link_photos (owner_id, link_id, position, photo_id)
    SELECT owner_id, (SELECT id FROM share_links WHERE album_id IS NULL), row_number() OVER (ORDER BY photos.id), photos.id
    FROM photos WHERE owner_id = (SELECT owner_id FROM albums) AND trashed_at IS NULL ORDER BY photos.id LIMIT {_SHARED};
"""
_MAKE_LINK = """
    INSERT INTO share_links (owner_id, id, token_digest, sealed_token, allow_download, allow_upload, hide_metadata, review,
                             disabled, generation, created_at, version)
    SELECT owner_id, gen_random_uuid(), sha256('bench'), '', true, false, false, false, false, 1, now(), 1 FROM albums;
"""


def shares(postgres: EmbeddedPostgres, folder: Path) -> list[Figure]:
    with server(postgres.url, folder, {}) as (process, port), Client(port) as client:
        client.sign_up()
        album = client.send("/api/v1/albums", {"name": "5,000"})
        link = client.send("/api/v1/share-links", {"album_id": album["id"], "allow_download": True})
        asyncio.run(load(postgres.url, _MAKE_LINK, _FILL))
        with client.again() as owner, Client(port) as visitor:
            asked = {
                "own": (owner, _OWN),
                "album": (visitor, f"/api/v1/public/{link['token']}/photos?limit=50"),
                "photos": (visitor, "/api/v1/public/bench/photos?limit=50"),
            }
            for reader, path in asked.values():
                _demand_full(reader, path)
            ways = {
                name: Way(process=process, go=partial(_get, reader, path)) for name, (reader, path) in asked.items()
            }
            measured = in_turns(ways, turns=_TURNS, times=_PAGES, beside=psutil.Process(postgres.pid))
    own, album_page, photos = measured["own"], measured["album"], measured["photos"]
    return [
        compared("shares: a page of an album's beside the owner's", album_page.cpu, own.cpu, unit="ms", target=1.5),
        compared("shares: a page of photos' beside the owner's", photos.cpu, own.cpu, unit="ms", target=1.5),
        compared("shares: CPU of Postgres, an album's", album_page.beside, own.beside, unit="ms"),
        compared("shares: CPU of Postgres, photos'", photos.beside, own.beside, unit="ms"),
    ]


def _get(client: Client, path: str) -> bytes:
    """While the others had their turn, the server has closed the connection."""
    try:
        return client.get(path)
    except RemoteDisconnected:
        return client.get(path)


def _demand_full(client: Client, path: str) -> None:
    items = msgspec.json.decode(client.get(path))["items"]
    if len(items) != 50 or not items[0]["file_url"]:
        raise RuntimeError(f"{path} holds {len(items)} photos: something else would be measured")
