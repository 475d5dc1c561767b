"""Reading originals while stores fail: what a reader gets, and what is told of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from photostore.replica.task import Original
from photostore.shared.blobs import BlobDamaged, BlobKey, BlobNotFound, BlobStoreUnavailable, OpenBlob, blob_key
from photostore.shared.errors import Unavailable
from photostore.shared.health import Degraded, HealthCheck
from photostore.shared.ids import PhotoId, UserId
from photostore_adapters.filesystem.replica import FolderReplica
from photostore_adapters.filesystem.threads import BlobThreads
from photostore_adapters.replicas.facts import OriginalFacts
from photostore_adapters.replicas.health import ReplicatedCheck
from photostore_adapters.replicas.reading import HELD_BYTES
from photostore_adapters.replicas.signer import ReplicatedSigner
from photostore_adapters.replicas.watch import StoreWatch
from photostore_testing.saying import chunked, content_of, some_bytes
from tests.fakes.blob_store import FakeBlobStore
from tests.fakes.replicated import PATIENCE, Known, never, replicated
from tests.waiting import eventually

KEY = blob_key("originals/a/b")
SMALL, LARGE = some_bytes(300_000), some_bytes(3 * HELD_BYTES)


class Place:
    """A primary and a replica that both have the original."""

    def __init__(self, content: bytes = SMALL) -> None:
        self.content = content
        self.primary, self.nas, self.known = FakeBlobStore(), FakeBlobStore(), Known()
        self.primary.blobs[KEY] = self.nas.blobs[KEY] = content
        self.known.originals[KEY] = Original(
            owner_id=UserId(UUID(int=1)),
            photo_id=PhotoId(UUID(int=2)),
            key=KEY,
            byte_size=len(content),
            sha256=sha256(content).digest(),
        )

    def damaged(self) -> bytes:
        return self.content[:-1] + b"x"

    async def read(self, *, offset: int = 0, length: int | None = None, verify: bool = True) -> bytes:
        async with replicated(self.primary, {"nas": self.nas}, self.known, verify=verify) as store:
            return await content_of(store, KEY, offset=offset, length=length)


async def test_while_all_is_well_nobody_asks_a_replica() -> None:
    place = Place()
    place.nas.failing = {"open", "head"}

    assert await place.read() == SMALL
    assert place.known.damaged == []


async def test_a_replica_is_read_while_the_primary_does_not_answer() -> None:
    place = Place()
    place.primary.failing = {"open", "head"}

    assert await place.read() == SMALL
    assert await place.read(offset=5, length=10) == SMALL[5:15]
    assert place.known.damaged == [], "it may well be there"


@pytest.mark.parametrize("offset", [0, 1000])
async def test_where_the_primary_breaks_off_a_replica_goes_on_at_that_very_byte(offset: int) -> None:
    place = Place(LARGE)
    place.primary.break_after = 700_001

    assert await place.read(offset=offset) == LARGE[offset:]
    assert await place.read(offset=offset, length=HELD_BYTES) == LARGE[offset : offset + HELD_BYTES]


async def test_what_the_primary_cannot_read_is_told_so_that_somebody_looks() -> None:
    place = Place()
    place.primary.unreadable.add(KEY)

    assert await place.read() == SMALL
    assert place.known.damaged == [(KEY, "primary")]


async def test_who_went_on_where_wrong_bytes_broke_off_is_read_from_the_beginning() -> None:
    place = Place()
    place.primary.blobs[KEY] = b"x" + SMALL[1:]
    place.primary.break_after = 1000

    assert await place.read() == SMALL


async def test_what_the_primary_lost_is_read_from_a_replica_and_mended() -> None:
    place = Place()
    del place.primary.blobs[KEY]

    assert await place.read() == SMALL
    assert place.known.damaged == [(KEY, "primary")]


@pytest.mark.parametrize("lying_there", [SMALL[:-1], SMALL + b"x", b""])
async def test_what_has_another_size_is_read_from_a_replica_and_mended(lying_there: bytes) -> None:
    place = Place()
    place.primary.blobs[KEY] = lying_there

    assert await place.read(offset=2, length=3) == SMALL[2:5]
    assert place.known.damaged == [(KEY, "primary")]


async def test_other_bytes_are_noticed_before_any_of_a_small_original_is_given_away() -> None:
    place = Place()
    place.primary.blobs[KEY] = place.damaged()

    assert await place.read() == SMALL
    assert place.known.damaged == [(KEY, "primary")]


async def test_a_large_original_of_other_bytes_is_never_given_away_whole_and_is_mended() -> None:
    place, got = Place(LARGE), bytearray()
    place.primary.blobs[KEY] = place.damaged()

    async with replicated(place.primary, {"nas": place.nas}, place.known) as store, store.open(KEY) as blob:
        with pytest.raises(BlobDamaged):
            await gather(blob.chunks, got)

    assert 0 < len(got) < len(LARGE)
    assert place.known.damaged == [(KEY, "primary")]


async def gather(chunks: AsyncIterator[bytes], got: bytearray) -> None:
    async for chunk in chunks:
        got += chunk


async def test_whoever_wants_no_bytes_checked_gets_them_as_they_are() -> None:
    place = Place()
    place.primary.blobs[KEY] = place.damaged()

    assert await place.read(verify=False) == place.damaged()


async def test_a_damaged_replica_is_told_of_and_never_given_away() -> None:
    place = Place()
    place.primary.failing = {"open", "head"}
    place.nas.blobs[KEY] = place.damaged()

    with pytest.raises(BlobStoreUnavailable):
        await place.read()

    assert place.known.damaged == [(KEY, "nas")]


async def test_what_no_store_has_is_not_found_and_what_one_may_have_is_not_available() -> None:
    place = Place()
    del place.primary.blobs[KEY], place.nas.blobs[KEY]

    with pytest.raises(BlobNotFound):
        await place.read()
    place.primary.failing = {"open", "head"}
    with pytest.raises(BlobStoreUnavailable):
        await place.read()


async def test_renditions_are_the_primarys_alone() -> None:
    place, rendition = Place(), blob_key("renditions/a/b/c")
    place.nas.blobs[rendition] = b"left there by somebody"

    async with replicated(place.primary, {"nas": place.nas}, place.known) as store:
        with pytest.raises(BlobNotFound):
            await content_of(store, rendition)


async def test_the_head_is_that_of_what_can_be_read() -> None:
    place = Place()

    async with replicated(place.primary, {"nas": place.nas}, place.known) as store:
        place.primary.blobs[KEY] = b"cut"
        assert (await store.head(KEY)).byte_size == len(SMALL)
        place.primary.failing = {"head"}
        assert (await store.head(KEY)).byte_size == len(SMALL)
        place.nas.failing = {"head"}
        with pytest.raises(BlobStoreUnavailable):
            await store.head(KEY)


class Hanging(FakeBlobStore):
    """Opens nothing until it is told to; then it counts who has let go of what it opened."""

    def __init__(self) -> None:
        super().__init__()
        self.answering = asyncio.Event()
        self.asked = 0

    @asynccontextmanager
    async def open(self, key: BlobKey, *, offset: int = 0, length: int | None = None) -> AsyncIterator[OpenBlob]:
        self.asked += 1
        try:
            await self.answering.wait()
        except asyncio.CancelledError:
            await self.answering.wait()  # as a thread does that cannot be stopped
        async with super().open(key, offset=offset, length=length) as blob:
            yield blob


async def test_a_store_that_hangs_costs_one_reader_its_patience_and_the_next_ones_nothing() -> None:
    place, hanging = Place(), Hanging()
    hanging.blobs[KEY] = SMALL

    async with replicated(hanging, {"nas": place.nas}, place.known, patience=0.01) as store:
        assert [await content_of(store, KEY) for _ in range(3)] == [SMALL] * 3
        assert hanging.asked == 1
        hanging.answering.set()
        await eventually(lambda: hanging.reading == 0)


async def test_a_store_that_answers_again_is_read_from_again() -> None:
    place, tries = Place(), asyncio.Semaphore(0)

    async def rest(_: float) -> None:
        await tries.acquire()

    async with replicated(place.primary, {"nas": place.nas}, place.known, rest=rest) as store:
        place.primary.failing = {"open", "head"}
        assert await content_of(store, KEY) == SMALL
        tries.release()
        place.primary.failing = set()
        place.nas.failing = {"open"}
        tries.release()
        await eventually(lambda: not store.is_primary_away)

        assert await content_of(store, KEY) == SMALL
        assert place.known.damaged == []


class Failing(HealthCheck):
    name = "storage"

    async def check(self) -> None:
        raise BlobStoreUnavailable("the disk is away")


async def test_a_primary_that_is_away_beside_a_replica_that_answers_is_half_well() -> None:
    nas = FakeBlobStore()
    check = ReplicatedCheck(Failing(), [StoreWatch("nas", nas, patience=PATIENCE, rest=never)])

    with pytest.raises(Degraded):
        await check.check()
    nas.failing = {"head"}
    with pytest.raises(BlobStoreUnavailable):
        await check.check()


async def test_while_the_primary_is_away_signed_urls_of_originals_lead_to_this_server() -> None:
    primary, own = FakeBlobStore(base_url="http://bucket.test"), FakeBlobStore(base_url="http://photos.test")
    watch = StoreWatch("primary", primary, patience=PATIENCE, rest=never)
    signer = ReplicatedSigner(primary, own, watch)

    def host(key: BlobKey) -> str:
        return signer.sign_get(key, expires_in=60, content_type="image/png", content_disposition="inline").url[:18]

    def written() -> str:
        return signer.sign_put(KEY, expires_in=60, byte_size=1, content_type="image/png").url[:18]

    before = host(KEY)
    watch.failed("as told")
    during = [host(KEY), host(blob_key("renditions/a/b")), written()]
    await watch.aclose()

    assert before == "http://bucket.test"
    assert during == ["http://photos.test", "http://bucket.test", "http://bucket.test"]


async def test_that_the_primary_is_away_is_found_out_though_nobody_reads_it_through_this_server() -> None:
    primary, own = FakeBlobStore(base_url="http://bucket.test"), FakeBlobStore(base_url="http://photos.test")
    watch = StoreWatch("primary", primary, patience=PATIENCE, rest=never)
    signer = ReplicatedSigner(primary, own, watch)
    primary.failing = {"head"}

    def signed() -> str:
        return signer.sign_get(KEY, expires_in=60, content_type="image/png", content_disposition="inline").url

    signed()
    await eventually(lambda: watch.away)

    assert signed().startswith("http://photos.test")
    await watch.aclose()


async def test_what_the_rows_know_is_asked_once_and_readers_do_not_wait_for_a_database_that_is_away() -> None:
    place, asked = Place(), 0

    class Counting(Known):
        async def find(self, key: BlobKey) -> Original | None:
            nonlocal asked
            asked += 1
            if key != KEY:
                raise Unavailable("the database is away")
            return place.known.originals[key]

    facts = OriginalFacts(Counting())

    assert {await facts.find(KEY), await facts.find(KEY)} == {place.known.originals[KEY]}
    assert [await facts.find(blob_key("originals/x")) for _ in range(3)] == [None] * 3
    assert asked == 2


async def test_the_folder_of_a_replica_is_never_made_and_used_once_it_is_there(tmp_path: Path) -> None:
    threads, folder = BlobThreads(2), tmp_path / "nas"
    replica, right = FolderReplica(folder, threads), sha256(SMALL).digest()

    with pytest.raises(BlobStoreUnavailable):
        await replica.head(KEY)
    with pytest.raises(BlobStoreUnavailable):
        await replica.mend(KEY, chunked(SMALL), byte_size=len(SMALL), sha256=right)
    assert not folder.exists()
    folder.mkdir()
    with pytest.raises(BlobNotFound):
        await replica.head(KEY)
    await replica.mend(KEY, chunked(SMALL), byte_size=len(SMALL), sha256=right)

    assert await content_of(replica, KEY) == SMALL
    assert [info.key async for info in replica.list("originals/")] == [KEY]
    await replica.delete(KEY)
    await replica.put(KEY, chunked(SMALL))
    folder.rename(tmp_path / "away")
    with pytest.raises(BlobStoreUnavailable):
        await content_of(replica, KEY)
    threads.close()
