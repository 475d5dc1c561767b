"""What lies under a photo's key, in whatever order marks and photos come."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from random import Random

import pytest
import redis.asyncio

from photostore.shared.ids import PhotoId
from photostore_adapters.redis.client import RedisClient
from photostore_adapters.redis.photo_cache import PhotoCache, Place
from photostore_adapters.redis.settings import RedisSettings
from tests.adapters.redis.views import a_view

READERS, WRITERS, STEPS = 6, 3, 120


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[RedisClient]:
    client = RedisClient(RedisSettings(url=redis_url, command_timeout=2.0))
    yield client
    await client.aclose()


class Photo:
    """One photo's, seen from outside."""

    def __init__(self, client: RedisClient) -> None:
        self.client = client
        self.cache = PhotoCache(client, RedisSettings(url="", command_timeout=2.0))
        self.view = a_view()

    async def mark(self, version: int | None) -> None:
        await self.cache.before_commit({PhotoId(self.view.id): version})

    async def put(self, version: int) -> None:
        link = await self.client.needed()
        await self.cache.put(replace(self.view, version=version), Place(link, asyncio.get_running_loop().time()))

    async def version(self) -> int | None:
        view = (await self.cache.look(PhotoId(self.view.id), owner=self.view.owner_id)).view
        return None if view is None else view.version


@pytest.fixture
def place(client: RedisClient) -> Photo:
    return Photo(client)


async def test_after_a_change_is_marked_only_what_is_as_new_is_put(place: Photo) -> None:
    await place.put(1)
    await place.mark(2)
    marked = await place.version()
    await place.put(1)
    old = await place.version()
    await place.put(2)

    assert (marked, old, await place.version()) == (None, None, 2)


async def test_a_mark_that_comes_late_undoes_nothing_that_is_newer(place: Photo) -> None:
    await place.put(3)
    await place.mark(2)
    kept = await place.version()
    await place.mark(5)
    await place.mark(4)
    await place.put(4)

    assert (kept, await place.version()) == (3, None)


async def test_where_a_photo_is_gone_none_is_put_whatever_comes_late(place: Photo) -> None:
    await place.mark(None)
    await place.mark(2)
    await place.put(2)

    assert await place.version() is None


async def test_many_photos_are_marked_together_each_with_its_version(place: Photo, redis_url: str) -> None:
    photos: dict[PhotoId, int | None] = {PhotoId(a_view().id): number for number in range(1, 1201)}
    gone = PhotoId(a_view().id)

    await place.cache.before_commit(photos | {gone: None})

    async with redis.asyncio.Redis.from_url(redis_url) as outside:
        marks = await outside.mget([f"photo:{photo_id}:changed" for photo_id in (*photos, gone)])
    assert marks == [b"%d" % number for number in range(1, 1201)] + [b"null"]


@pytest.mark.parametrize("version", [2, None], ids=["changed", "gone"])
async def test_a_photo_that_changes_leaves_nothing_under_its_key(
    place: Photo, redis_url: str, version: int | None
) -> None:
    async with redis.asyncio.Redis.from_url(redis_url) as outside:
        await place.put(1)
        assert await place.version() == 1

        await place.mark(version)

        assert await outside.exists(f"photo:{place.view.id}") == 0


async def test_a_mark_ends_by_itself(place: Photo, redis_url: str) -> None:
    await place.mark(2)

    async with redis.asyncio.Redis.from_url(redis_url) as outside:
        assert 50 <= await outside.ttl(f"photo:{place.view.id}:changed") <= 60


class Library:
    """A database that holds a number, and processes that each have a connection to Redis of their own."""

    def __init__(self, redis_url: str) -> None:
        settings = RedisSettings(url=redis_url, command_timeout=2.0)
        self.clients = [RedisClient(settings) for _ in range(READERS + WRITERS)]
        self.caches = [PhotoCache(client, settings) for client in self.clients]
        self.committed, self.hits = 1, 0
        self._view = a_view()
        self._photo_id = PhotoId(self._view.id)
        self._random = Random(7)
        self._row = asyncio.Lock()

    async def write(self, cache: PhotoCache) -> None:
        for _ in range(STEPS // 4):
            async with self._row:
                await cache.before_commit({self._photo_id: self.committed + 1})
                await self._pause()
                if self._random.random() < 0.8:  # else it rolls back
                    self.committed += 1
            await self._pause(at_most=60)

    async def read(self, cache: PhotoCache) -> None:
        for _ in range(STEPS):
            at_least = self.committed
            looked = await cache.look(self._photo_id, owner=self._view.owner_id)
            if looked.view is not None:
                self.hits += 1
                assert looked.view.version >= at_least
            found = replace(self._view, version=self.committed)
            await self._pause()
            if looked.place is not None:
                await cache.put(found, looked.place)

    async def _pause(self, at_most: int = 8) -> None:
        for _ in range(self._random.randrange(at_most)):
            await asyncio.sleep(0)


async def test_however_readers_and_writers_meet_nobody_reads_what_is_over(redis_url: str) -> None:
    library = Library(redis_url)
    writing = [library.write(cache) for cache in library.caches[:WRITERS]]

    await asyncio.gather(*writing, *(library.read(cache) for cache in library.caches[WRITERS:]))

    assert library.committed > STEPS // 4
    assert library.hits > 0
    for client in library.clients:
        await client.aclose()
