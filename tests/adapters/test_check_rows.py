"""Counters, links and feeds that are wrong in Postgres: each is found, named and put right; beside writers none is found."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from random import Random
from typing import Any

import asyncpg
import pytest
from dishka import AsyncContainer

from photostore.album.commands.add_photos_to_album import AddPhotosToAlbum
from photostore.album.commands.create_album import CreateAlbum
from photostore.check.finding import Kind, Outcome
from photostore.check.ports import RowAudit
from photostore.event.queries import ChangeQueries
from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.commands.move_to_trash import MoveToTrash
from photostore.photo.commands.restore_from_trash import RestoreFromTrash
from photostore.photo.commands.tag_photo import TagPhoto
from photostore.photo.commands.untag_photo import UntagPhoto
from photostore.photo.photo import Photo, PhotoStatus
from photostore.shared.ids import AlbumId, UserId
from photostore_adapters.postgres.change_announcer import CHANNEL
from tests.builders import a_photo, an_upload
from tests.checking import BY_SIZE, a_whole_photo, checked, kinds, mended
from tests.containers import on_postgres
from tests.fakes.store import FakeStore
from tests.using import get, stored, transaction, use


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
async def container(store: FakeStore, emptied_database_url: str) -> AsyncIterator[AsyncContainer]:
    container = on_postgres(store, emptied_database_url)
    yield container
    await container.close()


@pytest.fixture
async def connection(emptied_database_url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(emptied_database_url)
    yield connection
    await connection.close()


class Library:
    """One owner's, with an album of two photos, one of which is in the trash; both bear hashtags."""

    def __init__(self, photo: Photo, trashed: Photo, album_id: AlbumId) -> None:
        self.photo, self.trashed, self.album_id = photo, trashed, album_id
        self.owner = photo.owner_id


@pytest.fixture
async def library(container: AsyncContainer, store: FakeStore) -> Library:
    photo = await a_whole_photo(container, store, hashtags=("sea", "sun"))
    trashed = await a_whole_photo(container, store, owner_id=photo.owner_id, hashtags=("sea",))
    album_id = await use(container, CreateAlbum)(actor=photo.owner_id, name="Sea")
    await use(container, AddPhotosToAlbum)(actor=photo.owner_id, album_id=album_id, photo_ids=[photo.id, trashed.id])
    await use(container, MoveToTrash)(actor=photo.owner_id, photo_ids=[trashed.id])
    await a_whole_photo(container, store, hashtags=("sea",))
    return Library(photo, trashed, album_id)


# What is done to the library, and what is found of it: the first of these is the fault, the others follow from it.
FAULTS = [
    ("UPDATE hashtags SET photo_count = 9 WHERE name = 'sea'", [Kind.HASHTAG_COUNT]),
    ("UPDATE owner_hashtags SET photo_count = 9 WHERE owner_id = $1", [Kind.OWNER_HASHTAG_COUNT] * 2),
    (
        "DELETE FROM photo_hashtags WHERE owner_id = $1 AND hashtag_id = (SELECT id FROM hashtags WHERE name = 'sun')",
        [Kind.HASHTAG_LINKS, Kind.OWNER_HASHTAG_COUNT, Kind.HASHTAG_COUNT],
    ),
    (
        """INSERT INTO photo_hashtags SELECT $1, hashtags.id, photos.id FROM photos, hashtags
            WHERE name = 'sea' AND owner_id = $1 AND trashed_at IS NOT NULL""",
        [Kind.HASHTAG_LINKS, Kind.OWNER_HASHTAG_COUNT, Kind.HASHTAG_COUNT],
    ),
    ("UPDATE photos SET hashtags = '{moon}' WHERE owner_id = $1 AND trashed_at IS NULL", [Kind.HASHTAG_LINKS]),
    ("UPDATE albums SET photo_count = 5 WHERE owner_id = $1", [Kind.ALBUM_COUNT]),
    ("UPDATE album_photos SET visible = NOT visible WHERE owner_id = $1", [Kind.ALBUM_PHOTO_VISIBILITY] * 2),
    ("UPDATE album_photos SET taken_at = now() WHERE owner_id = $1", [Kind.ALBUM_PHOTO_DATE] * 2),
    (
        """INSERT INTO album_photos (owner_id, album_id, photo_id, photo_owner_id, position, added_at, visible)
            SELECT $1, id, gen_random_uuid(), $1, 99, now(), true FROM albums""",
        [Kind.ALBUM_PHOTO_GONE, Kind.ALBUM_COUNT],
    ),
    ("UPDATE photo_fingerprints SET trashed = NOT trashed WHERE owner_id = $1", [Kind.FINGERPRINT_TRASHED]),
    (
        "UPDATE photos SET images_bytes = 3 WHERE owner_id = $1 AND trashed_at IS NULL",
        [Kind.IMAGES_BYTES, Kind.QUOTA_DRIFT],
    ),
    ("UPDATE quotas SET used_bytes = used_bytes + 7, photo_count = 3 WHERE owner_id = $1", [Kind.QUOTA_DRIFT] * 2),
    ("UPDATE photos SET status = 'processing' WHERE owner_id = $1 AND trashed_at IS NULL", [Kind.PHOTO_STUCK]),
    ("DELETE FROM changes WHERE owner_id = $1 AND seq = 2", [Kind.FEED_GAP]),
    ("UPDATE change_feeds SET last_seq = last_seq - 1 WHERE owner_id = $1", [Kind.FEED_GAP]),
    ("UPDATE change_feeds SET last_seq = last_seq + 3 WHERE owner_id = $1", [Kind.FEED_GAP]),
]


async def test_nothing_is_wrong_with_what_the_service_writes(container: AsyncContainer, library: Library) -> None:
    await stored(container, an_upload(owner_id=library.owner, reserved_bytes=5))

    assert await checked(container) == []


async def test_each_fault_is_found_named_and_mended(
    container: AsyncContainer, connection: Any, library: Library
) -> None:
    await connection.execute(
        "INSERT INTO photo_fingerprints SELECT owner_id, id, sha256, 1 FROM photos WHERE id = $1", library.photo.id
    )
    for statement, expected in FAULTS:
        of_owner = [library.owner] if "$1" in statement else []
        await connection.execute(statement, *of_owner)
        found = await checked(container, BY_SIZE)

        assert sorted(set(kinds(found))) == sorted(set(expected)) or expected == [Kind.HASHTAG_LINKS], statement
        assert {each.owner_id for each in found} <= {library.owner, None}, statement
        assert set((await mended(container)).values()) <= {Outcome.MENDED, Outcome.GONE}, statement

    assert await checked(container, BY_SIZE) == []
    hashtags = await connection.fetch("SELECT name, photo_count FROM hashtags ORDER BY name")
    assert [tuple(row) for row in hashtags] == [("moon", 1), ("sea", 1), ("sun", 0)]


async def test_overdue_uploads_are_found_and_ended(
    container: AsyncContainer, store: FakeStore, library: Library
) -> None:
    upload = await stored(container, an_upload(owner_id=library.owner, reserved_bytes=5, expires_at=store.clock.now()))
    store.clock.advance(minutes=11)

    [finding] = await checked(container, BY_SIZE)

    assert (finding.kind, finding.id, finding.key) == (Kind.UPLOAD_OVERDUE, upload.id, upload.blob_key)
    assert await mended(container) == {Kind.UPLOAD_OVERDUE: Outcome.MENDED}
    assert await checked(container, BY_SIZE) == []


async def test_a_feed_that_is_closed_again_tells_all_that_is_there_to_who_starts_again(
    container: AsyncContainer, connection: Any, store: FakeStore, library: Library
) -> None:
    await connection.execute(
        "DELETE FROM changes WHERE owner_id = $1 AND entity_id = $2", library.owner, library.photo.id
    )
    await checked(container, BY_SIZE)

    await mended(container)

    page = await (await get(container, ChangeQueries)).page(library.owner, after=0, limit=100)
    told = {(change.entity_id, change.event) for change in page.items}
    assert {(library.photo.id, "photo.created"), (library.trashed.id, "photo.trashed")} <= told
    assert library.album_id in {change.entity_id for change in page.items}
    assert page.items[-1].seq == page.bounds.last_seq
    assert page.bounds.compacted_before == store.clock.now() - timedelta(hours=1)


async def test_who_waits_for_changes_hears_of_a_feed_that_is_closed_again(
    container: AsyncContainer, connection: Any, library: Library
) -> None:
    await connection.execute(
        "DELETE FROM changes WHERE owner_id = $1 AND entity_id = $2", library.owner, library.photo.id
    )
    await checked(container, BY_SIZE)
    heard = asyncio.Queue[str]()
    await connection.add_listener(CHANNEL, lambda *told: heard.put_nowait(told[3]))

    await mended(container)

    async with asyncio.timeout(30):
        assert await heard.get() == str(library.owner)


async def test_a_photo_waits_for_no_job_that_has_failed(
    container: AsyncContainer, connection: Any, store: FakeStore
) -> None:
    photo = await a_whole_photo(container, store, status=PhotoStatus.PROCESSING)
    assert await checked(container, BY_SIZE) == []
    await connection.execute("UPDATE pgqueuer SET status = 'failed'")

    assert kinds(await checked(container, BY_SIZE)) == [Kind.PHOTO_STUCK]
    assert await mended(container) == {Kind.PHOTO_STUCK: Outcome.MENDED}
    assert await checked(container, BY_SIZE) == []
    waiting = await connection.fetchval("SELECT payload FROM pgqueuer WHERE status = 'queued'")
    assert str(photo.id) in waiting.decode()


async def test_writers_beside_it_make_no_findings(container: AsyncContainer, store: FakeStore) -> None:
    random, owner = Random(1), (await a_whole_photo(container, store)).owner_id
    album_id = await use(container, CreateAlbum)(actor=owner, name="Sea")
    store.blobs.now = store.clock.now()
    done = asyncio.Event()

    async def write() -> None:
        own = list[Photo]()
        while not done.is_set():
            photo = await as_uploaded(container, store, owner, f"tag{random.randrange(3)}")
            own.append(photo)
            await use(container, AddPhotosToAlbum)(actor=owner, album_id=album_id, photo_ids=[photo.id])
            other = random.choice(own)
            match random.randrange(5):
                case 0:
                    await use(container, TagPhoto)(actor=owner, photo_id=other.id, name="sea")
                case 1:
                    await use(container, UntagPhoto)(actor=owner, photo_id=other.id, name="sea")
                case 2:
                    await use(container, MoveToTrash)(actor=owner, photo_ids=[other.id])
                case 3:
                    await use(container, RestoreFromTrash)(actor=owner, photo_ids=[other.id])
                case _:
                    own.remove(other)
                    await use(container, DeletePhoto)(actor=owner, photo_id=other.id)

    writers = [asyncio.create_task(write()) for _ in range(2)]
    try:
        for _ in range(3):
            assert await checked(container, BY_SIZE) == []
    finally:
        done.set()
        await asyncio.gather(*writers)
    assert await checked(container) == []


async def as_uploaded(container: AsyncContainer, store: FakeStore, owner: UserId, hashtag: str) -> Photo:
    """As an upload makes it: its bytes are there before its row, and all that counts it comes with the row."""
    photo = a_photo(owner_id=owner, hashtags=(hashtag,))
    store.blobs.blobs[photo.blob_key] = content = photo.id.bytes
    photo.sha256, photo.byte_size = sha256(content).digest(), len(content)
    return await stored(container, photo)


async def test_who_has_gone_meanwhile_is_nobody_to_be_mended(container: AsyncContainer, connection: Any) -> None:
    photo = await stored(container, a_photo())
    await connection.execute("UPDATE quotas SET used_bytes = 0")
    await checked(container, BY_SIZE)
    await connection.execute("DELETE FROM photos")
    await connection.execute("DELETE FROM users WHERE id = $1", photo.owner_id)

    assert set((await mended(container)).values()) == {Outcome.GONE}
    async with transaction(container, RowAudit) as audit:
        assert photo.owner_id not in await audit.owners(after=None, limit=10)
