"""Many at once, at random, with the same albums: whatever the order, counts and places are right, and nobody is refused but
by a rule."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import asyncpg
import pytest
from dishka import AsyncContainer

from photostore.album.commands.add_photos_to_album import AddPhotosToAlbum
from photostore.album.commands.order_album import OrderAlbum
from photostore.album.commands.remove_photos_from_album import RemovePhotosFromAlbum
from photostore.album.commands.unshare_album import UnshareAlbum
from photostore.album.errors import AlbumInvalid, AlbumNotFound
from photostore.album.roles import Role
from photostore.photo.commands.delete_trashed import DeleteTrashed
from photostore.photo.commands.move_to_trash import MoveToTrash
from photostore.photo.commands.restore_from_trash import RestoreFromTrash
from photostore.shared.ids import AlbumId, PhotoId, UserId
from tests.albums import a_person, an_album, share, some_photos
from tests.containers import on_postgres
from tests.fakes.store import FakeStore
from tests.using import use

PEOPLE, PHOTOS, ALBUMS, WORKERS, TURNS = 4, 6, 2, 8, 20
_WRONG = {
    "counts": """
        SELECT count(*) FROM albums WHERE photo_count <> (
            SELECT count(*) FROM album_photos WHERE (owner_id, album_id) = (albums.owner_id, albums.id) AND visible
        )
    """,
    "photos": """
        SELECT count(*) FROM album_photos LEFT JOIN photos
            ON photos.owner_id = photo_owner_id AND photos.id = photo_id
        WHERE photos.id IS NULL OR visible <> (trashed_at IS NULL)
    """,
    "strangers": """
        SELECT count(*) FROM album_photos WHERE photo_owner_id <> owner_id AND photo_owner_id NOT IN (
            SELECT user_id FROM album_members AS member WHERE member.album_id = album_photos.album_id
        )
    """,
    "last positions": """
        SELECT count(*) FROM album_photos JOIN albums ON albums.id = album_id WHERE position > last_position
    """,
    "feeds": """
        SELECT count(*) FROM change_feeds AS feed WHERE last_seq <> (
            SELECT count(DISTINCT seq) FROM changes WHERE changes.owner_id = feed.owner_id
        )
    """,
    "transactions left open": "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND state LIKE 'idle in%'",
}
Turn = Callable[[], Awaitable[object]]


@pytest.fixture
async def container(database_url: str) -> AsyncIterator[AsyncContainer]:
    container = on_postgres(FakeStore(), database_url)
    yield container
    await container.close()


def _turns(
    container: AsyncContainer,
    chance: random.Random,
    owners: dict[AlbumId, UserId],
    photos: dict[UserId, list[PhotoId]],
) -> Sequence[Turn]:
    """What one of them can do now with one of the albums."""
    (album, owner), actor = chance.choice(list(owners.items())), chance.choice(list(photos))
    own = chance.sample(photos[actor], chance.randint(1, 4))
    anyones = chance.sample([each for some in photos.values() for each in some], 4)
    turns: list[Turn] = [
        lambda: use(container, AddPhotosToAlbum)(actor=actor, album_id=album, photo_ids=own),
        lambda: use(container, RemovePhotosFromAlbum)(actor=actor, album_id=album, photo_ids=anyones),
        lambda: use(container, OrderAlbum)(actor=actor, album_id=album, photo_ids=own[:1]),
        lambda: use(container, MoveToTrash)(actor=actor, photo_ids=own),
        lambda: use(container, RestoreFromTrash)(actor=actor, photo_ids=own),
        lambda: use(container, DeleteTrashed)(actor=actor, photo_ids=own[:1]),
    ]
    if actor != owner:
        turns += [
            lambda: use(container, UnshareAlbum)(actor=actor, album_id=album, user=actor),
            lambda: share(container, album, owner, actor, Role.EDITOR),
        ]
    return turns


@pytest.mark.parametrize("seed", [1, 2])
async def test_all_is_right_after_many_did_all_kinds_of_things_at_once(
    container: AsyncContainer, database_url: str, seed: int
) -> None:
    chance = random.Random(seed)
    people = [await a_person(container) for _ in range(PEOPLE)]
    photos = {each: [photo.id for photo in await some_photos(container, each, PHOTOS)] for each in people}
    owners = {await an_album(container, each): each for each in people[:ALBUMS]}
    for album, owner in owners.items():
        for member in set(people) - {owner}:
            await share(container, album, owner, member, Role.EDITOR)

    async def work() -> None:
        for _ in range(TURNS):
            try:
                await chance.choice(_turns(container, chance, owners, photos))()
            except (AlbumInvalid, AlbumNotFound):
                continue  # not there any more, or not yet

    await asyncio.gather(*(work() for _ in range(WORKERS)))

    connection = await asyncpg.connect(database_url)
    wrong = {name: await connection.fetchval(question) for name, question in _WRONG.items()}
    await connection.close()
    assert wrong == dict.fromkeys(_WRONG, 0)
