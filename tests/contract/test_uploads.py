"""What the upload room may rely on, wherever uploads are kept."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from dishka import AsyncContainer

from photostore.shared.blobs import BlobKey, MultipartId
from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import UploadId
from photostore.upload.commands.start_upload import StartUpload
from photostore.upload.errors import UploadBusy, UploadNotFound
from photostore.upload.ports import BlobReferences, UploadRepository
from photostore.upload.queries import UploadQueries
from photostore.upload.reception import HOLD, Reception
from photostore.upload.upload import OPEN_STATES, Door, Upload, UploadState
from photostore.user.errors import UserNotFound
from tests.builders import a_direct_upload, a_photo, a_photo_id, a_tus_upload, a_user_id, an_upload, as_uuids
from tests.fakes.system import NOW
from tests.using import get, stored, transaction, use

PAST = NOW - timedelta(hours=1)


async def read(adapters: AsyncContainer, upload: Upload) -> Upload:
    async with transaction(adapters, UploadRepository) as uploads:
        return await uploads.get(upload.id, owner=upload.owner_id)


async def expired(adapters: AsyncContainer, *, limit: int = 10) -> Sequence[Upload]:
    async with transaction(adapters, UploadRepository) as uploads:
        return await uploads.expired(before=NOW, limit=limit)


async def test_an_upload_comes_back_as_it_was_kept(adapters: AsyncContainer) -> None:
    upload = await stored(adapters, an_upload(reserved_bytes=500))

    kept = await read(adapters, upload)

    assert (kept.owner_id, kept.blob_key, kept.reserved_bytes) == (upload.owner_id, upload.blob_key, 500)
    assert (kept.state, kept.reason, kept.photo_id) == (UploadState.PENDING, None, None)
    assert (kept.created_at, kept.expires_at, kept.version) == (NOW, upload.expires_at, 1)


async def test_what_was_announced_comes_back_too(adapters: AsyncContainer) -> None:
    upload = a_direct_upload(multipart_id=MultipartId("m"), sha256=bytes(32), hashtags=["sea"])
    until = upload.begin_completing(now=NOW)
    await stored(adapters, upload)

    for kept in (
        await read(adapters, upload),
        await (await get(adapters, UploadQueries)).get(upload.id, owner=upload.owner_id),
    ):
        assert (kept.door, kept.filename, kept.content_type) == (Door.DIRECT, "holiday.jpg", "image/jpeg")
        assert (kept.byte_size, kept.part_bytes, kept.multipart_id) == (1000, 1000, "m")
        assert (kept.details, kept.completing_until) == (upload.details, until)


async def test_how_far_one_has_come_comes_back_and_changes(adapters: AsyncContainer) -> None:
    upload = await stored(adapters, a_tus_upload(byte_size=None, metadata="filename YQ=="))
    holder, tail = a_user_id(), BlobKey(f"tails/ab/{upload.id}.1")
    begun = await read(adapters, upload)

    async with transaction(adapters, UploadRepository) as uploads:
        coming = await uploads.get(upload.id, owner=upload.owner_id)
        assert coming.reception is not None
        coming.reception.hold(holder, now=NOW)
        coming.reception.take_in(received_bytes=500, tail_key=tail)
        coming.tell_length(2000)
        coming.make_room(2000)
        await uploads.save(coming)

    assert begun.reception == Reception(metadata="filename YQ==")
    for kept in (
        await read(adapters, upload),
        await (await get(adapters, UploadQueries)).get(upload.id, owner=upload.owner_id),
    ):
        assert (kept.door, kept.byte_size, kept.reserved_bytes, kept.received_bytes) == (Door.TUS, 2000, 2000, 500)
        assert kept.reception == Reception(
            received_bytes=500, tail_key=tail, held_by=holder, held_until=NOW + HOLD, metadata="filename YQ=="
        )


async def test_a_tail_is_named_as_long_as_its_upload_is_open(adapters: AsyncContainer) -> None:
    tails = [BlobKey(f"tails/ab/{number}") for number in range(3)]
    for tail, state in zip(tails, (UploadState.PENDING, UploadState.REJECTED), strict=False):
        upload = a_tus_upload()
        assert upload.reception is not None
        upload.reception.take_in(received_bytes=500, tail_key=tail)
        upload.state = state
        await stored(adapters, upload)

    async with transaction(adapters, BlobReferences) as references:
        assert set(await references.unreferenced(tails)) == set(tails[1:])


async def test_of_many_that_send_at_once_one_holds_the_upload(adapters: AsyncContainer) -> None:
    upload = await stored(adapters, a_tus_upload())

    async def hold() -> bool:
        try:
            async with transaction(adapters, UploadRepository) as uploads:
                found = await uploads.get(upload.id, owner=upload.owner_id)
                assert found.reception is not None
                found.reception.hold(a_user_id(), now=NOW)
                await uploads.save(found)
        except UploadBusy:
            return False
        return True

    assert sum(await asyncio.gather(*(hold() for _ in range(10)))) == 1


async def test_uploads_are_listed_newest_first_by_state_and_for_their_owner_alone(adapters: AsyncContainer) -> None:
    uploads = await get(adapters, UploadQueries)
    first = await stored(adapters, an_upload())
    owner = first.owner_id
    second = await stored(adapters, an_upload(owner_id=owner, state=UploadState.REJECTED))
    await stored(adapters, an_upload())

    everything = await uploads.list(owner, state=None, after=None, limit=10)
    rejected = await uploads.list(owner, state=UploadState.REJECTED, after=None, limit=10)
    rest = await uploads.list(owner, state=None, after=second.id, limit=10)

    assert as_uuids(everything) == [second.id, first.id]
    assert (as_uuids(rejected), as_uuids(rest)) == ([second.id], [first.id])
    assert len(await uploads.list(owner, state=None, after=None, limit=1)) == 1
    with pytest.raises(UploadNotFound):
        await uploads.get(first.id, owner=a_user_id())


async def test_one_that_someone_is_completing_has_not_expired_until_their_claim_has(adapters: AsyncContainer) -> None:
    claimed = a_direct_upload(expires_at=PAST)
    claimed.begin_completing(now=NOW)
    given_up = a_direct_upload(expires_at=PAST)
    given_up.begin_completing(now=PAST - timedelta(hours=1))
    for upload in (claimed, given_up):
        await stored(adapters, upload)

    assert as_uuids(await expired(adapters)) == [given_up.id]


async def test_an_absent_upload_and_someone_elses_are_not_found(adapters: AsyncContainer) -> None:
    upload = await stored(adapters, an_upload())

    async with transaction(adapters, UploadRepository) as uploads:
        with pytest.raises(UploadNotFound):
            await uploads.get(upload.id, owner=a_user_id())
        with pytest.raises(UploadNotFound):
            await uploads.get(UploadId(a_user_id()), owner=upload.owner_id)


async def test_its_end_is_kept(adapters: AsyncContainer) -> None:
    completed, aborted, photo_id = (
        await stored(adapters, an_upload()),
        await stored(adapters, an_upload()),
        a_photo_id(),
    )

    async with transaction(adapters, UploadRepository) as uploads:
        one = await uploads.get(completed.id, owner=completed.owner_id)
        one.complete(photo_id, now=NOW)
        await uploads.save(one)
        other = await uploads.get(aborted.id, owner=aborted.owner_id)
        other.end(UploadState.ABORTED, reason="it broke off", now=NOW)
        await uploads.save(other)

    one, other = await read(adapters, completed), await read(adapters, aborted)
    assert (one.state, one.photo_id, one.version) == (UploadState.COMPLETED, photo_id, 2)
    assert (other.state, other.reason, other.photo_id) == (UploadState.ABORTED, "it broke off", None)


async def test_a_second_writer_of_what_was_read_before_is_refused(adapters: AsyncContainer) -> None:
    upload = await stored(adapters, an_upload())
    first, second = await read(adapters, upload), await read(adapters, upload)
    first.complete(a_photo_id(), now=NOW)
    async with transaction(adapters, UploadRepository) as uploads:
        await uploads.save(first)

    second.end(UploadState.EXPIRED, reason="too late", now=NOW)
    with pytest.raises(ConcurrentUpdate):
        async with transaction(adapters, UploadRepository) as uploads:
            await uploads.save(second)

    assert (await read(adapters, upload)).state is UploadState.COMPLETED


async def test_what_is_rolled_back_was_never_begun(adapters: AsyncContainer) -> None:
    known = await stored(adapters, an_upload())
    upload = an_upload(owner_id=known.owner_id)

    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - all of it is what fails
        async with transaction(adapters, UploadRepository) as uploads:
            await uploads.add(upload)
            raise ZeroDivisionError

    with pytest.raises(UploadNotFound):
        await read(adapters, upload)


async def test_an_account_that_is_gone_cannot_begin_one(adapters: AsyncContainer) -> None:
    with pytest.raises(UserNotFound):
        await use(adapters, StartUpload)(actor=a_user_id(), at_most=None)


async def test_open_ones_whose_time_is_over_are_found_the_longest_over_first(adapters: AsyncContainer) -> None:
    just, long_ago = [await stored(adapters, an_upload(expires_at=PAST - timedelta(days=days))) for days in (0, 1)]
    await stored(adapters, an_upload(expires_at=NOW))
    for state in set(UploadState) - set(OPEN_STATES):
        await stored(adapters, an_upload(expires_at=PAST, state=state))

    assert as_uuids(await expired(adapters)) == [long_ago.id, just.id]
    assert as_uuids(await expired(adapters, limit=1)) == [long_ago.id]


async def test_ones_that_another_transaction_holds_are_passed_over(adapters: AsyncContainer) -> None:
    held, free = [await stored(adapters, an_upload(expires_at=PAST)) for _ in range(2)]

    async with transaction(adapters, UploadRepository) as uploads:
        await uploads.get(held.id, owner=held.owner_id)
        found_meanwhile = await expired(adapters)

    assert as_uuids(found_meanwhile) == [free.id]
    assert set(as_uuids(await expired(adapters))) == {held.id, free.id}


async def test_two_sweeps_at_once_find_different_ones(adapters: AsyncContainer) -> None:
    all_of_them = [await stored(adapters, an_upload(expires_at=PAST)) for _ in range(4)]

    async with transaction(adapters, UploadRepository) as uploads:
        first = as_uuids(await uploads.expired(before=NOW, limit=2))
        second = as_uuids(await expired(adapters, limit=4))

    assert len(first) == 2
    assert sorted(first + second) == sorted(as_uuids(all_of_them))


async def test_bytes_are_referenced_by_photos_and_open_uploads_alone(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo())
    uploads = [await stored(adapters, an_upload(state=state)) for state in OPEN_STATES]
    named = [photo.blob_key, *(upload.blob_key for upload in uploads)]
    ended = (await stored(adapters, an_upload(state=UploadState.REJECTED))).blob_key
    unknown = BlobKey("originals/nobody/nothing")

    async with transaction(adapters, BlobReferences) as references:
        unreferenced = await references.unreferenced([*named, ended, unknown])
        of_none = await references.unreferenced([])

    assert set(unreferenced) == {ended, unknown}
    assert list(of_none) == []


async def test_the_open_ones_of_an_owner_are_found_and_no_others(adapters: AsyncContainer) -> None:
    pending = await stored(adapters, an_upload())
    owner = pending.owner_id
    completing = await stored(adapters, an_upload(owner_id=owner, state=UploadState.COMPLETING))
    await stored(adapters, an_upload(owner_id=owner, state=UploadState.COMPLETED))
    await stored(adapters, an_upload())

    async with transaction(adapters, UploadRepository) as uploads:
        found = await uploads.open_of(owner)

    assert sorted(as_uuids(found)) == sorted([pending.id, completing.id])


async def test_those_that_ended_and_are_over_are_forgotten(adapters: AsyncContainer) -> None:
    over = await stored(adapters, an_upload(state=UploadState.REJECTED, expires_at=PAST))
    recent = await stored(adapters, an_upload(state=UploadState.REJECTED, expires_at=NOW))
    unfinished = await stored(adapters, an_upload(expires_at=PAST))

    async with transaction(adapters, UploadRepository) as uploads:
        forgotten = await uploads.forget(before=NOW)

    assert forgotten == 1
    assert (await read(adapters, recent)).id == recent.id
    assert (await read(adapters, unfinished)).id == unfinished.id
    with pytest.raises(UploadNotFound):
        await read(adapters, over)


async def test_a_database_has_one_id_for_ever(adapters: AsyncContainer) -> None:
    async with transaction(adapters, BlobReferences) as references:
        first = await references.installation()
    async with transaction(adapters, BlobReferences) as references:
        again = await references.installation()

    assert first == again
