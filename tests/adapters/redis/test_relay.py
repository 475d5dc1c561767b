"""What is committed is published: afterwards, in order, at least once, by one process at a time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import pytest
from dishka import AsyncContainer

from photostore.event.queries import ChangeQueries
from photostore.hashtag.commands.create_hashtag import CreateHashtag
from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.commands.edit_photo import EditPhoto
from photostore.photo.photo import Photo, PhotoEdit, PhotoStatus
from photostore.photo.ports import PhotoRepository
from photostore.shared.ids import UserId
from photostore.user.commands.close_account import CloseAccount
from photostore.user.commands.erase_account import EraseAccount
from photostore_adapters.postgres.change_outbox import ChangeOutbox
from photostore_adapters.postgres.settings import PostgresSettings
from photostore_adapters.redis.client import RedisClient
from photostore_adapters.redis.messages import Message
from photostore_adapters.redis.relay import PAGE, Relay
from photostore_adapters.redis.settings import RedisSettings
from tests.adapters.redis.hearing import Heard, hearing
from tests.albums import a_person, an_album
from tests.builders import a_direct_upload, a_photo
from tests.containers import on_postgres
from tests.fakes.store import FakeStore
from tests.using import get, stored, transaction, use
from tests.waiting import eventually

CALM_SECONDS = 0.1


@pytest.fixture
async def heard(redis_url: str) -> AsyncIterator[Heard]:
    async with hearing(redis_url) as heard:
        yield heard


@asynccontextmanager
async def relaying(container: AsyncContainer) -> AsyncIterator[Relay]:
    """As a process that serves does."""
    postgres = PostgresSettings(url=(await container.get(PostgresSettings)).url)
    client, settings = await container.get(RedisClient), await container.get(RedisSettings)
    client.start()
    relay = Relay(client, settings, postgres, calm_seconds=CALM_SECONDS, grace_seconds=0.5)
    relay.start()
    try:
        yield relay
    finally:
        await relay.aclose()


async def made(container: AsyncContainer, owner: UserId | None = None, title: str | None = None) -> Photo:
    return await stored(container, a_photo(owner_id=owner, title=title, status=PhotoStatus.PROCESSING))


async def waiting_in(container: AsyncContainer) -> int:
    return (await (await container.get(ChangeOutbox)).state()).changes


async def feed(container: AsyncContainer, owner: UserId) -> Sequence[tuple[int, str]]:
    page = await (await get(container, ChangeQueries)).page(owner, after=0, limit=1000)
    return [(each.seq, each.event) for each in page.items]


def told(heard: Heard, owner: UserId) -> list[Message]:
    return [each for each in heard.messages if each.owner_id == owner]


async def test_each_change_is_published_with_what_people_call_the_thing(one: AsyncContainer, heard: Heard) -> None:
    owner, member = await a_person(one), await a_person(one)
    photo = await made(one, owner, title="The sea")
    tag = await use(one, CreateHashtag)(actor=owner, name="lake")
    album = await an_album(one, owner, viewer=member)
    upload = await stored(one, a_direct_upload(owner_id=owner))
    gone = await made(one, owner, title="Gone")
    await use(one, DeletePhoto)(actor=owner, photo_id=gone.id)

    async with relaying(one):
        await eventually(lambda: len(heard.messages) >= 6)
        await eventually(lambda: _is_empty(one))

    events = {(each.event, each.id, each.title, each.owner_id) for each in heard.messages}
    assert {
        ("photo.uploaded", photo.id, "The sea", owner),
        ("hashtag.created", tag.id, "lake", owner),
        ("album.created", album, "Holiday", owner),
        ("album.created", album, "Holiday", member),
        ("photo.uploaded", gone.id, None, owner),
        ("photo.deleted", gone.id, None, owner),
    } <= events
    assert {each.title for each in heard.messages if each.id == upload.id} <= {upload.filename}
    assert [(each.seq, each.change) for each in told(heard, owner)] == await feed(one, owner)
    assert {each.entity for each in heard.messages} >= {"photo", "hashtag", "album"}


async def _is_empty(container: AsyncContainer) -> bool:
    return await waiting_in(container) == 0


async def test_what_is_committed_while_it_relays_is_told_by_notice_and_what_is_rolled_back_never(
    one: AsyncContainer, heard: Heard
) -> None:
    photo = await made(one)
    async with relaying(one):
        await eventually(lambda: heard.messages)
        with pytest.raises(ZeroDivisionError):
            await _roll_back(one, a_photo(owner_id=photo.owner_id, status=PhotoStatus.PROCESSING))
        for number in range(5):
            edit = PhotoEdit(title=f"{number}")
            await use(one, EditPhoto)(actor=photo.owner_id, photo_id=photo.id, edit=edit)
        await eventually(lambda: len(heard.messages) >= 6)

    assert [each.seq for each in heard.messages] == [1, 2, 3, 4, 5, 6]
    assert len({each.event_id for each in heard.messages}) == 6


async def _roll_back(container: AsyncContainer, photo: Photo) -> None:
    async with transaction(container, PhotoRepository) as photos:
        photo.created()
        await photos.add(photo)
        raise ZeroDivisionError


async def test_one_relays_at_a_time_and_another_goes_on_when_it_dies(
    one: AsyncContainer, other: AsyncContainer, heard: Heard
) -> None:
    photo = await made(one)
    async with AsyncExitStack() as first, relaying(other):
        await first.enter_async_context(relaying(one))
        for number in range(20):
            await use(one, EditPhoto)(actor=photo.owner_id, photo_id=photo.id, edit=PhotoEdit(title=f"{number}"))
            if number == 10:
                # As the database sees a process that was killed, whichever of the two it is.
                await _end_who_holds_the_lock((await one.get(PostgresSettings)).url)
                await first.aclose()
        await eventually(lambda: heard.messages and heard.messages[-1].seq == 21)

    seqs = [each.seq for each in heard.messages]
    # What was published and not removed yet is published again.
    assert list(dict.fromkeys(seqs)) == list(range(1, 22))


async def _end_who_holds_the_lock(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
        " WHERE datname = current_database() AND locktype = 'advisory' AND pid <> pg_backend_pid()"
    )
    await connection.close()


async def test_what_happens_while_redis_is_away_is_told_when_it_is_back(one: AsyncContainer, heard: Heard) -> None:
    photo = await made(one)
    client = await one.get(RedisClient)
    async with relaying(one):
        await eventually(lambda: heard.messages)
        link = await client.needed()
        link.lose(ConnectionError("as told"))
        for number in range(5):
            await use(one, EditPhoto)(actor=photo.owner_id, photo_id=photo.id, edit=PhotoEdit(title=f"{number}"))
        await eventually(lambda: len(heard.messages) >= 6)

    assert list(dict.fromkeys(each.seq for each in heard.messages)) == [1, 2, 3, 4, 5, 6]


async def test_a_backlog_goes_page_by_page_and_of_each_owner_in_order(one: AsyncContainer, heard: Heard) -> None:
    owners = [await a_person(one) for _ in range(3)]
    connection = await asyncpg.connect((await one.get(PostgresSettings)).url)
    await connection.execute(
        "INSERT INTO change_outbox SELECT owner, seq, gen_random_uuid(), 'photo.updated', 'photo', gen_random_uuid(), now() "
        "FROM unnest($1::uuid[]) AS owner, generate_series(1, $2) AS seq",
        owners,
        PAGE // 2,
    )
    await connection.close()

    async with relaying(one):
        await eventually(lambda: len(heard.messages) >= 3 * (PAGE // 2))
        await eventually(lambda: _is_empty(one))

    for owner in owners:
        assert [each.seq for each in told(heard, owner)] == list(range(1, PAGE // 2 + 1))


async def test_what_an_erased_owner_had_is_told_all_the_same(one: AsyncContainer, heard: Heard) -> None:
    photo = await made(one, title="The sea")
    await use(one, CloseAccount)(actor=photo.owner_id)
    await use(one, EraseAccount)(user_id=photo.owner_id)

    async with relaying(one):
        await eventually(lambda: [each for each in heard.messages if each.event == "photo.deleted"])

    assert [each.title for each in heard.messages] == [None] * len(heard.messages)


async def test_where_nothing_is_relayed_nothing_is_kept_and_what_is_left_goes(
    one: AsyncContainer, emptied_database_url: str
) -> None:
    await made(one)
    without = on_postgres(FakeStore(), emptied_database_url)
    await made(without)
    connection = await asyncpg.connect(emptied_database_url)

    await connection.execute("UPDATE change_outbox SET occurred_at = now()")  # the clock of the tests is another one
    kept = await waiting_in(one)
    await (await without.get(ChangeOutbox)).prune()
    young = await waiting_in(one)
    await connection.execute("UPDATE change_outbox SET occurred_at = now() - interval '2 hours'")
    await (await one.get(ChangeOutbox)).prune()
    still_relayed = await waiting_in(one)
    await (await without.get(ChangeOutbox)).prune()

    await connection.close()
    assert (kept, young, still_relayed, await waiting_in(one)) == (1, 1, 1, 0)
    await without.close()


async def test_a_relay_that_never_saw_redis_ends_at_once(one: AsyncContainer) -> None:
    relay = Relay(
        RedisClient(RedisSettings(url="redis://127.0.0.1:1")), RedisSettings(url=""), PostgresSettings(url="")
    )
    relay.start()
    await asyncio.sleep(0)

    await asyncio.wait_for(relay.aclose(), 10)
