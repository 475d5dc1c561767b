"""Who has the stores looked after, and what else is done with them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from dishka import AsyncContainer

from photostore.job.job import Job
from photostore.job.ports import JobQueue
from photostore.replica.commands.claim_stores import ClaimStores
from photostore.replica.commands.look_after_replicas import LookAfterReplicas
from photostore.replica.commands.rescue_original import RescueOriginal
from photostore.replica.commands.sweep_replica import SweepReplica
from photostore.replica.ports import Originals
from photostore.replica.task import UNSEEN
from photostore.replica.turn import Kept
from photostore.shared.blobs import BlobStoreUnavailable, blob_key
from photostore.upload.commands.sweep_blobs import SweepBlobs
from photostore.upload.errors import StoreContested, StoreOfAnother, SweepTooLarge
from photostore.upload.fencing import folder_of, key_in
from photostore.upload.sweeping import Swept
from photostore_adapters.jobs.handlers import SWEEP_REPLICAS
from tests.checking import OPERATOR
from tests.core.replica.conftest import Place
from tests.fakes.jobs import run_jobs
from tests.fakes.store import FakeStore
from tests.fakes.system import new_id
from tests.using import get, transaction, use

Keep = Callable[[str], Awaitable[Kept]]


async def enqueue(container: AsyncContainer, name: str) -> None:
    async with transaction(container, JobQueue) as jobs:
        await jobs.enqueue([Job(name=name)])


async def test_one_job_a_store_that_has_something_to_be_done(place: Place, container: AsyncContainer) -> None:
    await place.photo(b"a picture")
    place.store.jobs.rows.clear()

    await use(container, LookAfterReplicas)()
    done = await run_jobs(container, place.store)
    idle = await use(container, LookAfterReplicas)()

    assert done == ["keep_replica"] * 3, "the primary is marked, too"
    assert place.originals(place.nas) == place.originals(place.far) == place.originals(place.primary)
    assert idle == []


async def test_while_the_job_of_a_store_waits_there_is_no_second_one(place: Place, container: AsyncContainer) -> None:
    await place.photo(b"a picture")
    place.store.jobs.rows.clear()

    await use(container, LookAfterReplicas)()
    await use(container, LookAfterReplicas)()

    assert len(place.store.jobs.rows) == 3


async def test_a_store_that_failed_a_moment_ago_rests(place: Place, container: AsyncContainer, keep: Keep) -> None:
    await place.photo(b"a picture")
    place.nas.failing = {"head"}
    await keep("primary")
    await keep("nas")

    busy = await use(container, LookAfterReplicas)()
    place.store.clock.time += timedelta(seconds=2)

    assert busy == ["far"]
    assert await use(container, LookAfterReplicas)() == ["nas", "far"]


async def test_one_that_nobody_looked_after_for_long_is_walked_over_anew(
    place: Place, container: AsyncContainer, keep: Keep
) -> None:
    await use(container, LookAfterReplicas)()
    for store in ("primary", "nas", "far"):
        await keep(store)
    await place.photo(b"made by a process that knew of no replica", new=False)
    assert await use(container, LookAfterReplicas)() == []

    place.store.clock.time += UNSEEN + timedelta(minutes=2)
    busy = await use(container, LookAfterReplicas)()
    kept = await keep("nas")

    assert busy == ["nas", "far"]
    assert kept.done == {"copied": 1}


async def test_nothing_is_planned_where_there_are_no_replicas(place: Place) -> None:
    place.store.replication.stores.clear()

    await place.photo(b"a picture")

    assert place.store.replication.planned() == []


async def test_an_original_is_put_back_from_the_first_replica_that_has_it_whole(
    place: Place, container: AsyncContainer, keep: Keep
) -> None:
    photo = await place.photo(b"a picture")
    await keep("nas")
    await keep("far")
    place.primary.blobs[photo.blob_key] = b"a pictuRe"
    place.nas.blobs[photo.blob_key] = b"a pIcture"

    async with container() as scope:
        rescue = await scope.get(RescueOriginal)
        assert place.primary.blobs[photo.blob_key] == b"a pictuRe", "only looked at"
        assert await rescue(key=photo.blob_key) == "far"

    assert place.primary.blobs[photo.blob_key] == b"a picture"


async def test_what_no_replica_has_is_not_rescued(place: Place, container: AsyncContainer) -> None:
    photo = await place.photo(b"a picture")

    async with container() as scope:
        rescue = await scope.get(RescueOriginal)
        assert await rescue(key=photo.blob_key) is None
        assert await rescue(key=blob_key("originals/nobodys")) is None
        place.far.failing = {"open"}
        with pytest.raises(BlobStoreUnavailable, match="far: the fake fails at open"):
            await rescue(key=photo.blob_key)


async def test_copies_that_no_photo_names_are_swept_from_every_replica(place: Place, container: AsyncContainer) -> None:
    photo = await place.photo(b"a picture")
    for replica in (place.nas, place.far):
        replica.blobs = {photo.blob_key: b"a picture", blob_key("originals/left/behind"): b"by a worker that was slow"}
    place.store.jobs.rows.clear()

    await enqueue(container, SWEEP_REPLICAS)
    await run_jobs(container, place.store)

    assert place.originals(place.nas) == place.originals(place.far) == {photo.blob_key: b"a picture"}


async def test_a_replica_is_swept_as_carefully_as_the_primary(
    place: Place, store: FakeStore, container: AsyncContainer
) -> None:
    place.nas.blobs = {blob_key(f"originals/left/{number}"): b"" for number in range(store.sweep_policy.at_most + 1)}
    place.far.blobs = {blob_key("installation/of-another"): b"", blob_key("originals/theirs"): b""}

    with pytest.raises(SweepTooLarge):
        await use(container, SweepReplica)(store="nas")
    with pytest.raises(StoreOfAnother):
        await use(container, SweepReplica)(store="far")

    assert len(place.originals(place.nas)) == store.sweep_policy.at_most + 1
    assert len(place.far.blobs) == 2
    assert await (await get(container, Originals)).walk(after=None, limit=1) == []


async def test_every_store_is_claimed_by_a_database_that_was_restored(
    place: Place, store: FakeStore, container: AsyncContainer
) -> None:
    stores = (place.primary, place.nas, place.far)
    for each in stores:
        each.blobs[key_in(folder_of(place.store.installation), new_id())] = b"of another state"
    for name in ("nas", "far"):
        with pytest.raises(StoreContested):
            await use(container, SweepReplica)(store=name)

    assert await use(container, ClaimStores)(by=OPERATOR) == dict.fromkeys(("primary", "nas", "far"))

    for name in ("nas", "far"):
        assert await use(container, SweepReplica)(store=name) == 0
    assert await use(container, SweepBlobs)() == Swept(blobs=0, multiparts=0)


async def test_no_replica_is_swept_while_another_state_of_the_database_has_swept_the_primary(
    place: Place, container: AsyncContainer
) -> None:
    """A replica is swept less often, and may have been left as this one knows it."""
    left = blob_key("originals/of/a-later-photo")
    place.nas.blobs[left] = b"its only copy"
    place.primary.blobs[key_in(folder_of(place.store.installation), new_id())] = b"of another state"

    with pytest.raises(StoreContested):
        await use(container, SweepReplica)(store="nas")

    assert left in place.nas.blobs


async def test_a_replica_that_does_not_answer_keeps_no_other_from_being_claimed(
    place: Place, container: AsyncContainer
) -> None:
    place.nas.failing = {"list"}

    told = await use(container, ClaimStores)(by=OPERATOR)

    assert (told["primary"], told["far"]) == (None, None)
    assert told["nas"] is not None
