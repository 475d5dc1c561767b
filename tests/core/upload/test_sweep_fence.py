"""A database that was restored, or is a copy of one in use, removes nothing from the store of the one that it once was."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from dishka import AsyncContainer

from photostore.photo.commands.purge_trash import PurgeTrash
from photostore.photo.renditions import ORIGINALS
from photostore.replica.commands.claim_stores import ClaimStores
from photostore.shared.blobs import BlobExists, BlobKey, BlobStoreUnavailable, blob_key
from photostore.upload.commands.expire_uploads import ExpireUploads
from photostore.upload.commands.sweep_blobs import SweepBlobs
from photostore.upload.errors import StoreContested
from photostore.upload.fencing import TOKENS, folder_of, key_in
from photostore.upload.upload import UploadState
from tests.builders import a_photo, an_upload
from tests.checking import OPERATOR
from tests.fakes.jobs import run_jobs
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW, new_id
from tests.using import stored, use


class States:
    """Of one database: as it was dumped, and as it went on. They have one store of blobs."""

    def __init__(self, container: AsyncContainer, store: FakeStore) -> None:
        self._container = container
        self._known = store.admin.sweep_tokens.rows
        self._dumped: dict[UUID, UUID] = {}

    def dump(self) -> None:
        self._dumped = dict(self._known)

    @asynccontextmanager
    async def restored(self) -> AsyncIterator[None]:
        """Within, the database is what was dumped, and goes on from there; after, it is the one that went on before."""
        live = dict(self._known)
        self._become(self._dumped)
        try:
            yield
        finally:
            self._dumped = dict(self._known)
            self._become(live)

    def _become(self, known: dict[UUID, UUID]) -> None:
        self._known.clear()
        self._known.update(known)

    async def sweep(self) -> int:
        return (await use(self._container, SweepBlobs)()).blobs

    async def claim(self) -> None:
        assert await use(self._container, ClaimStores)(by=OPERATOR) == {"primary": None}


@pytest.fixture
def states(container: AsyncContainer, store: FakeStore) -> States:
    return States(container, store)


@pytest.fixture(autouse=True)
def a_day_later(store: FakeStore) -> None:
    """What lies in the store is old enough to be swept."""
    store.clock.advance(hours=25)


def leave(store: FakeStore) -> BlobKey:
    """Bytes that no row names: a photo that came after the dump, or what a crash left."""
    key = an_upload().blob_key
    store.blobs.blobs[key] = b"bytes"
    return key


def tokens(store: FakeStore) -> list[BlobKey]:
    return sorted(key for key in store.blobs.blobs if key.startswith(TOKENS))


async def test_sweeps_of_one_database_follow_each_other(states: States, store: FakeStore) -> None:
    for _ in range(3):
        leave(store)

        assert await states.sweep() == 1

        assert tokens(store) == [key_in(folder_of(store.installation), list(store.admin.sweep_tokens.rows)[-1])]


@pytest.mark.parametrize("before", [0, 1, 3])
@pytest.mark.parametrize("since", [1, 3])
async def test_a_restored_one_removes_nothing_however_often_it_tries(
    states: States, store: FakeStore, before: int, since: int
) -> None:
    for _ in range(before):
        await states.sweep()
    states.dump()
    for _ in range(since):
        await states.sweep()
    photo = leave(store)

    async with states.restored():
        for _ in range(since + 2):
            with pytest.raises(StoreContested):
                await states.sweep()

    assert photo in store.blobs.blobs
    assert "photostore claim-store" in (store.admin.sweeps.rows["last"].refusal or "")


async def test_then_the_one_that_went_on_stops_too_since_a_copy_of_it_is_at_its_store(
    states: States, store: FakeStore
) -> None:
    states.dump()
    await states.sweep()
    async with states.restored():
        with pytest.raises(StoreContested):
            await states.sweep()
    leave(store)

    with pytest.raises(StoreContested):
        await states.sweep()


@pytest.mark.parametrize("copys", [1, 5])
async def test_a_copy_that_swept_first_stops_when_the_one_that_it_was_comes_by(
    states: States, store: FakeStore, copys: int
) -> None:
    await states.sweep()
    states.dump()
    async with states.restored():
        for _ in range(copys):
            await states.sweep()
    photo = leave(store)

    with pytest.raises(StoreContested):
        await states.sweep()
    async with states.restored():
        with pytest.raises(StoreContested):
            await states.sweep()

    assert photo in store.blobs.blobs


async def test_a_copy_that_could_not_write_for_long_has_not_caught_up_with_anybody(
    states: States, store: FakeStore
) -> None:
    await states.sweep()
    states.dump()
    async with states.restored():
        store.blobs.failing = {"put"}
        for _ in range(5):
            with pytest.raises(BlobStoreUnavailable):
                await states.sweep()
        store.blobs.failing = set()
    await states.sweep()
    photo = leave(store)

    async with states.restored():
        with pytest.raises(StoreContested):
            await states.sweep()

    assert photo in store.blobs.blobs


async def test_two_sweeps_of_one_database_at_once_are_no_copies(states: States, store: FakeStore) -> None:
    """One goes through while the other looks into the store."""
    listing = store.blobs.list

    async def interrupted(prefix: str) -> AsyncIterator[object]:
        store.blobs.list = listing  # type: ignore[method-assign]
        found = [each async for each in listing(prefix)]
        await states.sweep()
        for each in found:
            yield each

    store.blobs.list = interrupted  # type: ignore[method-assign,assignment]
    await states.sweep()
    await states.sweep()

    assert tokens(store) == [key_in(folder_of(store.installation), list(store.admin.sweep_tokens.rows)[-1])]


async def test_one_that_stood_still_while_it_looked_removes_nothing(states: States, store: FakeStore) -> None:
    """A copy, or a machine that was put to sleep, wakes up when others have swept."""
    await states.sweep()
    states.dump()
    listing = store.blobs.list

    async def asleep(prefix: str) -> AsyncIterator[object]:
        if prefix == ORIGINALS:
            store.blobs.list = listing  # type: ignore[method-assign]
            async with states.restored():
                await states.claim()
            store.blobs.blobs[photo] = b"of the other"
        async for each in listing(prefix):
            yield each

    photo = an_upload().blob_key
    store.blobs.list = asleep  # type: ignore[method-assign,assignment]
    with pytest.raises(StoreContested):
        await states.sweep()

    assert photo in store.blobs.blobs


@pytest.mark.parametrize("operation", ["put", "delete"])
async def test_a_store_that_fails_midway_is_swept_the_next_time(
    states: States, store: FakeStore, operation: str
) -> None:
    await states.sweep()
    left = leave(store)
    store.blobs.failing = {operation}
    with pytest.raises(BlobStoreUnavailable):
        await states.sweep()
    store.blobs.failing = set()

    assert await states.sweep() == 1

    assert left not in store.blobs.blobs
    assert len(tokens(store)) == 1


async def test_a_store_that_has_written_what_it_says_was_there_is_believed(
    states: States, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = store.blobs.put

    async def repeated(key: BlobKey, *arguments: object, **options: object) -> object:
        await put(key, *arguments, **options)  # type: ignore[arg-type]
        raise BlobExists(f"{key} is there")

    monkeypatch.setattr(store.blobs, "put", repeated)

    assert await states.sweep() == 0
    assert await states.sweep() == 0


async def test_a_restored_one_that_claims_the_store_sweeps_it_and_the_others_do_not(
    states: States, store: FakeStore
) -> None:
    """However many sweeps the others are ahead."""
    states.dump()
    for _ in range(7):
        await states.sweep()
    left = leave(store)

    async with states.restored():
        with pytest.raises(StoreContested):
            await states.sweep()
        await states.claim()
        assert left in store.blobs.blobs, "claiming removes nothing by itself"
        assert await states.sweep() == 1
        assert await states.sweep() == 0

    [entry] = store.admin.audit_log.rows.values()
    assert (entry.action, entry.target.kind, entry.target.id) == ("store.claimed", "store", "primary")
    assert key_in(folder_of(store.installation), "contested") not in store.blobs.blobs
    with pytest.raises(StoreContested):
        await states.sweep()


async def test_a_store_that_does_not_answer_is_not_claimed(
    container: AsyncContainer, states: States, store: FakeStore
) -> None:
    states.dump()
    await states.sweep()

    async with states.restored():
        store.blobs.failing = {"put"}
        refused = await use(container, ClaimStores)(by=OPERATOR)
        store.blobs.failing = set()
        with pytest.raises(StoreContested):
            await states.sweep()

    assert refused["primary"] is not None
    assert not store.admin.audit_log.rows


async def test_what_else_lies_there_is_no_token_and_stays(states: States, store: FakeStore) -> None:
    others = [blob_key(f"{folder_of(store.installation)}{name}") for name in ("README", "-" * 36, "0123")]
    others += [key_in(folder_of(new_id()), new_id()), blob_key(f"{TOKENS}README")]
    store.blobs.blobs |= dict.fromkeys(others, b"somebody's")

    assert await states.sweep() == 0
    assert await states.sweep() == 0

    assert set(others) < set(tokens(store))


async def test_who_restores_may_shut_a_store_by_hand(states: States, store: FakeStore) -> None:
    await states.sweep()
    store.blobs.blobs[key_in(folder_of(store.installation), "contested")] = b""
    photo = leave(store)

    with pytest.raises(StoreContested):
        await states.sweep()
    assert photo in store.blobs.blobs
    await states.claim()

    assert await states.sweep() == 1


Overdue = Callable[[AsyncContainer, FakeStore], Awaitable[BlobKey]]


async def an_upload_that_became_a_photo(container: AsyncContainer, store: FakeStore) -> BlobKey:
    """After the dump, in which it is open."""
    upload = await stored(container, an_upload(expires_at=NOW - timedelta(seconds=1)))
    store.blobs.blobs[upload.blob_key] = b"a photo"
    return upload.blob_key


async def a_photo_that_left_the_trash(container: AsyncContainer, store: FakeStore) -> BlobKey:
    """After the dump, in which it lies there for long enough."""
    photo = await stored(container, a_photo(trashed_at=NOW - timedelta(days=1000)))
    store.blobs.blobs[photo.blob_key] = b"a photo"
    return photo.blob_key


@pytest.mark.parametrize(
    ("made", "ends"), [(an_upload_that_became_a_photo, ExpireUploads), (a_photo_that_left_the_trash, PurgeTrash)]
)
async def test_what_is_over_in_a_restored_one_is_not_removed_before_it_claims_the_store(
    container: AsyncContainer, states: States, store: FakeStore, made: Overdue, ends: type[ExpireUploads | PurgeTrash]
) -> None:
    states.dump()
    await states.sweep()
    key = await made(container, store)
    end = use(container, ends)

    async with states.restored():
        with pytest.raises(StoreContested):
            await end()
        await run_jobs(container, store)
        assert key in store.blobs.blobs
        assert all(upload.state is UploadState.PENDING for upload in store.uploads.rows.values())

        await states.claim()
        assert await end() == 1
        await run_jobs(container, store)

    assert key not in store.blobs.blobs


@pytest.mark.parametrize("ends", [ExpireUploads, PurgeTrash])
async def test_where_nothing_is_over_the_store_is_not_asked(
    container: AsyncContainer, store: FakeStore, ends: type[ExpireUploads | PurgeTrash]
) -> None:
    store.blobs.failing = {"list"}

    assert await use(container, ends)() == 0
