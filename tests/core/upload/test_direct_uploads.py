"""Uploads straight to the store, as their use cases see them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from hashlib import sha256

import pytest
from dishka import AsyncContainer

from photostore.shared.blobs import MIN_PART_BYTES, BlobStoreUnavailable
from photostore.shared.ids import UserId
from photostore.upload.commands.abort_upload import AbortUpload
from photostore.upload.commands.complete_direct_upload import CompleteDirectUpload
from photostore.upload.commands.expire_uploads import ExpireUploads
from photostore.upload.commands.show_upload import ShowUpload
from photostore.upload.commands.start_direct_upload import StartDirectUpload
from photostore.upload.errors import (
    ChecksumMismatch,
    UploadBeingCompleted,
    UploadEnded,
    UploadIncomplete,
    UploadInvalid,
    UploadTooLarge,
)
from photostore.upload.parts import LARGEST_PART, SINGLE_BYTES, checked_part_bytes, cut, part_bytes
from photostore.upload.pictures import ByteSource, PictureHeader
from photostore.upload.upload import LEASE, Upload, UploadState
from tests.builders import PICTURE_HEAD, a_direct_upload, a_header, a_picture, a_user, an_announced_file, upload_limits
from tests.fakes.jobs import run_jobs
from tests.fakes.picture_inspector import FakePictureInspector
from tests.fakes.store import FakeStore
from tests.using import stored, use

PICTURE = a_picture("large", byte_size=2000)
LARGE = SINGLE_BYTES + 1


class _Interrupting(FakePictureInspector):
    """Something else happens while a picture is looked at."""

    def __init__(self, meanwhile: Callable[[], Awaitable[None]]) -> None:
        super().__init__({PICTURE_HEAD: a_header()})
        self._meanwhile = meanwhile

    async def inspect(self, source: ByteSource) -> PictureHeader:
        await self._meanwhile()
        return await super().inspect(source)


@pytest.fixture
def store() -> FakeStore:
    return FakeStore(limits=upload_limits(max_bytes=1 << 40))


@pytest.fixture
async def owner(container: AsyncContainer) -> UserId:
    return (await stored(container, a_user())).id


async def arrived(
    container: AsyncContainer, store: FakeStore, content: bytes = PICTURE, sha256: bytes | None = None
) -> Upload:
    """An upload of `PICTURE`'s size whose bytes are these."""
    upload = await stored(container, a_direct_upload(byte_size=len(PICTURE), sha256=sha256))
    store.blobs.blobs[upload.blob_key] = content
    return upload


async def complete(container: AsyncContainer, upload: Upload) -> object:
    return await use(container, CompleteDirectUpload)(actor=upload.owner_id, upload_id=upload.id)


@pytest.mark.parametrize("byte_size", [1, SINGLE_BYTES, LARGE, 1 << 30, 10_000 * LARGEST_PART])
def test_parts_are_the_whole_file_and_as_large_as_stores_take_them(byte_size: int) -> None:
    parts = list(cut(byte_size, part_bytes(byte_size)))

    assert sum(part.byte_size for part in parts) == byte_size
    assert (len(parts) == 1) == (byte_size <= SINGLE_BYTES)
    assert len(parts) <= 10_000
    assert all(8 << 20 <= part.byte_size <= LARGEST_PART for part in parts[:-1])


def test_what_no_store_takes_is_too_large() -> None:
    with pytest.raises(UploadTooLarge):
        part_bytes(10_000 * LARGEST_PART + 1)


@pytest.mark.parametrize(("wanted", "byte_size"), [(MIN_PART_BYTES, 1), (LARGEST_PART, 1), (6 << 20, 60_000 << 20)])
def test_a_sender_may_cut_the_file_as_stores_take_it(wanted: int, byte_size: int) -> None:
    assert checked_part_bytes(wanted, byte_size) == wanted


@pytest.mark.parametrize(
    ("wanted", "byte_size"), [(MIN_PART_BYTES - 1, 1), (LARGEST_PART + 1, 1), (6 << 20, (60_000 << 20) + 1)]
)
def test_a_sender_may_not_cut_it_otherwise(wanted: int, byte_size: int) -> None:
    with pytest.raises(UploadInvalid):
        checked_part_bytes(wanted, byte_size)


async def test_what_the_sender_cuts_goes_in_parts_even_where_it_is_one(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    file = an_announced_file(byte_size=len(PICTURE))
    upload = await use(container, StartDirectUpload)(actor=owner, file=file, in_parts_of=MIN_PART_BYTES)
    await send_part(store, upload, 1, PICTURE)

    await complete(container, upload)

    assert [part.byte_size for part in upload.parts] == [len(PICTURE)]
    assert store.blobs.blobs[upload.blob_key] == PICTURE
    assert not store.blobs.multiparts


async def test_of_a_content_type_the_name_alone_is_kept(container: AsyncContainer, owner: UserId) -> None:
    file = an_announced_file(content_type="Image/JPEG; \x00 what=ever")

    upload = await use(container, StartDirectUpload)(actor=owner, file=file)

    assert upload.content_type == "image/jpeg"


async def test_a_refused_start_leaves_no_parts_in_the_store(container: AsyncContainer, store: FakeStore) -> None:
    nobody = a_direct_upload().owner_id

    with pytest.raises(Exception, match="user"):
        await use(container, StartDirectUpload)(actor=nobody, file=an_announced_file(byte_size=LARGE))

    assert not store.blobs.multiparts


async def test_parts_are_joined_and_what_is_missing_is_named(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    content = a_picture("parts", byte_size=LARGE)
    upload = await use(container, StartDirectUpload)(actor=owner, file=an_announced_file(byte_size=LARGE))
    assert upload.multipart_id is not None
    first, *others = upload.parts
    for part in others:
        await send_part(store, upload, part.number, content[part.offset :][: part.byte_size])

    with pytest.raises(UploadIncomplete, match=r"1 of 5 parts are missing: 1\."):
        await complete(container, upload)
    _, shown = await use(container, ShowUpload)(actor=owner, upload_id=upload.id)
    await send_part(store, upload, 1, content[: first.byte_size])
    await complete(container, upload)

    assert [each.received for each in shown] == [False, True, True, True, True]
    assert store.blobs.blobs[upload.blob_key] == content
    assert [photo.sha256 for photo in store.photos.rows.values()] == [sha256(content).digest()]


async def send_part(store: FakeStore, upload: Upload, number: int, content: bytes) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield content

    assert upload.multipart_id is not None
    await store.blobs.put_part(
        upload.blob_key, upload.multipart_id, number=number, chunks=chunks(), length=len(content)
    )


async def test_what_was_joined_before_a_crash_is_completed_after_it(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    upload = await use(container, StartDirectUpload)(actor=owner, file=an_announced_file(byte_size=LARGE))
    store.blobs.blobs[upload.blob_key] = a_picture("joined", byte_size=LARGE)
    store.blobs.multiparts.clear()

    await complete(container, upload)

    assert len(store.photos.rows) == 1


async def test_parts_that_a_crash_left_beside_what_was_joined_of_them_are_removed(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    picture = a_picture("joined", byte_size=LARGE)
    upload = await use(container, StartDirectUpload)(actor=owner, file=an_announced_file(byte_size=LARGE))
    for part in upload.parts:
        await send_part(store, upload, part.number, picture[part.offset :][: part.byte_size])
    store.blobs.blobs[upload.blob_key] = picture

    await complete(container, upload)

    assert store.blobs.blobs[upload.blob_key] == picture
    assert not store.blobs.multiparts


@pytest.mark.parametrize("content", [PICTURE + b"!", PICTURE[:-1], PICTURE[:-1] + b"!"])
async def test_other_bytes_than_were_declared_are_rejected(
    container: AsyncContainer, store: FakeStore, content: bytes
) -> None:
    upload = a_direct_upload(byte_size=LARGE, sha256=sha256(PICTURE).digest())
    # In parts, of which no store has checked the digest of the whole.
    upload.byte_size, upload.multipart_id = len(PICTURE), await store.blobs.start(upload.blob_key)
    await stored(container, upload)
    store.blobs.multiparts.clear()
    store.blobs.blobs[upload.blob_key] = content

    with pytest.raises(ChecksumMismatch):
        await complete(container, upload)
    await run_jobs(container, store)

    kept = store.uploads.rows[upload.id]
    assert (kept.state, kept.reason) == (UploadState.REJECTED, "The file is not the one declared.")
    assert store.quotas.rows[upload.owner_id].reserved == 0
    assert not store.originals


async def test_a_digest_that_was_signed_is_not_computed_again(container: AsyncContainer, store: FakeStore) -> None:
    digest = sha256(PICTURE).digest()
    upload = await arrived(container, store, sha256=digest)
    # Only the head is read: the fake breaks off behind it.
    store.blobs.break_after = len(PICTURE)

    await complete(container, upload)

    assert [photo.sha256 for photo in store.photos.rows.values()] == [digest]


async def test_completing_many_times_at_once_makes_one_photo(container: AsyncContainer, store: FakeStore) -> None:
    upload = await arrived(container, store)

    done = await asyncio.gather(*(complete(container, upload) for _ in range(50)), return_exceptions=True)

    assert len(store.photos.rows) == 1
    assert {type(each) for each in done} <= {type(done[0]), UploadBeingCompleted}
    assert store.quotas.rows[upload.owner_id].reserved == 0


async def test_a_store_that_does_not_answer_leaves_it_as_it_was(container: AsyncContainer, store: FakeStore) -> None:
    upload = await arrived(container, store)
    store.blobs.failing = {"open"}

    with pytest.raises(BlobStoreUnavailable):
        await complete(container, upload)
    assert store.uploads.rows[upload.id].state is UploadState.PENDING
    store.blobs.failing = set()
    await complete(container, upload)

    assert len(store.photos.rows) == 1


async def test_what_a_crashed_process_was_completing_another_completes_later(
    container: AsyncContainer, store: FakeStore
) -> None:
    upload = await arrived(container, store)
    store.uploads.rows[upload.id].begin_completing(now=store.clock.now())

    with pytest.raises(UploadBeingCompleted):
        await complete(container, upload)
    store.clock.advance(seconds=LEASE.total_seconds())
    await complete(container, upload)

    assert store.uploads.rows[upload.id].state is UploadState.COMPLETED


async def test_what_is_being_completed_does_not_expire_meanwhile(container: AsyncContainer, store: FakeStore) -> None:
    upload = await arrived(container, store)
    store.clock.time = upload.expires_at + timedelta(seconds=1)
    store.uploads.rows[upload.id].begin_completing(now=store.clock.now())

    ended = await use(container, ExpireUploads)()
    store.clock.advance(seconds=LEASE.total_seconds() + 1)

    assert ended == 0
    assert await use(container, ExpireUploads)() == 1


async def test_an_expired_one_gives_up_its_parts_too(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    upload = await use(container, StartDirectUpload)(actor=owner, file=an_announced_file(byte_size=LARGE))
    await send_part(store, upload, 1, bytes(upload.parts[0].byte_size))
    store.clock.time = upload.expires_at + timedelta(seconds=1)
    ended: list[Upload] = []

    await use(container, ExpireUploads)(told=ended.append)
    await run_jobs(container, store)

    assert [each.id for each in ended] == [upload.id]
    assert not store.blobs.multiparts
    assert store.quotas.rows[owner].reserved == 0


async def test_one_that_is_taken_back_while_it_is_completed_leaves_nothing(
    container: AsyncContainer, store: FakeStore
) -> None:
    upload = await arrived(container, store)
    store.inspector = _Interrupting(lambda: abort(container, upload))

    with pytest.raises(UploadEnded):
        await complete(container, upload)
    await run_jobs(container, store)

    assert not store.photos.rows
    assert not store.originals
    assert store.uploads.rows[upload.id].state is UploadState.ABORTED


async def abort(container: AsyncContainer, upload: Upload) -> None:
    await use(container, AbortUpload)(actor=upload.owner_id, upload_id=upload.id)
