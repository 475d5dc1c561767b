"""Looking after one store of originals."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.photo import Photo
from photostore.replica.commands.forget_replica import ForgetReplica
from photostore.replica.commands.keep_replica import KeepReplica
from photostore.replica.errors import ReplicaNotFound
from photostore.replica.ports import DamageReports, Originals
from photostore.replica.stores import PRIMARY
from photostore.replica.task import WALK_AGAIN, Action
from photostore.replica.turn import BATCH, Kept
from photostore.shared.blobs import BlobKey, blob_key
from tests.core.replica.conftest import Place
from tests.using import get, use

Keep = Callable[[str], Awaitable[Kept]]


async def test_new_originals_are_copied_to_each_replica_by_itself(place: Place, keep: Keep) -> None:
    photo = await place.photo(b"a picture")

    kept = await keep("nas")

    assert kept.done == {"copied": 1, "found": 1}, "the walk over all photos finds it there"
    assert place.originals(place.nas) == {photo.blob_key: b"a picture"}
    assert place.originals(place.far) == {}
    assert place.store.replication.planned() == [("far", Action.COPY)]
    assert (await keep("nas")).done == {}


async def test_photos_that_were_there_before_the_replica_are_found_by_walking(place: Place, keep: Keep) -> None:
    photos = [await place.photo(b"picture %d" % number, new=False) for number in range(7)]

    kept = await keep("nas")

    assert kept.done == {"copied": 7}
    assert place.originals(place.nas).keys() == {photo.blob_key for photo in photos}
    state = place.store.replication.states.rows["nas"]
    assert (state.walked, state.walk_ended_at) == (7, place.store.clock.now())


async def test_what_went_missing_or_lost_its_end_in_a_replica_is_copied_again_by_the_next_walk(
    place: Place, keep: Keep
) -> None:
    lost, cut = await place.photo(b"the first"), await place.photo(b"the second")
    await keep("nas")
    del place.nas.blobs[lost.blob_key]
    place.nas.blobs[cut.blob_key] = b"the s"

    place.store.clock.time += WALK_AGAIN
    assert (await keep("nas")).done == {}
    place.store.clock.time += timedelta(seconds=1)
    kept = await keep("nas")

    assert kept.done == {"copied": 2}
    assert place.originals(place.nas) == place.originals(place.primary)


async def test_a_replica_that_is_away_is_left_alone_for_a_while_and_catches_up_by_itself(
    place: Place, keep: Keep
) -> None:
    await place.photo(b"a picture")
    place.nas.failing = {"open", "head", "mend", "put", "list", "delete"}

    first = await keep("nas")
    second = await keep("nas")
    place.nas.failing.clear()
    still_rests = await keep("nas")
    place.store.clock.time += timedelta(minutes=2)
    caught_up = await keep("nas")

    assert first.failure == "the fake fails at head, as told"
    assert (second.failure, still_rests.done) == (None, {}), "not asked at all"
    assert caught_up.done["copied"] == 1
    assert place.store.replication.states.rows["nas"].failing_since is None


async def test_a_store_that_fails_midway_keeps_what_was_done(place: Place, keep: Keep) -> None:
    await keep("nas")
    for number in range(6):
        await place.photo(b"picture %d" % number)
    begun = 0

    class Failing(set[str]):
        """From the fifth copy on."""

        def __contains__(self, name: object) -> bool:
            nonlocal begun
            begun += name == "mend"
            return name == "mend" and begun > 4

    place.nas.failing = Failing()
    kept = await keep("nas")

    assert (kept.done["copied"], kept.failure) == (4, "the fake fails at mend, as told")
    assert place.store.replication.planned().count(("nas", Action.COPY)) == 2


async def test_the_primary_being_away_is_no_fault_of_the_photos(place: Place, keep: Keep) -> None:
    photo = await place.photo(b"a picture")
    place.primary.failing = {"open"}

    kept = await keep("nas")

    assert kept.failure == ("No store gives the original: primary: the fake fails at open, as told; far lacks it.")
    assert place.store.replication.tasks.rows[photo.id, "nas"].attempts == 0


async def test_a_walk_gets_past_what_cannot_be_read_and_leaves_a_row(place: Place, keep: Keep) -> None:
    photos = [await place.photo(b"picture %d" % number, new=False) for number in range(BATCH + 9)]
    unreadable = photos[5].blob_key
    place.primary.unreadable.add(unreadable)

    turns = list[Kept]()
    for _ in range(4):
        turns.append(await keep("nas"))
        place.store.clock.time += timedelta(seconds=10)

    assert turns[0].failure is not None
    assert place.originals(place.nas).keys() == {photo.blob_key for photo in photos} - {unreadable}
    assert place.store.replication.planned() == [("nas", Action.COPY)]
    assert place.store.replication.states.rows["nas"].walk_ended_at is not None


async def told_of(place: Place, photo: Photo) -> None:
    """As somebody who read it in the primary tells."""
    original = await (await get(place.container, Originals)).find(photo.blob_key)
    assert original is not None
    await (await get(place.container, DamageReports)).report(original, PRIMARY)


async def test_what_lies_on_a_bad_spot_of_the_primary_is_mended(place: Place, keep: Keep) -> None:
    photo = await place.photo(b"a picture")
    await keep("nas")
    place.primary.unreadable.add(photo.blob_key)
    await told_of(place, photo)

    kept = await keep(PRIMARY)

    assert (kept.done, kept.failure) == ({"mended": 1}, None)
    assert place.primary.unreadable == set()


async def test_wrong_bytes_are_never_copied_and_the_store_that_has_them_is_mended(place: Place, keep: Keep) -> None:
    photo = await place.photo(b"a picture")
    await keep("far")
    place.primary.blobs[photo.blob_key] = b"a pictuRe"

    copied = await keep("nas")
    mended = await keep("primary")

    assert copied.done["copied"] == 1
    assert place.nas.blobs[photo.blob_key] == b"a picture", "from the other replica"
    assert mended.done == {"mended": 1}
    assert place.primary.blobs[photo.blob_key] == b"a picture"


async def test_an_original_that_no_store_has_is_told_and_looked_for_again_ever_more_seldom(
    place: Place, keep: Keep
) -> None:
    photo = await place.photo(b"a picture")
    another = await place.photo(b"another")
    del place.primary.blobs[photo.blob_key]

    kept = await keep("nas")

    task = place.store.replication.tasks.rows[photo.id, "nas"]
    assert (kept.done["lost"], kept.done["copied"], kept.failure) == (2, 1, None), "by the task, and by the walk"
    assert task.failure == "No store gives the original: primary lacks it; far lacks it."
    assert task.due_at > place.store.clock.now()
    assert another.blob_key in place.nas.blobs


async def test_photos_deleted_meanwhile_are_no_error(place: Place, keep: Keep) -> None:
    await keep("nas")
    photo = await place.photo(b"a picture")
    await use(place.container, DeletePhoto)(actor=photo.owner_id, photo_id=photo.id)
    del place.primary.blobs[photo.blob_key]

    kept = await keep("nas")

    assert (kept.done, kept.failure) == ({"deleted": 1}, None)


async def test_deletions_reach_every_replica_when_it_is_there_again(place: Place, keep: Keep) -> None:
    photo = await place.photo(b"a picture")
    await keep("nas")
    await keep("far")
    place.far.failing = {"head", "delete"}

    await use(place.container, DeletePhoto)(actor=photo.owner_id, photo_id=photo.id)
    await keep("far")
    await keep("nas")
    gone_first = place.originals(place.nas) == {} != place.originals(place.far)
    place.far.failing.clear()
    place.store.clock.time += timedelta(minutes=2)
    await keep("far")

    assert gone_first
    assert place.originals(place.far) == {}
    assert place.store.replication.planned() == []


async def test_a_photo_deleted_while_the_primary_was_mended_leaves_nothing_in_it(place: Place, keep: Keep) -> None:
    photo = await place.photo(b"a picture")
    await keep("nas")
    del place.primary.blobs[photo.blob_key]

    class Deleting(dict[BlobKey, bytes]):
        """The photo goes in the moment in which its bytes come."""

        def __setitem__(self, key: BlobKey, content: bytes) -> None:
            super().__setitem__(key, content)
            if key == photo.blob_key:
                place.store.photos.rows.clear()

    place.primary.blobs = Deleting(place.primary.blobs)
    kept = await use(place.container, KeepReplica)(store="primary", anew=True)

    assert kept.done == {"gone": 1}
    assert place.originals(place.primary) == {}


async def test_a_primary_that_lost_everything_is_filled_again_when_told_to(place: Place, keep: Keep) -> None:
    photos = [await place.photo(b"picture %d" % number) for number in range(3)]
    await keep("nas")
    await keep("primary")
    place.primary.blobs.clear()

    refused = await keep("primary")
    walked = list[int]()
    anew = use(place.container, KeepReplica)
    kept = await anew(store="primary", anew=True, told=lambda state: walked.append(state.walked))

    assert refused.failure is not None
    assert refused.failure.startswith("It does not hold what it held.")
    assert kept.done == {"copied": 3}
    assert walked[-1] == 3
    assert place.originals(place.primary).keys() == {photo.blob_key for photo in photos}


async def test_a_folder_without_its_disk_is_not_taken_for_an_empty_replica(place: Place, keep: Keep) -> None:
    await place.photo(b"a picture")
    await keep("nas")
    place.nas.blobs.clear()
    await place.photo(b"another")

    kept = await keep("nas")
    await use(place.container, ForgetReplica)(store="nas")
    anew = await keep("nas")

    assert kept.failure is not None
    assert kept.failure.startswith("It does not hold what it held. Is its disk there")
    assert anew.done == {"copied": 2}


async def test_a_store_of_another_installation_is_left_alone(place: Place, keep: Keep) -> None:
    place.nas.blobs[blob_key("installation/of-another")] = b""
    await place.photo(b"a picture")

    kept = await keep("nas")

    assert kept.failure is not None
    assert kept.failure.startswith("It belongs to another installation: it holds installation/of-another")
    assert place.originals(place.nas) == {}


async def test_a_turn_ends_though_there_is_more_so_that_others_get_theirs(place: Place, keep: Keep) -> None:
    place.store.replication.turn = timedelta(0)
    for number in range(BATCH + 5):
        await place.photo(b"picture %d" % number, new=False)

    first, second = await keep("nas"), await keep("nas")

    assert (first.done, second.done) == ({"copied": BATCH}, {"copied": 5})
    assert place.originals(place.nas) == place.originals(place.primary)


async def test_only_a_replica_that_is_or_was_can_be_forgotten(place: Place, keep: Keep) -> None:
    await place.photo(b"a picture")
    await keep("nas")

    await use(place.container, ForgetReplica)(store="nas")
    for name in ("nsa", PRIMARY):
        with pytest.raises(ReplicaNotFound):
            await use(place.container, ForgetReplica)(store=name)

    assert place.store.replication.planned() == [("far", Action.COPY)]


async def test_what_the_settings_do_not_have_is_not_looked_after(keep: Keep) -> None:
    with pytest.raises(ReplicaNotFound):
        await keep("nobody")
