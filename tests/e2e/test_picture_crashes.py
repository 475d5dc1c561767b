"""kill -9 while pictures are decoded, hostile pictures, a store that fails: each photo is ready once, and nothing is left."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from functools import partial
from random import Random

import psutil
import pytest

from photostore_adapters.s3.settings import S3Settings
from tests.e2e.faulty_proxy import Fault
from tests.e2e.fragile import Place, a_fragile_place
from tests.e2e.people import API, Person, somebody
from tests.e2e.photographs import a_large_png, a_phone_photo, a_slow_png
from tests.e2e.showing import blobs_of, decoded, demand_nothing_left_over, outcome, photo_of
from tests.fixtures.postgres import CreateDatabase
from tests.waiting import eventually

GIVEN = {
    "JOBS__SWEEP_SCHEDULE": "* * * * * *",
    "JOBS__SWEEP_GRACE_SECONDS": "0",
    "JOBS__HEARTBEAT_SECONDS": "1",
    "DECODING__PROCESSES": "2",
    "DECODING__CPU_SECONDS": "1",
    "DECODING__MEMORY_BYTES": str(512 << 20),
}
PICTURE = a_phone_photo(1000, 700)
# Long in decoding, within the limits; and past them.
SLOW, TOO_SLOW, TOO_LARGE = a_slow_png(4000, 4000), a_slow_png(10_900, 10_900), a_large_png(6300)
BUSY_SECONDS = 0.3
RENDITIONS = 4


@pytest.fixture(scope="module")
async def place(
    new_bucket: Callable[[], S3Settings], new_database: CreateDatabase, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Place]:
    folder = tmp_path_factory.mktemp("fragile")
    async with a_fragile_place(folder, new_bucket(), await new_database(), GIVEN) as place:
        yield place


@pytest.fixture
async def person(place: Place) -> AsyncIterator[Person]:
    async with somebody(place.server.url) as person:
        yield person
        await place.proxy.mend()


Upload = Callable[[], Awaitable[object]]


async def while_the_original_is_fetched(place: Place, upload: Upload) -> None:
    place.proxy.break_(Fault.HANG, lambda method, target: method == "GET" and "originals/" in target)
    await upload()
    await eventually(lambda: place.proxy.met, within=30, what="the original to be fetched")
    place.worker.kill()
    await place.proxy.mend()


async def while_it_is_decoded(place: Place, upload: Upload) -> None:
    before = used_by(place.worker.decoders())
    await upload()
    await eventually(lambda: busy(place, before), within=30, what="a decoder to be busy")
    place.worker.kill()


async def while_renditions_are_written(place: Place, upload: Upload) -> None:
    written = list[str]()

    def is_third(method: str, target: str) -> bool:
        if method == "PUT" and "renditions/" in target:
            written.append(target)
        return len(written) > 2

    place.proxy.break_(Fault.HANG, is_third)
    await upload()
    await eventually(lambda: place.proxy.met, within=30, what="the third rendition to be written")
    place.worker.kill()
    await place.proxy.mend()


async def before_the_commit(place: Place, upload: Upload) -> None:
    async with place.held("photo_fingerprints") as held:
        await upload()
        await held.wanted()
        place.worker.kill()


async def after_the_commit(place: Place, upload: Upload) -> None:
    async with place.held("photo_fingerprints") as fingerprints:
        await upload()
        await fingerprints.wanted()
        log = place.held("pgqueuer_log")
        jobs = await log.__aenter__()
    await jobs.wanted()
    place.worker.kill()
    await log.__aexit__(None, None, None)


MOMENTS = [
    while_the_original_is_fetched,
    while_it_is_decoded,
    while_renditions_are_written,
    before_the_commit,
    after_the_commit,
]


@pytest.mark.parametrize("killed", MOMENTS)
async def test_another_worker_does_what_a_killed_one_did_not(
    place: Place, person: Person, killed: Callable[[Place, Upload], Awaitable[None]]
) -> None:
    content = SLOW if killed is while_it_is_decoded else PICTURE
    async with somebody(place.server.url) as luckier:
        await killed(place, partial(person.uploaded, content))
        waits = await person.photos()
        place.worker.start()
        await luckier.uploaded(content)

        [photo] = (await decoded(person)).values()
        [untouched] = (await decoded(luckier)).values()

    assert [each["status"] for each in waits] == ["ready" if killed is after_the_commit else "processing"]
    assert (photo["status"], len(photo["renditions"])) == ("ready", RENDITIONS)
    assert outcome(photo) == outcome(untouched)
    assert photo["placeholder"] == untouched["placeholder"]
    await demand_nothing_left_over(place.behind, person.id)


async def test_workers_killed_at_random_leave_every_photo_ready(place: Place, person: Person) -> None:
    contents = [a_phone_photo(900, 600, seed=seed) for seed in range(6)]
    sent = place.watched()
    await asyncio.gather(*map(person.uploaded, contents))

    for enough in sorted(Random(20).sample(range(RENDITIONS * len(contents)), 3)):
        await eventually(partial(has, sent, enough), within=60, what=f"{enough} renditions to be written")
        place.worker.restart()
    photos = await decoded(person)

    assert [photo["status"] for photo in photos.values()] == ["ready"] * len(contents)
    assert {len(photo["renditions"]) for photo in photos.values()} == {RENDITIONS}
    await demand_nothing_left_over(place.behind, person.id)


def has(sent: set[str], enough: int) -> bool:
    return len(sent) >= enough


async def test_a_photo_survives_its_decoder(place: Place, person: Person) -> None:
    before = used_by(place.worker.decoders())
    photo = await person.uploaded(SLOW, "slow.png")
    await eventually(lambda: busy(place, before), within=30, what="a decoder to be busy")

    victim = busy(place, before)
    assert victim is not None
    victim.kill()

    assert (await decoded(person))[photo["id"]]["status"] == "ready"
    assert victim.pid not in [each.pid for each in place.worker.decoders()]
    await demand_nothing_left_over(place.behind, person.id)


async def test_hostile_pictures_fail_and_others_go_on_meanwhile(place: Place, person: Person) -> None:
    slow = await person.uploaded(TOO_SLOW, "slow.png")
    large = await person.uploaded(TOO_LARGE, "large.png")
    async with somebody(place.server.url) as other:
        photo = await other.uploaded(PICTURE)
        assert (await decoded(other))[photo["id"]]["status"] == "ready"
        assert (await photo_of(person, slow["id"]))["status"] == "processing", "it takes its time, twice"

    photos = await decoded(person)

    assert {photo["status"] for photo in photos.values()} == {"failed"}
    assert (photos[slow["id"]]["failure"], photos[large["id"]]["failure"]) == ("timed_out", "out_of_memory")
    assert (await person.http.get(f"{API}/photos/{large['id']}/file")).content == TOO_LARGE
    await demand_nothing_left_over(place.behind, person.id)


async def test_a_photo_waits_for_a_store_that_fails(place: Place, person: Person) -> None:
    place.proxy.break_(Fault.ANSWER_503, lambda method, target: method == "PUT" and "renditions/" in target)
    photo = await person.uploaded(PICTURE)
    await eventually(lambda: place.proxy.met > 1, within=30, what="a second try")

    assert (await photo_of(person, photo["id"]))["status"] == "processing"
    pending = await person.http.get(f"{API}/photos/{photo['id']}/renditions/thumb")
    assert pending.status_code == 409
    assert int(pending.headers["Retry-After"]) > 0
    await place.proxy.mend()

    assert (await decoded(person))[photo["id"]]["status"] == "ready"
    await demand_nothing_left_over(place.behind, person.id)


async def test_photos_deleted_while_they_are_decoded_leave_nothing(place: Place, person: Person) -> None:
    for enough in range(RENDITIONS + 1):
        sent = place.watched()
        photo = await person.uploaded(a_phone_photo(900, 600, seed=enough))
        await eventually(partial(has, sent, enough), within=60, what=f"{enough} renditions to be written")
        assert (await person.http.delete(f"{API}/photos/{photo['id']}")).status_code == 204

    async def has_nothing() -> bool:
        return await blobs_of(place.behind, person.id) == set()

    await eventually(has_nothing, within=30, what="every blob to go")


def used_by(decoders: list[psutil.Process]) -> dict[int, float]:
    return {each.pid: each.cpu_times().user for each in decoders}


def busy(place: Place, before: dict[int, float]) -> psutil.Process | None:
    """A decoder that has worked since."""
    for each in place.worker.decoders():
        with suppress(psutil.NoSuchProcess):
            if each.pid in before and each.cpu_times().user > before[each.pid] + BUSY_SECONDS:
                return each
    return None
