"""What reading and ordering albums costs: rows read do not grow with the album, rows written are those that must be."""

import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from dishka import AsyncContainer

from photostore.album.commands.order_album import OrderAlbum
from photostore.album.queries import AlbumSort
from photostore.photo.commands.edit_photo import EditPhoto
from photostore.photo.photo import PhotoEdit
from photostore_adapters.postgres.album_photo_queries import page_statement
from tests.albums import a_person, an_album, some_photos
from tests.builders import a_photo
from tests.containers import on_postgres
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW
from tests.using import stored, use

PHOTOS = 20_000
# Photos of another owner's, in an album of its own: a library in which scanning would show.
_FILL = f"""
    INSERT INTO photos (owner_id, id, blob_key, filename, content_type, byte_size, sha256, width, height, hashtags,
                        favorite, custom, status, created_at, updated_at, version, taken_at)
    SELECT $1, gen_random_uuid(), 'a/' || n, 'sea.jpg', 'image/jpeg', 10, int8send(n), 1, 1, '{{}}', false, '{{}}', 'ready',
           now(), now(), 1, now() - n * interval '1 minute'
    FROM generate_series(1, {PHOTOS}) AS n
"""
_PUT = """
    INSERT INTO album_photos (owner_id, album_id, photo_id, photo_owner_id, position, added_by, added_at, taken_at, visible)
    SELECT owner_id, $2, id, owner_id, row_number() OVER (), owner_id, now(), taken_at, true FROM photos WHERE owner_id = $1
"""


@pytest.fixture
async def container(database_url: str) -> AsyncIterator[AsyncContainer]:
    container = on_postgres(FakeStore(), database_url)
    yield container
    await container.close()


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


def rows_read(plan: dict[str, Any]) -> int:
    """Of all nodes that read a table or an index, those that a filter dropped included."""
    below = sum(rows_read(each) for each in plan.get("Plans", ()))
    if "Scan" not in plan["Node Type"] or plan["Node Type"] == "Subquery Scan":
        return below
    dropped = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
    return below + int((plan["Actual Rows"] + dropped) * plan["Actual Loops"])


@pytest.mark.parametrize("sort", AlbumSort)
async def test_a_page_reads_no_more_than_it_shows_at_any_depth(
    container: AsyncContainer, connection: Any, sort: AlbumSort
) -> None:
    owner = await a_person(container)
    album_id = await an_album(container, owner)
    await connection.execute(_FILL, owner)
    await connection.execute(_PUT, owner, album_id)
    await connection.execute("ANALYZE")
    half_way = await connection.fetchrow(
        "SELECT photo_id, position, taken_at FROM album_photos ORDER BY position OFFSET $1 LIMIT 1", PHOTOS // 2
    )
    place = half_way["position"] if sort is AlbumSort.POSITION else half_way["taken_at"]

    for statement, values in (
        (page_statement(sort), (owner, album_id, 51)),
        (page_statement(sort, continued=True), (owner, album_id, 51, half_way["photo_id"], place)),
    ):
        plan = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.sql}", *values)
        assert rows_read(json.loads(plan)[0]["Plan"]) <= 3 * 51


async def versions_of_rows(connection: Any) -> dict[object, object]:
    """Which transaction wrote each row last."""
    return {row["photo_id"]: row["xmin"] for row in await connection.fetch("SELECT photo_id, xmin FROM album_photos")}


async def test_moving_one_photo_rewrites_one_row(container: AsyncContainer, connection: Any) -> None:
    owner = await a_person(container)
    first, *others = photos = await some_photos(container, owner, 5)
    album_id = await an_album(container, owner, *photos)
    before = await versions_of_rows(connection)

    await use(container, OrderAlbum)(actor=owner, album_id=album_id, photo_ids=[first.id], after=others[2].id)

    after = await versions_of_rows(connection)
    assert {photo_id for photo_id in before if before[photo_id] != after[photo_id]} == {first.id}


async def test_the_time_in_an_album_is_written_when_it_is_another_alone(
    container: AsyncContainer, connection: Any
) -> None:
    owner = await a_person(container)
    photo = await stored(container, a_photo(owner_id=owner, taken_at=NOW))
    await an_album(container, owner, photo)
    before = await versions_of_rows(connection)
    edit = use(container, EditPhoto)

    await edit(actor=owner, photo_id=photo.id, edit=PhotoEdit(title="Sea", taken_at=NOW))
    same = await versions_of_rows(connection)
    await edit(actor=owner, photo_id=photo.id, edit=PhotoEdit(taken_at=None))

    assert same == before
    assert await versions_of_rows(connection) != before
    assert await connection.fetchval("SELECT taken_at FROM album_photos") is None
