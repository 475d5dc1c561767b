"""The form door when the world breaks: nothing stays behind, at once or after the sweeps."""

import asyncio
from datetime import timedelta

import pytest
from dishka import AsyncContainer

from photostore.shared.blobs import BlobStoreUnavailable
from photostore.shared.errors import PhotostoreError, Unavailable
from photostore.shared.ids import UserId
from photostore.upload.commands.expire_uploads import ExpireUploads
from photostore.upload.commands.sweep_blobs import SweepBlobs
from photostore.upload.commands.upload_form import UploadForm
from photostore.upload.errors import UploadEnded, UploadStalled
from photostore.upload.pictures import ByteSource, PictureHeader
from photostore.upload.upload import UploadState
from tests.builders import PICTURE_HEAD, a_header, a_picture, a_user, upload_limits
from tests.fakes.form import FakeForm
from tests.fakes.jobs import run_jobs
from tests.fakes.picture_inspector import FakePictureInspector
from tests.fakes.store import FakeQuota, FakeStore
from tests.using import stored, use

PICTURE = a_picture("sea", byte_size=100_000)


@pytest.fixture
async def owner(container: AsyncContainer) -> UserId:
    return (await stored(container, a_user())).id


def nothing_left(store: FakeStore, owner: UserId) -> bool:
    return not store.photos.rows and not store.blobs.blobs and store.quotas.rows[owner] == FakeQuota(None)


@pytest.mark.parametrize("step", ["put", "put_end"])
async def test_a_store_that_fails_is_told_and_leaves_nothing(
    container: AsyncContainer, store: FakeStore, owner: UserId, step: str
) -> None:
    store.blobs.failing = {step}

    with pytest.raises(BlobStoreUnavailable):
        await use(container, UploadForm)(actor=owner, form=FakeForm(PICTURE, at_most=200_000))
    await run_jobs(container, store)

    assert nothing_left(store, owner)
    assert [row.state for row in store.uploads.rows.values()] == [UploadState.REJECTED]


async def test_a_store_that_fails_while_the_header_is_read_back_leaves_nothing(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    store.inspector = _ReadsTheEnd()
    store.blobs.failing = {"open"}

    with pytest.raises(BlobStoreUnavailable):
        await use(container, UploadForm)(actor=owner, form=FakeForm(PICTURE))
    await run_jobs(container, store)

    assert nothing_left(store, owner)


async def test_a_store_that_cannot_delete_keeps_the_job_for_later(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    store.blobs.failing = {"delete"}
    with pytest.raises(UploadStalled):
        await use(container, UploadForm)(actor=owner, form=FakeForm(PICTURE, fault=UploadStalled("it stopped")))
    with pytest.raises(BlobStoreUnavailable):
        await run_jobs(container, store)

    store.blobs.failing = set()
    await run_jobs(container, store)

    assert nothing_left(store, owner)


async def test_a_client_that_goes_away_leaves_nothing(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    form = FakeForm(PICTURE, hangs=True, at_most=200_000)
    uploading = asyncio.ensure_future(use(container, UploadForm)(actor=owner, form=form))
    await form.hanging.wait()
    assert store.quotas.rows[owner].reserved > 0

    uploading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await uploading
    await run_jobs(container, store)

    assert nothing_left(store, owner)
    assert [row.state for row in store.uploads.rows.values()] == [UploadState.ABORTED]
    assert store.blobs.writing == 0


async def test_a_form_that_never_ends_is_given_up(container: AsyncContainer, store: FakeStore, owner: UserId) -> None:
    store.limits = upload_limits(form_lifetime=timedelta(milliseconds=1))

    with pytest.raises(UploadStalled):
        await use(container, UploadForm)(actor=owner, form=FakeForm(PICTURE, hangs=True))
    await run_jobs(container, store)

    assert nothing_left(store, owner)


async def test_a_database_that_is_down_at_the_start_keeps_nothing(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    store.unavailable = True

    with pytest.raises(Unavailable):
        await use(container, UploadForm)(actor=owner, form=FakeForm(PICTURE))

    assert nothing_left(store, owner)


async def test_a_database_that_fails_at_the_end_is_told_and_the_sweeps_clean_up(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    form = FakeForm(PICTURE, at_most=200_000, at_the_end=lambda: setattr(store, "unavailable", True))
    with pytest.raises(Unavailable):
        await use(container, UploadForm)(actor=owner, form=form)
    assert store.blobs.blobs
    store.unavailable = False

    store.clock.advance(hours=1, seconds=1)
    expired = await use(container, ExpireUploads)()
    await run_jobs(container, store)

    assert expired == 1
    assert nothing_left(store, owner)


async def test_bytes_of_an_upload_that_the_database_forgot_are_swept(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    form = FakeForm(PICTURE, at_the_end=lambda: setattr(store, "unavailable", True))
    with pytest.raises(Unavailable):
        await use(container, UploadForm)(actor=owner, form=form)
    store.unavailable = False
    store.uploads.rows.clear()

    swept = await use(container, SweepBlobs)()

    assert swept.blobs == 1
    assert not store.originals


async def test_a_photo_whose_commit_was_not_heard_of_keeps_its_bytes(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    store.deaf_after_commits(2)

    with pytest.raises(Unavailable):
        await use(container, UploadForm)(actor=owner, form=FakeForm(PICTURE))
    await run_jobs(container, store)

    assert len(store.photos.rows) == 1
    assert [photo.blob_key for photo in store.photos.rows.values()] == list(store.originals)


async def test_an_upload_that_expired_meanwhile_makes_no_photo(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    def expire() -> None:
        for row in store.uploads.rows.values():
            row.end(UploadState.EXPIRED, reason="too late", now=store.clock.now())

    with pytest.raises(UploadEnded):
        await use(container, UploadForm)(actor=owner, form=FakeForm(PICTURE, at_the_end=expire))

    assert not store.photos.rows


class _ReadsTheEnd(FakePictureInspector):
    """As an inspector does whose format keeps its header behind the pixels."""

    def __init__(self) -> None:
        super().__init__({PICTURE_HEAD: a_header()})

    async def inspect(self, source: ByteSource) -> PictureHeader:
        await source.read(source.byte_size - 10, 10)
        return await super().inspect(source)


async def test_an_account_that_is_erased_meanwhile_leaves_no_bytes(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    def erase() -> None:
        store.uploads.rows.clear()
        store.users.rows.clear()

    form = FakeForm(PICTURE, at_the_end=erase)

    with pytest.raises(PhotostoreError):
        await use(container, UploadForm)(actor=owner, form=form)

    assert not store.blobs.blobs


async def test_bytes_that_come_after_the_upload_was_ended_are_removed_too(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    def end() -> None:
        for upload in store.uploads.rows.values():
            upload.state = UploadState.ABORTED

    with pytest.raises(PhotostoreError):
        await use(container, UploadForm)(actor=owner, form=FakeForm(PICTURE, at_the_end=end))
    await run_jobs(container, store)

    assert not store.blobs.blobs
