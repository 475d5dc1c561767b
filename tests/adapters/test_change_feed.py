"""The change feed on Postgres: under many writers, by its keys, and who waits for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from random import Random

import asyncpg
import pytest
from dishka import AsyncContainer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.event.commands.follow_changes import FollowChanges
from photostore.event.listeners import FollowingLimits, Places
from photostore.event.ports import ChangeHearer
from photostore.event.queries import ChangeView
from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.commands.edit_photo import EditPhoto
from photostore.photo.commands.move_to_trash import MoveToTrash
from photostore.photo.commands.restore_from_trash import RestoreFromTrash
from photostore.photo.errors import PhotoNotFound
from photostore.photo.photo import Photo, PhotoEdit, PhotoStatus
from photostore.photo.queries import PhotoFilter, PhotoQueries, PhotoSort
from photostore.shared.ids import PhotoId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.commands.upload_form import UploadForm
from photostore_adapters.observability.metrics import WAITING_CLIENTS
from photostore_adapters.postgres.change_queries import _PAGE
from photostore_adapters.postgres.change_signal import PostgresChangeSignal
from photostore_adapters.postgres.settings import PostgresSettings
from photostore_adapters.postgres.transaction_connections import TransactionConnections
from tests.builders import a_photo, a_picture, a_user, a_user_id
from tests.containers import on_postgres
from tests.fakes.form import FakeForm
from tests.fakes.store import FakeStore
from tests.using import get, stored, use
from tests.waiting import eventually

WRITERS, ROUNDS = 20, 6
AT_MOST = 3


@pytest.fixture
async def container(database_url: str) -> AsyncIterator[AsyncContainer]:
    container = on_postgres(FakeStore(), database_url)
    yield container
    await container.close()


@pytest.fixture
async def signal(database_url: str) -> AsyncIterator[PostgresChangeSignal]:
    signal = PostgresChangeSignal(PostgresSettings(url=database_url), Places(FollowingLimits(of_owner=AT_MOST)))
    yield signal
    await signal.aclose()


async def made(container: AsyncContainer, owner: UserId | None = None) -> Photo:
    return await stored(container, a_photo(owner_id=owner, status=PhotoStatus.PROCESSING))


async def write(container: AsyncContainer, owner: UserId, writer: int) -> None:
    """Upload, edit, trash, restore and delete, some of it with the others' photos."""
    random, shared = Random(writer), f"word{writer % 3}"
    for turn in range(ROUNDS):
        form = FakeForm(a_picture(f"{writer} {turn}"), at_most=2000)
        photo = (await use(container, UploadForm)(actor=owner, form=form)).photo_id
        await use(container, EditPhoto)(actor=owner, photo_id=photo, edit=PhotoEdit(hashtags=[shared, "all"]))
        everyone: list[PhotoId] = [PhotoId(each) for each in await listed(container, owner)]
        some = random.sample(everyone, k=min(4, len(everyone)))
        await use(container, MoveToTrash)(actor=owner, photo_ids=some)
        await use(container, RestoreFromTrash)(actor=owner, photo_ids=random.sample(some, k=len(some) // 2))
        with suppress(PhotoNotFound, IndexError):
            await use(container, DeletePhoto)(actor=owner, photo_id=random.choice(some))


async def listed(container: AsyncContainer, owner: UserId, *, trashed: bool = False) -> dict[PhotoId, int]:
    page = await (await get(container, PhotoQueries)).list(
        owner, PhotoFilter(trashed=trashed), sort=PhotoSort.OLDEST, after=None, limit=1000
    )
    return {PhotoId(view.id): view.version for view in page.items}


async def read_all(container: AsyncContainer, owner: UserId, writing: asyncio.Future[list[None]]) -> list[ChangeView]:
    seen, after = list[ChangeView](), None
    while True:
        over = writing.done()
        page = await use(container, FollowChanges)(actor=owner, after=after, limit=7)
        seen += page.page.items
        after = page.next
        if over and not page.page.items:
            return seen


async def test_a_reader_among_twenty_writers_sees_every_change_once_and_in_order(container: AsyncContainer) -> None:
    owner = (await stored(container, a_user())).id
    writing = asyncio.gather(*(write(container, owner, writer) for writer in range(WRITERS)))

    seen = await read_all(container, owner, writing)

    await writing
    assert [each.seq for each in seen] == list(range(1, len(seen) + 1))
    assert len({each.event_id for each in seen}) == len(seen)
    last = {each.entity_id: each.event for each in seen if each.entity == "photo"}
    there, in_trash = await listed(container, owner), await listed(container, owner, trashed=True)
    assert {each for each, event in last.items() if event != "photo.deleted"} == {*there, *in_trash}
    # Photos in the trash are edited, too.
    moved = {each.entity_id: each.event for each in seen if each.entity == "photo" and each.event != "photo.updated"}
    assert {each for each, event in moved.items() if event == "photo.trashed"} == set(in_trash)


async def listen_to_statements(container: AsyncContainer, sent: list[str]) -> None:
    """Those of the connection that the next transactions have, one after the other. The driver tells them a moment after
    they were sent."""
    connections = await container.get(TransactionConnections)
    held = await connections.take()
    held.driver.add_query_logger(lambda told: sent.append(told.query))
    connections.give_back(held)


async def test_changes_cost_one_statement_and_nothing_where_there_are_none(container: AsyncContainer) -> None:
    photos = [await made(container) for _ in range(3)]
    sent: list[str] = []
    async with container() as scope:
        session, unit_of_work = await scope.get(AsyncSession), await scope.get(UnitOfWork)
        await listen_to_statements(container, sent)
        async with unit_of_work:
            await session.execute(text("SELECT 1"))
        await use(container, MoveToTrash)(actor=photos[0].owner_id, photo_ids=[photos[0].id])

    await eventually(lambda: sent.count("COMMIT") == 2)
    assert len([each for each in sent if "change_feeds" in each]) == 1
    assert sent[:2] == ["BEGIN", "COMMIT"]


async def test_a_page_is_found_by_the_key_at_any_depth(container: AsyncContainer, database_url: str) -> None:
    photo = await made(container)
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        """
        WITH more AS (
            UPDATE change_feeds SET last_seq = 20001 WHERE owner_id = $1 RETURNING owner_id
        )
        INSERT INTO changes SELECT owner_id, n, gen_random_uuid(), 'photo.updated', 'photo', gen_random_uuid(), now()
        FROM more, generate_series(2, 20001) AS n
        """,
        photo.owner_id,
    )
    await connection.execute("ANALYZE changes")

    plan = await connection.fetch(f"EXPLAIN (ANALYZE) {_PAGE.sql}", photo.owner_id, 15_000, 50)

    await connection.close()
    lines = "\n".join(row[0] for row in plan)
    assert "changes_pkey" in lines
    assert "Seq Scan on changes" not in lines


async def test_who_waits_is_woken_by_a_change_of_its_own(container: AsyncContainer) -> None:
    photo, other = await made(container), await made(container)
    here = (await use(container, FollowChanges)(actor=photo.owner_id, after=None, limit=10)).next
    follow = use(container, FollowChanges)
    waiting = asyncio.ensure_future(follow(actor=photo.owner_id, after=here, limit=10, wait=30))
    await eventually(lambda: WAITING_CLIENTS._value.get() >= 1)

    await use(container, EditPhoto)(actor=other.owner_id, photo_id=other.id, edit=PhotoEdit(title="Sun"))
    await use(container, EditPhoto)(actor=photo.owner_id, photo_id=photo.id, edit=PhotoEdit(title="Sea"))

    answer = await asyncio.wait_for(waiting, 20)
    assert [each.event for each in answer.page.items] == ["photo.updated"]


async def test_writers_of_many_owners_do_not_commit_one_after_the_other(container: AsyncContainer) -> None:
    """A transaction that notifies holds a lock of the whole server until its commit is on disk."""
    photo, sent = await made(container), list[str]()
    await listen_to_statements(container, sent)

    await use(container, EditPhoto)(actor=photo.owner_id, photo_id=photo.id, edit=PhotoEdit(title="Sea"))

    await eventually(lambda: "COMMIT" in sent)
    assert any("change_feeds" in each for each in sent)
    assert not [each for each in sent if "notify" in each]


async def test_a_lost_connection_ends_waiting_and_comes_back(
    container: AsyncContainer, signal: PostgresChangeSignal, database_url: str
) -> None:
    photo = await made(container)
    connection = await asyncpg.connect(database_url)
    async with signal.listen(photo.owner_id, seconds=10) as listening:
        assert listening is not None
        waiting = asyncio.ensure_future(listening.changed(30))
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
        )
        woken = await asyncio.wait_for(waiting, 20)
    await connection.close()

    assert woken in (True, False)

    async def hears() -> bool:
        async with signal.listen(photo.owner_id, seconds=1) as again:
            return again is not None

    await eventually(hears)
    async with signal.listen(photo.owner_id, seconds=10) as again:
        assert again is not None
        heard = asyncio.ensure_future(again.changed(30))
        await use(container, EditPhoto)(actor=photo.owner_id, photo_id=photo.id, edit=PhotoEdit(title="Sea"))
        assert await asyncio.wait_for(heard, 20)


class Hearer(ChangeHearer):
    def __init__(self) -> None:
        self.told: list[object] = []

    def heard(self, owner: UserId) -> None:
        self.told.append(owner)

    def unsure(self, *, hearing: bool) -> None:
        self.told.append(hearing)

    def over(self) -> None:
        self.told.append("over")


async def test_who_attends_hears_of_every_owner_and_when_something_may_have_been_missed(
    container: AsyncContainer, signal: PostgresChangeSignal, database_url: str
) -> None:
    hearer = Hearer()
    signal.attend(hearer)
    await eventually(lambda: hearer.told == [False, True])
    one, other = await made(container), await made(container)
    await eventually(lambda: {one.owner_id, other.owner_id} <= set(hearer.told))
    hearer.told.clear()
    connection = await asyncpg.connect(database_url)

    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
    )
    await connection.close()
    await eventually(lambda: hearer.told == [False, True])
    signal.stop()

    assert hearer.told[2:] == [False, "over"]


async def test_without_a_database_nobody_waits_in_vain() -> None:
    deaf = PostgresChangeSignal(PostgresSettings(url="postgresql://nobody@127.0.0.1:1/none"), Places(FollowingLimits()))

    async with deaf.listen(a_user_id(), seconds=0.05) as listening:
        pass

    await deaf.aclose()
    assert listening is None


async def test_one_too_many_is_kept_from_coming_again_in_haste(signal: PostgresChangeSignal) -> None:
    owner, seconds = a_user_id(), asyncio.get_running_loop().time
    async with AsyncExitStack() as waits:
        for _ in range(AT_MOST):
            assert await waits.enter_async_context(signal.listen(owner, seconds=10)) is not None
        began = seconds()

        async with signal.listen(owner, seconds=0.2) as one_too_many:
            took = seconds() - began

        assert one_too_many is None
        assert took > 0.19
        late = asyncio.ensure_future(waits.enter_async_context(signal.listen(owner, seconds=30)))
        signal.stop()
        assert await asyncio.wait_for(late, 20) is None


async def test_stopping_ends_waiting_at_once(signal: PostgresChangeSignal) -> None:
    async with signal.listen(a_user_id(), seconds=10) as listening:
        assert listening is not None
        waiting = asyncio.ensure_future(listening.changed(30))

        signal.stop()

        assert await asyncio.wait_for(waiting, 20) is False
    async with signal.listen(a_user_id(), seconds=10) as late:
        assert late is None
