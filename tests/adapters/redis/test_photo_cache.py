"""Photos that several processes read from Redis, and that are never older than what was committed."""

import asyncio
import json
import signal
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Unpack

import msgspec
import pytest
import redis.asyncio
from dishka import AsyncContainer
from structlog.testing import capture_logs

from photostore.photo.commands.decode_photo import DecodePhoto
from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.commands.edit_photo import EditPhoto
from photostore.photo.commands.move_to_trash import MoveToTrash
from photostore.photo.commands.restore_from_trash import RestoreFromTrash
from photostore.photo.commands.tag_photo import TagPhoto
from photostore.photo.errors import PhotoNotFound
from photostore.photo.photo import Photo, PhotoEdit, PhotoStatus
from photostore.photo.picture import Camera, Location
from photostore.photo.queries import PhotoQueries, PhotoView
from photostore.shared.ids import PhotoId, UserId
from photostore.user.commands.close_account import CloseAccount
from photostore.user.commands.erase_account import EraseAccount
from photostore_adapters.postgres.photo_queries import PostgresPhotoQueries
from photostore_adapters.postgres.reading import Reader
from photostore_adapters.postgres.transaction import Transaction
from photostore_adapters.postgres.waiting import WAITING, WaitingTransaction
from photostore_adapters.redis.client import RedisClient
from photostore_adapters.redis.link import Command, Link, RedisAway
from photostore_adapters.redis.photo_cache import Looked, PhotoCache
from photostore_adapters.redis.photo_documents import document_of, view_in
from photostore_adapters.redis.settings import RedisSettings
from photostore_http.photo_responses import photo_without_urls
from tests.builders import PhotoDetails, a_photo, a_picture, a_rendition, a_user_id
from tests.containers import on_redis
from tests.fakes.store import FakeStore
from tests.fixtures.redis import OwnRedis
from tests.using import get, stored, use
from tests.waiting import eventually

NEVER = 3600.0


async def new(container: AsyncContainer, **details: Unpack[PhotoDetails]) -> Photo:
    """Just uploaded: nobody has changed it since."""
    return await stored(container, a_photo(**({"status": PhotoStatus.PROCESSING} | details)))


async def read(container: AsyncContainer, photo: Photo, owner: UserId | None = None) -> PhotoView | None:
    try:
        return await (await get(container, PhotoQueries)).get(photo.id, owner=owner or photo.owner_id)
    except PhotoNotFound:
        return None


async def in_database(container: AsyncContainer, photo: Photo) -> PhotoView | None:
    try:
        return await PostgresPhotoQueries(await container.get(Reader)).get(photo.id, owner=photo.owner_id)
    except PhotoNotFound:
        return None


async def cached(container: AsyncContainer, photo: Photo) -> Looked:
    return await (await container.get(PhotoCache)).look(photo.id, owner=photo.owner_id)


async def test_what_one_process_read_the_other_need_not(one: AsyncContainer, other: AsyncContainer) -> None:
    photo = await new(one, title="The sea")

    view = await read(one, photo)

    assert view == await in_database(one, photo)
    assert (await cached(other, photo)).view == view


async def test_what_is_kept_is_the_photos_json_and_lives_for_a_minute(one: AsyncContainer, redis_url: str) -> None:
    photo = await new(
        one,
        title="The sea",
        custom={"rating": 5, "who": ["Ann"]},
        camera=Camera(make="Acme", model="One", lens=None, f_number=2.8, exposure_seconds=0.01, iso=100),
        location=Location(latitude=1.5, longitude=-2.25, altitude_m=None),
        renditions=(a_rendition(a_photo().blob_key),),
    )
    view = await read(one, photo)
    assert view is not None

    async with redis.asyncio.Redis.from_url(redis_url) as client:
        kept, seconds = await client.get(f"photo:{photo.id}"), await client.ttl(f"photo:{photo.id}")

    assert isinstance(kept, bytes)
    document = json.loads(kept)
    run = document.pop("kept")["run"]
    assert document == json.loads(msgspec.json.encode(photo_without_urls(view)))
    assert view_in(kept, run=run) == view
    assert 50 <= seconds <= 60


async def test_anothers_photo_is_not_told_whatever_is_in_the_cache(one: AsyncContainer) -> None:
    photo = await new(one)
    await read(one, photo)

    assert await read(one, photo, owner=a_user_id()) is None


async def _edit(container: AsyncContainer, photo: Photo) -> None:
    await use(container, EditPhoto)(actor=photo.owner_id, photo_id=photo.id, edit=PhotoEdit(title="Another"))


async def _tag(container: AsyncContainer, photo: Photo) -> None:
    await use(container, TagPhoto)(actor=photo.owner_id, photo_id=photo.id, name="lake")


async def _trash(container: AsyncContainer, photo: Photo) -> None:
    await use(container, MoveToTrash)(actor=photo.owner_id, photo_ids=[photo.id])


async def _restore(container: AsyncContainer, photo: Photo) -> None:
    await use(container, RestoreFromTrash)(actor=photo.owner_id, photo_ids=[photo.id])


async def _decode(container: AsyncContainer, photo: Photo) -> None:
    (await container.get(FakeStore)).blobs.blobs[photo.blob_key] = a_picture()
    await use(container, DecodePhoto)(owner=photo.owner_id, photo_id=photo.id, again=True)


async def _delete(container: AsyncContainer, photo: Photo) -> None:
    await use(container, DeletePhoto)(actor=photo.owner_id, photo_id=photo.id)


async def _erase(container: AsyncContainer, photo: Photo) -> None:
    await use(container, CloseAccount)(actor=photo.owner_id)
    await use(container, EraseAccount)(user_id=photo.owner_id)


@pytest.mark.parametrize("change", [_edit, _tag, _trash, _restore, _decode, _delete, _erase])
async def test_every_change_shows_at_once_in_the_other_process(
    one: AsyncContainer, other: AsyncContainer, change: Callable[[AsyncContainer, Photo], Awaitable[None]]
) -> None:
    photo = await new(one)
    if change is _restore:
        await _trash(one, photo)
    before = await in_database(one, photo)
    assert before is not None
    async with redis.asyncio.Redis.from_url((await other.get(RedisSettings)).url) as client:
        # As another process has read it, whatever was changed within the last minute.
        link = await (await other.get(RedisClient)).needed()
        await client.set(f"photo:{photo.id}", document_of(before, run=link.run))
    assert (await cached(other, photo)).view == before

    await change(one, photo)

    after = await read(other, photo)
    assert after != before
    assert after == await in_database(one, photo)


async def test_what_was_just_changed_is_kept_again_by_whoever_reads_it(
    one: AsyncContainer, other: AsyncContainer
) -> None:
    photo = await new(one)
    await _edit(one, photo)

    view = await read(one, photo)

    assert view is not None
    assert (await cached(other, photo)).view == view


async def test_who_read_before_the_commit_cannot_put_back_what_is_over(
    one: AsyncContainer, other: AsyncContainer
) -> None:
    photo = await new(one)
    cache = await other.get(PhotoCache)
    place, old = (await cached(other, photo)).place, await in_database(other, photo)
    assert place is not None
    assert old is not None

    await _edit(one, photo)
    await cache.put(old, place)

    found = await read(other, photo)
    assert found is not None
    assert found.title == "Another"


async def test_what_a_request_wrote_and_has_not_committed_is_for_itself_alone(one: AsyncContainer) -> None:
    photo = await new(one)

    async def read_while_a_transaction_waits() -> None:
        async with one() as scope:
            waiting = WaitingTransaction()
            waiting.transaction = await scope.get(Transaction)
            WAITING.set(waiting)
            await read(one, photo)

    await asyncio.create_task(read_while_a_transaction_waits())

    assert (await cached(one, photo)).place is not None


async def test_what_was_kept_before_redis_began_anew_is_not_believed(one: AsyncContainer, redis_url: str) -> None:
    """A snapshot that it began with may know nothing of the last changes."""
    photo = await new(one)
    view = await in_database(one, photo)
    assert view is not None

    async with redis.asyncio.Redis.from_url(redis_url) as client:
        await client.set(f"photo:{photo.id}", document_of(view, run="an earlier one"))
        found = await cached(one, photo)
        await client.set(f"photo:{photo.id}", b'{"id":"%s"}' % str(photo.id).encode())

    assert (found.view, found.place) == (None, None)
    assert await read(one, photo) == view


class GoneForWriters(RedisClient):
    """A network that fails just when somebody has something to write."""

    away = False

    async def needed(self) -> Link:
        if self.away:
            raise RedisAway("as told")
        return await super().needed()


async def test_what_redis_could_not_be_told_it_is_told_before_anything_is_read_from_it_again(redis_url: str) -> None:
    settings = RedisSettings(url=redis_url, command_timeout=2.0)
    client = GoneForWriters(settings)
    cache, photo = PhotoCache(client, settings), a_photo()
    link = await client.needed()
    async with redis.asyncio.Redis.from_url(redis_url) as outside:
        await outside.set(f"photo:{photo.id}", b"what was there before")
        client.away = True
        await cache.before_commit({photo.id: 2})
        client.away = False
        meanwhile = await cache.look(photo.id, owner=photo.owner_id)

        link.lose(ConnectionError("as told"))
        await eventually(lambda: client.link not in {None, link})

        assert await outside.mget([f"photo:{photo.id}", f"photo:{photo.id}:changed"]) == [None, b"2"]
    assert meanwhile == Looked()
    assert (await cache.look(photo.id, owner=photo.owner_id)).view is None
    assert (await cache.look(PhotoId(a_photo().id), owner=photo.owner_id)).place is not None
    await client.aclose()


async def test_without_redis_the_database_is_read(one: AsyncContainer) -> None:
    photo = await new(one)
    client = await one.get(RedisClient)
    (await client.needed()).lose(ConnectionError("as told"))

    assert await read(one, photo) == await in_database(one, photo)


async def test_after_an_outage_nothing_is_read_until_the_others_are_back_too(server: OwnRedis) -> None:
    settings = RedisSettings(url=server.url, command_timeout=2.0, settling=3600)
    client = RedisClient(settings)
    cache, photo = PhotoCache(client, settings), a_photo()
    before = await cache.look(photo.id, owner=photo.owner_id)
    server.kill()
    with capture_logs() as logs:
        await eventually(lambda: logs)
    server.start()
    await client.there()

    assert before.place is not None
    assert await cache.look(photo.id, owner=photo.owner_id) == Looked()
    await client.aclose()


async def test_what_was_changed_while_redis_hung_for_a_moment_shows_at_once_in_the_other_process(
    store: FakeStore, emptied_database_url: str, server: OwnRedis
) -> None:
    # Patient enough to keep the connection all the while; and alike, as processes of one installation are: who reads takes for
    # hung what others no longer waited for.
    impatient = {RedisSettings: RedisSettings(url=server.url, command_timeout=0.3)}
    here, there = (on_redis(store, emptied_database_url, server.url, remembering=impatient) for _ in range(2))
    for each in (here, there):
        await (await each.get(RedisClient)).there()
    first, second = await new(here), await new(here)
    assert [await read(there, each) is not None for each in (first, second)] == [True, True]
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    try:
        # It waits for the first, and no longer for the second.
        for photo in (first, second):
            await use(here, EditPhoto)(actor=photo.owner_id, photo_id=photo.id, edit=PhotoEdit(title="over"))
    finally:
        server.process.send_signal(signal.SIGCONT)

    for photo in (first, second):
        assert await read(there, photo) == await in_database(there, photo)
    await here.close()
    await there.close()


class JustHung(Link):
    """What it answers first was there before what it had received from others."""

    def __init__(self, answers: list[bytes | None]) -> None:
        self.answers, self.settled_at, self.run, self.answered_from = answers, 0.0, "this", float("-inf")

    async def ask(self, commands: Sequence[Command], *, seconds: float | None = None) -> list[Any]:
        return [self.answers.pop(0) for _ in commands]


class Linked(RedisClient):
    def __init__(self, settings: RedisSettings, link: Link) -> None:
        super().__init__(settings)
        self._link = link


async def test_what_redis_told_at_once_after_it_hung_is_asked_for_again(one: AsyncContainer) -> None:
    photo = await new(one)
    view = await in_database(one, photo)
    assert view is not None
    settings, document = RedisSettings(url="unix:///nowhere"), document_of(view, run="this")
    hung = JustHung([document, None])

    assert (await PhotoCache(Linked(settings, hung), settings).look(photo.id, owner=photo.owner_id)).view is None

    lively = JustHung([document])
    lively.answered_from = asyncio.get_running_loop().time() + NEVER
    assert (await PhotoCache(Linked(settings, lively), settings).look(photo.id, owner=photo.owner_id)).view == view


async def test_while_redis_hangs_photos_are_edited_and_read(
    store: FakeStore, emptied_database_url: str, server: OwnRedis
) -> None:
    container = on_redis(
        store, emptied_database_url, server.url, remembering={RedisSettings: RedisSettings(url=server.url)}
    )
    photo = await new(container)
    before = await read(container, photo)
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    try:
        for number in range(3):
            edit = PhotoEdit(title=f"edit {number}")
            await use(container, EditPhoto)(actor=photo.owner_id, photo_id=photo.id, edit=edit)
            view = await read(container, photo)
            assert view is not None
            assert (view.title, view.version) == (f"edit {number}", number + 2)
    finally:
        server.process.send_signal(signal.SIGCONT)

    await (await container.get(RedisClient)).there()
    assert before is not None
    assert await read(container, photo) == await in_database(container, photo)
    await container.close()
