"""The schema, forward and back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import RFC_4122

import asyncpg

from photostore_adapters.postgres.migrate import current, downgrade, head, upgrade

_USER = "00000000-0000-7000-8000-000000000001"
_PHOTO = "00000000-0000-7000-8000-000000000002"
_ROWS = f"""
    INSERT INTO users (id, email, is_admin, password_hash, created_at, version)
    VALUES ('{_USER}', 'alice@example.test', false, 'hash', now(), 1);
    INSERT INTO quotas (owner_id, used_bytes, photo_count) VALUES ('{_USER}', 10, 1);
    INSERT INTO photos (owner_id, id, blob_key, filename, content_type, byte_size, sha256, width, height, hashtags,
                        favorite, custom, status, created_at, updated_at, version)
    VALUES ('{_USER}', '{_PHOTO}', 'a/b', 'sea.jpg', 'image/jpeg', 10, '\\x00', 1, 1, '{{sea}}', false, '{{}}',
            'ready', now(), now(), 1);
"""


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def schema(url: str) -> set[tuple[str, ...]]:
    """Every table with its columns, every index and every constraint: as Postgres tells of them."""
    async with connected(url) as connection:
        columns = await connection.fetch(
            "SELECT table_name, column_name, data_type, is_nullable, coalesce(column_default, '') "
            "FROM information_schema.columns WHERE table_schema = 'public'"
        )
        indexes = await connection.fetch("SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'")
        constraints = await connection.fetch(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace"
        )
        types = await connection.fetch("SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace")
    return {tuple(str(value) for value in row) for row in [*columns, *indexes, *constraints, *types]}


async def test_an_empty_database_is_brought_to_the_newest_revision(bare_database_url: str) -> None:
    before = await current(bare_database_url)

    await upgrade(bare_database_url)

    assert before is None
    assert await current(bare_database_url) == head()


async def test_migrating_twice_changes_nothing(bare_database_url: str) -> None:
    await upgrade(bare_database_url)
    first = await schema(bare_database_url)

    await upgrade(bare_database_url)

    assert await schema(bare_database_url) == first


async def test_going_back_leaves_nothing_and_forward_again_the_same(bare_database_url: str) -> None:
    bare = await schema(bare_database_url)
    await upgrade(bare_database_url)
    first = await schema(bare_database_url)

    await downgrade(bare_database_url, "base")
    emptied = await schema(bare_database_url)
    await upgrade(bare_database_url)

    # What remembers the revision stays, and so does what the extension brought.
    left = {row for row in emptied - bare if "alembic_version" not in row[0] and "alembic_version" not in row[-1]}
    assert {row for row in left if len(row) > 1} == set()
    assert await schema(bare_database_url) == first


async def test_going_back_one_revision_and_forward_again_keeps_the_rows(bare_database_url: str) -> None:
    await upgrade(bare_database_url)
    async with connected(bare_database_url) as connection:
        await connection.execute(_ROWS)

    await downgrade(bare_database_url, "0001")
    await upgrade(bare_database_url)

    async with connected(bare_database_url) as connection:
        photo = await connection.fetchrow("SELECT * FROM photos")
        assert (str(photo["id"]), photo["hashtags"], photo["byte_size"]) == (_PHOTO, ["sea"], 10)
        assert await connection.fetchval("SELECT used_bytes FROM quotas") == 10
        assert await connection.fetchval("SELECT count(*) FROM pgqueuer") == 0


async def test_going_back_before_the_trash_shows_what_was_in_it_again(bare_database_url: str) -> None:
    await upgrade(bare_database_url)
    async with connected(bare_database_url) as connection:
        await connection.execute(_ROWS)
        await connection.execute("UPDATE photos SET trashed_at = now()")
        await connection.execute("UPDATE quotas SET photo_count = 0, trash_bytes = 10")

    await downgrade(bare_database_url, "0003")
    async with connected(bare_database_url) as connection:
        counted = [
            await connection.fetchval(f"SELECT photo_count FROM {table}")
            for table in ("quotas", "hashtags", "owner_hashtags")
        ]
        linked = await connection.fetchval("SELECT photo_id FROM photo_hashtags")
    await upgrade(bare_database_url)

    async with connected(bare_database_url) as connection:
        assert (counted, str(linked)) == ([1, 1, 1], _PHOTO)
        assert await connection.fetchval("SELECT count(*) FROM photos WHERE trashed_at IS NULL") == 1
        assert tuple(await connection.fetchrow("SELECT used_bytes, trash_bytes FROM quotas")) == (10, 0)


async def test_going_back_before_the_guests_keeps_what_they_sent_and_the_links(bare_database_url: str) -> None:
    await upgrade(bare_database_url)
    rows = f"""
        INSERT INTO albums (owner_id, id, name, created_at, updated_at, version)
        VALUES ('{_USER}', '{_PHOTO}', 'Holiday', now(), now(), 1);
        INSERT INTO share_links (owner_id, id, token_digest, sealed_token, album_id, allow_download, allow_upload,
                                 hide_metadata, review, disabled, generation, created_at, version, uploads, allow_selection)
        VALUES ('{_USER}', '{_USER}', 'x', 'x', '{_PHOTO}', true, true, false, true, false, 1, now(), 1, 1, false);
        INSERT INTO submissions (owner_id, id, link_id, album_id, photo_id, made_photo, filename, byte_size, state,
                                 created_at, version)
        VALUES ('{_USER}', '{_USER}', '{_USER}', '{_PHOTO}', '{_PHOTO}', true, 'sea.jpg', 10, 'approved', now(), 1);
        INSERT INTO album_photos (owner_id, album_id, photo_id, photo_owner_id, position, added_at, visible, submission_id)
        VALUES ('{_USER}', '{_PHOTO}', '{_PHOTO}', '{_USER}', 1, now(), true, '{_USER}');
        INSERT INTO selections (owner_id, link_id, version) VALUES ('{_USER}', '{_USER}', 1);
        INSERT INTO selection_marks (owner_id, link_id, photo_id, favorite) VALUES ('{_USER}', '{_USER}', '{_PHOTO}', true);
    """
    async with connected(bare_database_url) as connection:
        await connection.execute(_ROWS + rows)

    await downgrade(bare_database_url, "0011")
    await upgrade(bare_database_url)

    async with connected(bare_database_url) as connection:
        placed = await connection.fetchrow("SELECT photo_id, submission_id FROM album_photos")
        assert (str(placed["photo_id"]), placed["submission_id"]) == (_PHOTO, None)
        link = await connection.fetchrow("SELECT allow_upload, allow_selection, uploads, upload_bytes FROM share_links")
        assert tuple(link) == (True, True, 0, 0)
        assert await connection.fetchval("SELECT count(*) FROM submissions") == 0


async def test_renditions_that_are_there_are_counted(bare_database_url: str) -> None:
    await upgrade(bare_database_url)
    await downgrade(bare_database_url, "0003")
    async with connected(bare_database_url) as connection:
        await connection.execute(_ROWS)
        await connection.execute('UPDATE photos SET renditions = \'[{"byte_size": 3}, {"byte_size": 4}]\'')

    await upgrade(bare_database_url)

    async with connected(bare_database_url) as connection:
        assert await connection.fetchval("SELECT renditions_bytes FROM quotas") == 7


async def test_the_change_feed_begins_with_what_is_there(bare_database_url: str) -> None:
    await upgrade(bare_database_url)
    await downgrade(bare_database_url, "0007")
    async with connected(bare_database_url) as connection:
        await connection.execute(_ROWS)
        for number, trashed_at in ((4, "now()"), (3, "NULL")):
            other = f"00000000-0000-7000-8000-00000000000{number}"
            await connection.execute(
                _ROWS[_ROWS.index("INSERT INTO photos") :]
                .replace(_PHOTO, other)
                .replace("'a/b'", f"'a/{number}'")
                .replace("'\\x00'", f"'\\x0{number}'")
            )
            await connection.execute(f"UPDATE photos SET trashed_at = {trashed_at} WHERE id = '{other}'")
        made = "INSERT INTO hashtags (id, name, created_by, created_at) VALUES ($1, $2, $3, now())"
        await connection.execute(made, "00000000-0000-7000-8000-000000000001", "sea", _USER)
        await connection.execute(made, "00000000-0000-7000-8000-000000000005", "nobody's", None)

    await upgrade(bare_database_url)

    async with connected(bare_database_url) as connection:
        told = await connection.fetch("SELECT * FROM changes ORDER BY seq")
        last_seq = await connection.fetchval("SELECT last_seq FROM change_feeds")
    kinds = ["hashtag.created", "photo.created", "photo.created", "photo.trashed"]
    assert [(row["seq"], row["event"], str(row["entity_id"])[-1]) for row in told] == [
        (seq, kind, str(seq)) for seq, kind in enumerate(kinds, 1)
    ]
    assert last_seq == 4
    assert {(row["event_id"].version, row["event_id"].variant) for row in told} == {(7, RFC_4122)}
    assert abs((told[0]["event_id"].int >> 80) - told[0]["occurred_at"].timestamp() * 1000) < 2


async def test_processes_that_start_at_once_migrate_once(bare_database_url: str) -> None:
    await asyncio.gather(*(upgrade(bare_database_url) for _ in range(4)))

    assert await current(bare_database_url) == head()


async def test_an_upload_that_comes_piece_by_piece_is_one_straight_to_the_store_one_revision_before(
    bare_database_url: str,
) -> None:
    await upgrade(bare_database_url)
    async with connected(bare_database_url) as connection:
        await connection.execute(_ROWS)
        await connection.execute(
            "INSERT INTO uploads (owner_id, id, blob_key, reserved_bytes, state, created_at, expires_at, door, version, "
            "received_bytes, tail_key) VALUES ($1, $1, 'a/c', 10, 'pending', now(), now(), 'tus', 1, 5, 'tails/a')",
            _USER,
        )

    await downgrade(bare_database_url, "0006")
    async with connected(bare_database_url) as connection:
        door = await connection.fetchval("SELECT door FROM uploads")
    await upgrade(bare_database_url)

    assert door == "direct"


async def test_going_back_before_albums_leaves_the_photos_and_no_change_of_albums(bare_database_url: str) -> None:
    await upgrade(bare_database_url)
    async with connected(bare_database_url) as connection:
        await connection.execute(_ROWS)
        await connection.execute(f"""
            INSERT INTO albums (owner_id, id, name, photo_count, created_at, updated_at, version)
            VALUES ('{_USER}', '{_USER}', 'Holiday', 1, now(), now(), 1);
            INSERT INTO album_photos (owner_id, album_id, photo_id, photo_owner_id, position, added_at, visible)
            VALUES ('{_USER}', '{_USER}', '{_PHOTO}', '{_USER}', 1, now(), true);
            INSERT INTO change_feeds (owner_id, last_seq) VALUES ('{_USER}', 2);
            INSERT INTO changes (owner_id, seq, event_id, event, entity, entity_id, occurred_at)
            VALUES ('{_USER}', 1, '{_USER}', 'album.created', 'album', '{_USER}', now()),
                   ('{_USER}', 2, '{_PHOTO}', 'photo.updated', 'photo', '{_PHOTO}', now());
        """)

    await downgrade(bare_database_url, "0008")
    async with connected(bare_database_url) as connection:
        kept = [row["event"] for row in await connection.fetch("SELECT event FROM changes ORDER BY seq")]
        photos = await connection.fetchval("SELECT count(*) FROM photos")
    await upgrade(bare_database_url)

    assert (kept, photos) == (["photo.updated"], 1)
