"""Uploads that come piece by piece, as their use cases see them."""

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import pytest
from dishka import AsyncContainer

from photostore.quota.errors import QuotaExceeded
from photostore.shared.blobs import MIN_PART_BYTES, BlobStoreUnavailable
from photostore.shared.ids import UserId
from photostore.upload.commands.abort_upload import AbortUpload
from photostore.upload.commands.complete_direct_upload import CompleteDirectUpload
from photostore.upload.commands.expire_uploads import ExpireUploads
from photostore.upload.commands.receive_bytes import Piece, Receipt, ReceiveBytes
from photostore.upload.commands.show_resumable_upload import ShowResumableUpload
from photostore.upload.commands.start_resumable_upload import StartResumableUpload
from photostore.upload.commands.sweep_blobs import SweepBlobs
from photostore.upload.details import UploadDetails
from photostore.upload.errors import (
    ChecksumMismatch,
    PieceChecksumMismatch,
    UploadBusy,
    UploadHoldLost,
    UploadIncomplete,
    UploadInterrupted,
    UploadLengthInvalid,
    UploadNotFound,
    UploadOffsetMismatch,
    UploadTooLarge,
)
from photostore.upload.pictures import UnsupportedImage
from photostore.upload.reception import HOLD
from photostore.upload.upload import Upload, UploadState
from tests.builders import a_picture, a_user, upload_limits
from tests.fakes.jobs import run_jobs
from tests.fakes.store import FakeQuota, FakeStore
from tests.using import stored, use

PART = MIN_PART_BYTES
# Two parts, and one that is shorter.
LARGE = a_picture("large", byte_size=2 * PART + 12_345)
SMALL = a_picture("small", byte_size=2000)
CHUNK = 1 << 18


@pytest.fixture
def store() -> FakeStore:
    return FakeStore(limits=upload_limits(max_bytes=1 << 30))


@pytest.fixture
async def owner(container: AsyncContainer) -> UserId:
    return (await stored(container, a_user())).id


class Sender:
    """A client that sends one file."""

    def __init__(self, container: AsyncContainer, owner: UserId, content: bytes) -> None:
        self.container = container
        self.owner = owner
        self.content = content
        self.upload: Upload

    async def start(self, *, deferred: bool = False, sha256: bytes | None = None) -> None:
        receipt = await use(self.container, StartResumableUpload)(
            actor=self.owner,
            filename="sea.jpg",
            content_type="image/jpeg",
            byte_size=None if deferred else len(self.content),
            details=UploadDetails(sha256=sha256),
            metadata=None,
        )
        self.upload = receipt.upload

    async def send(
        self, start: int = 0, end: int | None = None, *, breaks: BaseException | None = None, **told: Any
    ) -> Receipt:
        """The bytes from `start` to `end`; there the connection `breaks`."""
        piece = Piece(offset=start, chunks=chunks(self.content[start:end], breaks), **told)
        return await use(self.container, ReceiveBytes)(actor=self.owner, upload_id=self.upload.id, piece=piece)

    async def offset(self) -> int:
        show = use(self.container, ShowResumableUpload)
        return (await show(actor=self.owner, upload_id=self.upload.id)).received_bytes


async def chunks(content: bytes, breaks: BaseException | None = None) -> AsyncIterator[bytes]:
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]
    if breaks is not None:
        raise breaks


async def sender(container: AsyncContainer, owner: UserId, content: bytes = LARGE, **told: Any) -> Sender:
    made = Sender(container, owner, content)
    await made.start(**told)
    return made


def photo_bytes(store: FakeStore) -> list[bytes]:
    return [store.blobs.blobs[photo.blob_key] for photo in store.photos.rows.values()]


async def assert_nothing_but_photos(container: AsyncContainer, store: FakeStore) -> None:
    await run_jobs(container, store)
    left = {key for key in store.blobs.blobs if key.startswith(("originals/", "tails/"))}
    assert left == {photo.blob_key for photo in store.photos.rows.values()}
    assert store.blobs.multiparts == {}
    used = sum(photo.byte_size for photo in store.photos.rows.values())
    assert [(quota.used, quota.reserved) for quota in store.quotas.rows.values()] == [(used, 0)]


@pytest.mark.parametrize("content", [SMALL, LARGE, LARGE[: 2 * PART]])
async def test_a_file_in_one_piece_becomes_a_photo(
    container: AsyncContainer, store: FakeStore, owner: UserId, content: bytes
) -> None:
    client = await sender(container, owner, content)
    assert store.quotas.rows[owner] == FakeQuota(None, reserved=len(content))

    receipt = await client.send()

    assert receipt.received_bytes == len(content)
    assert receipt.uploaded is not None
    assert photo_bytes(store) == [content]
    await assert_nothing_but_photos(container, store)


@pytest.mark.parametrize("cut", [1, 600_000, PART, PART + 1, 2 * PART, len(LARGE) - 1])
async def test_what_broke_off_is_kept_and_gone_on_with(
    container: AsyncContainer, store: FakeStore, owner: UserId, cut: int
) -> None:
    client = await sender(container, owner)

    with pytest.raises(UploadInterrupted):
        await client.send(0, cut, breaks=UploadInterrupted("the client went away"))
    offset = await client.offset()
    receipt = await client.send(offset)

    assert offset == cut
    assert receipt.uploaded is not None
    assert photo_bytes(store) == [LARGE]
    await assert_nothing_but_photos(container, store)


async def test_many_small_pieces_make_one_photo(container: AsyncContainer, store: FakeStore, owner: UserId) -> None:
    client = await sender(container, owner)

    for start in range(0, len(LARGE), 700_001):
        await client.send(start, start + 700_001)

    assert photo_bytes(store) == [LARGE]
    await assert_nothing_but_photos(container, store)


async def test_a_request_that_is_cancelled_keeps_what_came(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    client = await sender(container, owner)

    with pytest.raises(asyncio.CancelledError):
        await client.send(0, 1000, breaks=asyncio.CancelledError())

    assert await client.offset() == 1000
    assert (await client.send(1000)).uploaded is not None


async def test_bytes_that_do_not_follow_are_refused(container: AsyncContainer, owner: UserId) -> None:
    client = await sender(container, owner)
    await client.send(0, 1000)

    for offset in (0, 999, 1001):
        with pytest.raises(UploadOffsetMismatch):
            await client.send(offset)

    assert await client.offset() == 1000


async def test_more_than_was_announced_is_refused(container: AsyncContainer, store: FakeStore, owner: UserId) -> None:
    client = await sender(container, owner, SMALL)
    client.content = SMALL + b"more"

    for at_most in (None, len(SMALL) + 4):
        with pytest.raises(UploadTooLarge):
            await client.send(at_most=at_most)

    assert await client.offset() == 0
    assert (await client.send(0, len(SMALL))).uploaded is not None


@pytest.mark.parametrize("end", [1000, PART + 1000, None])
async def test_bytes_that_are_not_those_of_their_checksum_are_not_kept(
    container: AsyncContainer, store: FakeStore, owner: UserId, end: int | None
) -> None:
    client = await sender(container, owner)
    await client.send(0, 500)

    with pytest.raises(PieceChecksumMismatch):
        await client.send(500, end, sha256=bytes(32))
    with pytest.raises(UploadInterrupted):
        await client.send(500, end, sha256=bytes(32), breaks=UploadInterrupted("unverified"))
    offset = await client.offset()
    with pytest.raises(UploadIncomplete):
        await use(container, CompleteDirectUpload)(actor=owner, upload_id=client.upload.id)
    receipt = await client.send(500, sha256=sha256(LARGE[500:]).digest())

    assert offset == 500
    assert receipt.uploaded is not None
    assert photo_bytes(store) == [LARGE]
    await assert_nothing_but_photos(container, store)


async def test_of_two_that_send_at_once_one_does(container: AsyncContainer, store: FakeStore, owner: UserId) -> None:
    client = await sender(container, owner)
    begun, go = asyncio.Event(), asyncio.Event()

    async def waiting() -> AsyncIterator[bytes]:
        begun.set()
        await go.wait()
        yield LARGE

    receive = use(container, ReceiveBytes)
    first = asyncio.ensure_future(
        receive(actor=owner, upload_id=client.upload.id, piece=Piece(offset=0, chunks=waiting()))
    )
    await begun.wait()
    with pytest.raises(UploadBusy):
        await client.send()
    go.set()

    assert (await first).uploaded is not None
    await assert_nothing_but_photos(container, store)


async def test_a_dead_connection_is_in_nobodys_way_for_long(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    client = await sender(container, owner)
    begun, go = asyncio.Event(), asyncio.Event()

    async def hanging() -> AsyncIterator[bytes]:
        yield LARGE[: PART + 1000]
        begun.set()
        await go.wait()
        raise UploadInterrupted("dead at last")

    receive = use(container, ReceiveBytes)
    dead = asyncio.ensure_future(
        receive(actor=owner, upload_id=client.upload.id, piece=Piece(offset=0, chunks=hanging()))
    )
    await begun.wait()
    store.clock.advance(seconds=HOLD.total_seconds() + 1)
    offset = await client.offset()
    with pytest.raises(UploadInterrupted):
        await client.send(offset, offset + 10, breaks=UploadInterrupted("again"))
    go.set()
    with pytest.raises(UploadInterrupted):
        await dead

    assert offset == PART
    assert await client.offset() == PART + 10
    assert (await client.send(PART + 10)).uploaded is not None
    assert photo_bytes(store) == [LARGE]
    await assert_nothing_but_photos(container, store)


async def test_who_sends_on_after_it_was_taken_over_is_stopped(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    client = await sender(container, owner)

    async def slow() -> AsyncIterator[bytes]:
        yield LARGE[:1000]
        store.clock.advance(seconds=HOLD.total_seconds() + 1)
        await client.send(0, 500)
        yield LARGE[1000:]

    with pytest.raises(UploadHoldLost):
        await use(container, ReceiveBytes)(
            actor=owner, upload_id=client.upload.id, piece=Piece(offset=0, chunks=slow())
        )

    assert await client.offset() == 500
    assert (await client.send(500)).uploaded is not None
    assert photo_bytes(store) == [LARGE]


async def test_a_slow_client_keeps_its_hold(container: AsyncContainer, store: FakeStore, owner: UserId) -> None:
    client = await sender(container, owner)
    refused: list[type[Exception]] = []

    async def slow() -> AsyncIterator[bytes]:
        for start in range(0, len(LARGE), 1 << 20):
            yield LARGE[start : start + (1 << 20)]
            store.clock.advance(seconds=HOLD.total_seconds() / 2 + 1)
            try:
                await client.send(0)
            except (UploadBusy, UploadOffsetMismatch) as error:
                refused.append(type(error))

    piece = Piece(offset=0, chunks=slow())
    receipt = await use(container, ReceiveBytes)(actor=owner, upload_id=client.upload.id, piece=piece)

    assert receipt.uploaded is not None
    assert set(refused) == {UploadBusy, UploadOffsetMismatch}


async def test_a_length_that_is_told_later_takes_quota_as_bytes_come(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    client = await sender(container, owner, deferred=True)

    await client.send(0, PART + 1000)
    halfway = store.quotas.rows[owner].reserved
    await client.send(PART + 1000)
    receipt = await client.send(len(LARGE), byte_size=len(LARGE))

    assert halfway == PART + 1000
    assert receipt.uploaded is not None
    assert photo_bytes(store) == [LARGE]
    await assert_nothing_but_photos(container, store)


async def test_a_length_is_told_after_bytes_that_fill_their_last_part(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    whole_parts = a_picture("whole", byte_size=2 * PART)
    client = await sender(container, owner, whole_parts, deferred=True)
    await client.send()

    receipt = await client.send(len(whole_parts), byte_size=len(whole_parts))

    assert receipt.uploaded is not None
    assert photo_bytes(store) == [whole_parts]
    await assert_nothing_but_photos(container, store)


async def test_without_a_length_no_byte_passes_the_quota(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    store.quotas.rows[owner].quota = PART + 1000
    client = await sender(container, owner, deferred=True)

    with pytest.raises(QuotaExceeded):
        await client.send()
    kept = await client.offset()
    with pytest.raises(QuotaExceeded):
        await client.send(kept, kept, byte_size=len(LARGE))

    assert kept == PART
    assert store.quotas.rows[owner].reserved == PART
    assert (await client.send(PART, PART + 1000)).received_bytes == PART + 1000


async def test_a_length_does_not_change_and_is_not_less_than_there_is(container: AsyncContainer, owner: UserId) -> None:
    client = await sender(container, owner, deferred=True)
    await client.send(0, 1000)

    with pytest.raises(UploadLengthInvalid):
        await client.send(1000, 1000, byte_size=999)
    await client.send(1000, 1000, byte_size=2000)
    await client.send(1000, 1001, byte_size=2000)
    with pytest.raises(UploadLengthInvalid):
        await client.send(1001, 1001, byte_size=3000)


async def test_without_a_length_the_limit_holds_too(container: AsyncContainer, owner: UserId, store: FakeStore) -> None:
    store.limits = upload_limits(max_bytes=1500)
    client = await sender(container, owner, deferred=True)

    with pytest.raises(UploadTooLarge):
        await client.send()


async def test_bytes_that_are_no_picture_end_it(container: AsyncContainer, store: FakeStore, owner: UserId) -> None:
    client = await sender(container, owner, bytes(2000))

    with pytest.raises(UnsupportedImage):
        await client.send()

    assert store.uploads.rows[client.upload.id].state is UploadState.REJECTED
    with pytest.raises(UploadNotFound):
        await client.offset()
    with pytest.raises(UploadNotFound):
        await client.send(2000)
    await assert_nothing_but_photos(container, store)


async def test_bytes_other_than_declared_end_it(container: AsyncContainer, store: FakeStore, owner: UserId) -> None:
    client = await sender(container, owner, SMALL, sha256=bytes(32))

    with pytest.raises(ChecksumMismatch):
        await client.send()

    await assert_nothing_but_photos(container, store)


async def test_bytes_that_the_owner_has_need_not_be_sent(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    await (await sender(container, owner, SMALL)).send()

    again = await sender(container, owner, SMALL, sha256=sha256(SMALL).digest())

    assert again.upload.photo_id == next(iter(store.photos.rows))
    assert await again.offset() == len(SMALL)
    assert (await again.send(len(SMALL))).uploaded is not None
    await assert_nothing_but_photos(container, store)


async def test_one_whose_end_was_lost_is_completed_when_it_is_looked_at(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    client = await sender(container, owner)
    store.blobs.failing = {"complete"}
    with pytest.raises(BlobStoreUnavailable):
        await client.send()
    store.blobs.failing = set()

    shown = await use(container, ShowResumableUpload)(actor=owner, upload_id=client.upload.id)

    assert shown.uploaded is not None
    assert photo_bytes(store) == [LARGE]
    await assert_nothing_but_photos(container, store)


@pytest.mark.parametrize("commits", range(1, 8))
async def test_wherever_the_service_dies_the_offset_is_true(
    container: AsyncContainer, store: FakeStore, owner: UserId, commits: int
) -> None:
    client = await sender(container, owner)
    await client.send(0, 1000)
    store.fail_after_commits(commits)
    try:
        await client.send(1000)
    except Exception:  # noqa: BLE001 - whatever it is, the database is down
        assert store.unavailable
    store.unavailable = False
    store.clock.advance(seconds=HOLD.total_seconds() + 60)

    offset = await client.offset()
    if offset < len(LARGE):
        await client.send(offset)

    assert photo_bytes(store) == [LARGE]


@pytest.mark.parametrize("commits", [1, 2, 3])
async def test_a_commit_whose_answer_is_lost_loses_no_byte(
    container: AsyncContainer, store: FakeStore, owner: UserId, commits: int
) -> None:
    client = await sender(container, owner)
    await client.send(0, 1000)
    store.deaf_after_commits(commits)
    try:
        await client.send(1000, PART + 2000)
    except Exception:  # noqa: BLE001 - the database says that it failed
        store.clock.advance(seconds=HOLD.total_seconds() + 1)

    await client.send(await client.offset())

    assert photo_bytes(store) == [LARGE]


@pytest.mark.parametrize("failing", ["put_part", "put", "put_end", "open"])
async def test_a_fault_of_the_store_costs_nothing_but_the_piece(
    container: AsyncContainer, store: FakeStore, owner: UserId, failing: str
) -> None:
    client = await sender(container, owner)
    await client.send(0, 1000)
    store.blobs.failing = {failing}
    with pytest.raises(BlobStoreUnavailable):
        await client.send(1000, PART + 2000)
    store.blobs.failing = set()

    offset = await client.offset()
    await client.send(offset)

    assert offset in (1000, PART)
    assert photo_bytes(store) == [LARGE]


async def test_one_that_expires_leaves_nothing(container: AsyncContainer, store: FakeStore, owner: UserId) -> None:
    client = await sender(container, owner)
    await client.send(0, PART + 1000)
    store.clock.advance(days=2)

    with pytest.raises(UploadNotFound):
        await client.send(PART + 1000)
    await use(container, ExpireUploads)()

    assert store.uploads.rows[client.upload.id].state is UploadState.EXPIRED
    await assert_nothing_but_photos(container, store)


async def test_one_that_is_taken_back_while_it_comes_leaves_nothing(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    client = await sender(container, owner)

    async def taken_back() -> AsyncIterator[bytes]:
        yield LARGE[:PART]
        await use(container, AbortUpload)(actor=owner, upload_id=client.upload.id)
        await run_jobs(container, store)
        yield LARGE[PART : 2 * PART]

    piece = Piece(offset=0, chunks=taken_back())
    with pytest.raises(UploadNotFound):
        await use(container, ReceiveBytes)(actor=owner, upload_id=client.upload.id, piece=piece)

    await assert_nothing_but_photos(container, store)


async def test_tails_that_crashes_left_are_swept_and_others_are_not(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    client = await sender(container, owner)
    await client.send(0, 1000)
    reception = store.uploads.rows[client.upload.id].reception
    assert reception is not None
    assert reception.tail_key is not None
    left = f"{reception.tail_key}-left"
    store.blobs.blobs[left] = b"left"  # type: ignore[index]

    await use(container, SweepBlobs)()

    assert left not in store.blobs.blobs
    assert reception.tail_key in store.blobs.blobs
