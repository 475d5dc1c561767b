"""A database that was restored, or is a copy of one in use, does not sweep the store of the one that it once was."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from dishka import AsyncContainer

from photostore.replica.commands.claim_stores import ClaimStores
from photostore.shared.blobs import BlobStoreUnavailable, blob_key
from photostore.upload.commands.sweep_blobs import SweepBlobs
from photostore.upload.errors import StoreAhead
from photostore.upload.fencing import CONTESTED, TOKENS, key_of
from photostore.upload.sweeping import SweepToken
from tests.builders import an_upload
from tests.checking import OPERATOR
from tests.fakes.store import FakeStore
from tests.fakes.system import new_id
from tests.using import use


class States:
    """Of one database: as it was dumped, and as it went on. They have one store of blobs."""

    def __init__(self, container: AsyncContainer, store: FakeStore) -> None:
        self._container = container
        self._tokens = store.admin.sweep_tokens
        self.dumped: SweepToken | None = None

    def dump(self) -> None:
        self.dumped = self._tokens.rows.get("last")

    @asynccontextmanager
    async def restored(self) -> AsyncIterator[None]:
        """Within, the database is what was dumped, and goes on from there; after, it is the one that went on before."""
        live = self._tokens.rows.get("last")
        self._become(self.dumped)
        try:
            yield
        finally:
            self.dumped = self._tokens.rows.get("last")
            self._become(live)

    def _become(self, token: SweepToken | None) -> None:
        self._tokens.rows.clear()
        if token is not None:
            self._tokens.rows["last"] = token

    async def sweep(self) -> int:
        return (await use(self._container, SweepBlobs)()).blobs


@pytest.fixture
def states(container: AsyncContainer, store: FakeStore) -> States:
    return States(container, store)


@pytest.fixture(autouse=True)
def a_day_later(store: FakeStore) -> None:
    """The fakes' clock makes what lies in the store old enough to be swept."""
    store.clock.advance(hours=25)


def leave(store: FakeStore) -> str:
    """Bytes that no row names."""
    key = an_upload().blob_key
    store.blobs.blobs[key] = b"a photo that came after the dump, or what a crash left"
    return key


def tokens(store: FakeStore) -> list[str]:
    return sorted(key for key in store.blobs.blobs if key.startswith(TOKENS))


async def test_sweeps_of_one_database_follow_each_other(states: States, store: FakeStore) -> None:
    for number in (1, 2, 3):
        leave(store)

        assert await states.sweep() == 1

        last = store.admin.sweep_tokens.rows["last"]
        assert last.number == number
        assert tokens(store) == [key_of(last)]


@pytest.mark.parametrize("swept_before_the_dump", [0, 1, 3])
async def test_a_restored_one_removes_nothing_however_often_it_tries(
    states: States, store: FakeStore, swept_before_the_dump: int
) -> None:
    for _ in range(swept_before_the_dump):
        await states.sweep()
    states.dump()
    await states.sweep()
    photo = leave(store)

    async with states.restored():
        for _ in range(3):
            with pytest.raises(StoreAhead):
                await states.sweep()

    assert photo in store.blobs.blobs
    assert "photostore claim-store" in (store.admin.sweeps.rows["last"].refusal or "")


async def test_then_the_one_that_went_on_stops_too_since_a_copy_of_it_is_at_its_store(
    states: States, store: FakeStore
) -> None:
    states.dump()
    await states.sweep()
    async with states.restored():
        with pytest.raises(StoreAhead):
            await states.sweep()
    leave(store)

    with pytest.raises(StoreAhead):
        await states.sweep()


@pytest.mark.parametrize("live_sweeps", [0, 1])
async def test_a_copy_that_swept_first_stops_when_the_one_that_it_was_comes_by(
    states: States, store: FakeStore, live_sweeps: int
) -> None:
    """With as many sweeps behind them as the other, and with fewer."""
    await states.sweep()
    states.dump()
    async with states.restored():
        await states.sweep()
    live = store.admin.sweep_tokens.rows["last"]
    store.admin.sweep_tokens.rows["last"] = SweepToken(number=live.number + live_sweeps, nonce=new_id())
    photo = leave(store)

    with pytest.raises(StoreAhead):
        await states.sweep()
    async with states.restored():
        with pytest.raises(StoreAhead):
            await states.sweep()

    assert photo in store.blobs.blobs


async def test_two_sweeps_of_one_database_at_once_are_no_copies(container: AsyncContainer, store: FakeStore) -> None:
    """One advances while the other looks into the store."""
    listing = store.blobs.list

    async def interrupted(prefix: str) -> AsyncIterator[object]:
        store.blobs.list = listing  # type: ignore[method-assign]
        found = [each async for each in listing(prefix)]
        await use(container, SweepBlobs)()
        for each in found:
            yield each

    store.blobs.list = interrupted  # type: ignore[method-assign,assignment]
    await use(container, SweepBlobs)()
    await use(container, SweepBlobs)()

    assert tokens(store) == [key_of(store.admin.sweep_tokens.rows["last"])]


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
    assert tokens(store) == [key_of(store.admin.sweep_tokens.rows["last"])]


async def test_a_restored_one_that_claims_the_store_sweeps_it(
    container: AsyncContainer, states: States, store: FakeStore
) -> None:
    states.dump()
    for _ in range(3):
        await states.sweep()
    left = leave(store)

    async with states.restored():
        with pytest.raises(StoreAhead):
            await states.sweep()
        assert await use(container, ClaimStores)(by=OPERATOR) == ["primary"]
        assert left in store.blobs.blobs, "claiming removes nothing by itself"
        assert await states.sweep() == 1
        assert await states.sweep() == 0

    [entry] = store.admin.audit_log.rows.values()
    assert (entry.action, entry.details) == ("stores.claimed", {"stores": ["primary"]})
    assert CONTESTED not in store.blobs.blobs
    with pytest.raises(StoreAhead):
        await states.sweep()


async def test_what_else_lies_there_is_no_token(states: States, store: FakeStore) -> None:
    store.blobs.blobs[blob_key(f"{TOKENS}README")] = b"somebody's"

    assert await states.sweep() == 0
