"""The form door: what comes of a form."""

from hashlib import sha256

import pytest
from dishka import AsyncContainer

from photostore.hashtag.errors import NotAHashtag
from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.errors import PhotoInvalid, PreviouslyDeleted
from photostore.photo.jobs import DECODE_PHOTO
from photostore.quota.errors import QuotaExceeded
from photostore.shared.blobs import BlobLengthMismatch
from photostore.shared.errors import PhotostoreError
from photostore.shared.ids import UserId
from photostore.upload.commands.complete_upload import Uploaded
from photostore.upload.commands.upload_form import UploadForm
from photostore.upload.errors import ChecksumMismatch, UploadInterrupted, UploadInvalid, UploadTooLarge
from photostore.upload.form import IncomingForm
from photostore.upload.pictures import PictureHeader, UnsupportedImage
from photostore.upload.upload import UploadState
from tests.builders import PICTURE_HEAD, a_header, a_photo, a_picture, a_user, upload_limits
from tests.fakes.form import FakeForm
from tests.fakes.jobs import run_jobs
from tests.fakes.picture_inspector import FakePictureInspector
from tests.fakes.store import FakeQuota, FakeStore
from tests.fakes.system import NOW
from tests.using import stored, use

PICTURE = a_picture("sea")


@pytest.fixture
async def owner(container: AsyncContainer) -> UserId:
    return (await stored(container, a_user())).id


async def upload(container: AsyncContainer, owner: UserId, form: IncomingForm) -> Uploaded:
    return await use(container, UploadForm)(actor=owner, form=form)


async def nothing_left(container: AsyncContainer, store: FakeStore, owner: UserId) -> bool:
    """Neither photo, nor bytes, nor reservation, once the jobs are done."""
    await run_jobs(container, store)
    return not store.photos.rows and not store.blobs.blobs and store.quotas.rows[owner] == FakeQuota(store.quota_bytes)


async def test_a_photo_is_made_of_what_arrived(container: AsyncContainer, store: FakeStore, owner: UserId) -> None:
    store.inspector = FakePictureInspector({PICTURE_HEAD: a_header(taken_at=NOW, taken_at_offset_minutes=60)})
    form = FakeForm(
        PICTURE[:100],
        PICTURE[100:],
        before={"title": "The sea"},
        after={"hashtags": "#Sea,sun", "description": "calm"},
        filename="C:\\pictures\\sea.jpg",
    )

    uploaded = await upload(container, owner, form)

    photo = store.photos.rows[uploaded.photo_id]
    assert not uploaded.duplicate
    assert (photo.owner_id, photo.filename, photo.content_type) == (owner, "sea.jpg", "image/jpeg")
    assert (photo.title, photo.description, photo.hashtags) == ("The sea", "calm", ("sea", "sun"))
    assert (photo.byte_size, photo.sha256) == (len(PICTURE), sha256(PICTURE).digest())
    assert (photo.width, photo.height) == (4000, 3000)
    assert (photo.taken_at, photo.taken_at_offset_minutes) == (NOW, 60)
    assert store.blobs.blobs == {photo.blob_key: PICTURE}


async def test_its_upload_is_completed_and_its_bytes_are_charged(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    uploaded = await upload(container, owner, FakeForm(PICTURE, at_most=len(PICTURE)))

    assert [(row.state, row.photo_id) for row in store.uploads.rows.values()] == [
        (UploadState.COMPLETED, uploaded.photo_id)
    ]
    assert store.quotas.rows[owner] == FakeQuota(None, used=len(PICTURE), reserved=0, photos=1)
    assert [job.name for _, job in store.waiting_jobs()] == [DECODE_PHOTO]


async def test_the_right_digest_is_accepted_before_or_after_the_file(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    for number, place in enumerate(("before", "after")):
        picture = a_picture(f"picture {number}")
        fields = {"sha256": sha256(picture).hexdigest()}
        form = FakeForm(picture, before=fields) if place == "before" else FakeForm(picture, after=fields)
        await upload(container, owner, form)

    assert len(store.photos.rows) == 2


@pytest.mark.parametrize("place", ["before", "after"])
async def test_another_digest_is_a_mismatch(
    container: AsyncContainer, store: FakeStore, owner: UserId, place: str
) -> None:
    fields = {"sha256": sha256(b"other bytes").hexdigest()}
    form = FakeForm(PICTURE, before=fields) if place == "before" else FakeForm(PICTURE, after=fields)

    with pytest.raises(ChecksumMismatch) as refused:
        await upload(container, owner, form)

    assert [error.field for error in refused.value.errors] == ["sha256"]
    assert await nothing_left(container, store, owner)
    assert [row.state for row in store.uploads.rows.values()] == [UploadState.REJECTED]


async def test_a_known_digest_stores_and_charges_nothing(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    first = await upload(container, owner, FakeForm(PICTURE))
    before = (dict(store.blobs.blobs), store.quotas.rows[owner], len(store.uploads.rows))
    form = FakeForm(PICTURE, before={"sha256": sha256(PICTURE).hexdigest()})

    again = await upload(container, owner, form)

    assert again == Uploaded(photo_id=first.photo_id, duplicate=True)
    assert form.taken == 0
    assert (dict(store.blobs.blobs), store.quotas.rows[owner], len(store.uploads.rows)) == before


async def test_a_known_digest_is_answered_even_past_the_quota(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    first = await upload(container, owner, FakeForm(PICTURE))
    store.quotas.rows[owner].quota = 0
    form = FakeForm(PICTURE, before={"sha256": sha256(PICTURE).hexdigest()}, at_most=1 << 20)

    again = await upload(container, owner, form)

    assert again.photo_id == first.photo_id


async def test_the_same_bytes_again_are_a_duplicate(container: AsyncContainer, store: FakeStore, owner: UserId) -> None:
    first = await upload(container, owner, FakeForm(PICTURE))

    again = await upload(container, owner, FakeForm(PICTURE, at_most=10_000, before={"title": "Another title"}))
    await run_jobs(container, store)

    assert again == Uploaded(photo_id=first.photo_id, duplicate=True)
    photo = store.photos.rows[first.photo_id]
    made = photo.figures.renditions_bytes
    assert list(store.originals) == [photo.blob_key]
    assert store.quotas.rows[owner] == FakeQuota(None, used=len(PICTURE), reserved=0, photos=1, renditions=made)


async def test_the_same_bytes_of_another_owner_are_another_photo(container: AsyncContainer, store: FakeStore) -> None:
    theirs = await stored(container, a_photo(sha256=sha256(PICTURE).digest()))
    owner = (await stored(container, a_user())).id
    form = FakeForm(PICTURE, before={"sha256": sha256(PICTURE).hexdigest()})

    uploaded = await upload(container, owner, form)

    assert not uploaded.duplicate
    assert uploaded.photo_id != theirs.id


async def test_what_is_no_picture_is_refused_before_anything_is_kept(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    form = FakeForm(b"<html>" + b"x" * 600, *[b"y" * 1000] * 50)

    with pytest.raises(UnsupportedImage):
        await upload(container, owner, form)

    assert form.taken == 1
    assert not store.uploads.rows
    assert await nothing_left(container, store, owner)


async def test_its_type_is_told_from_small_pieces_too(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    uploaded = await upload(container, owner, FakeForm(*(bytes([byte]) for byte in PICTURE)))

    assert store.blobs.blobs[store.photos.rows[uploaded.photo_id].blob_key] == PICTURE


async def test_a_file_that_is_empty_is_no_picture(container: AsyncContainer, store: FakeStore, owner: UserId) -> None:
    with pytest.raises(UnsupportedImage):
        await upload(container, owner, FakeForm(b""))

    assert not store.uploads.rows


async def test_a_picture_whose_header_is_broken_is_refused(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    store.inspector = _Broken()

    with pytest.raises(UnsupportedImage):
        await upload(container, owner, FakeForm(PICTURE))

    assert await nothing_left(container, store, owner)


async def test_too_large_a_file_is_refused_without_reading_on(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    store.limits = upload_limits(max_bytes=5000)
    form = FakeForm(a_picture(byte_size=1000), *[b"x" * 1000] * 50)

    with pytest.raises(UploadTooLarge):
        await upload(container, owner, form)

    assert form.taken == 6
    assert not form.read_to_the_end
    assert await nothing_left(container, store, owner)


async def test_a_file_of_exactly_the_limit_is_taken(container: AsyncContainer, store: FakeStore, owner: UserId) -> None:
    store.limits = upload_limits(max_bytes=5000)

    uploaded = await upload(container, owner, FakeForm(a_picture(byte_size=5000)))

    assert store.photos.rows[uploaded.photo_id].byte_size == 5000


async def test_a_file_that_says_it_is_past_the_quota_is_refused_before_it_is_kept(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    store.quotas.rows[owner].quota = store.quota_bytes = 3000
    form = FakeForm(a_picture(byte_size=1000), *[b"x" * 1000] * 5, at_most=6000)

    with pytest.raises(QuotaExceeded) as refused:
        await upload(container, owner, form)

    assert form.taken == 1
    assert (refused.value.quota, refused.value.used) == (3000, 0)
    assert not store.uploads.rows
    assert await nothing_left(container, store, owner)


async def test_one_that_turns_out_past_the_quota_is_refused_at_its_end(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    store.quotas.rows[owner].quota = store.quota_bytes = 3000

    with pytest.raises(QuotaExceeded):
        await upload(container, owner, FakeForm(a_picture(byte_size=3001)))

    assert await nothing_left(container, store, owner)


async def test_one_that_just_fits_is_taken(container: AsyncContainer, store: FakeStore, owner: UserId) -> None:
    store.quotas.rows[owner].quota = 3000

    await upload(container, owner, FakeForm(a_picture(byte_size=3000), at_most=3000))

    assert store.quotas.rows[owner].used == 3000


@pytest.mark.parametrize(
    ("form", "error"),
    [
        (FakeForm(), UploadInvalid),
        (FakeForm(PICTURE, before={"sha256": "junk"}), UploadInvalid),
        (FakeForm(PICTURE, after={"sha256": "junk"}), UploadInvalid),
        (FakeForm(PICTURE, before={"hashtags": "not fine"}), NotAHashtag),
        (FakeForm(PICTURE, after={"hashtags": "not fine"}), NotAHashtag),
        (FakeForm(PICTURE, after={"title": "x" * 501}), PhotoInvalid),
        (FakeForm(PICTURE, fault=UploadInterrupted("the client went away")), UploadInterrupted),
        (FakeForm(PICTURE, a_picture(), at_most=600), BlobLengthMismatch),
    ],
)
async def test_a_form_that_is_wrong_leaves_nothing_behind(
    container: AsyncContainer, store: FakeStore, owner: UserId, form: FakeForm, error: type[PhotostoreError]
) -> None:
    with pytest.raises(error):
        await upload(container, owner, form)

    assert await nothing_left(container, store, owner)


async def test_what_is_wrong_before_the_file_is_told_before_the_file_is_read(
    container: AsyncContainer, owner: UserId
) -> None:
    form = FakeForm(PICTURE, before={"hashtags": "not fine"})

    with pytest.raises(NotAHashtag):
        await upload(container, owner, form)

    assert form.taken == 0


class _Broken(FakePictureInspector):
    """Knows the beginning, and stumbles over what follows."""

    def __init__(self) -> None:
        super().__init__({PICTURE_HEAD: a_header()})

    async def inspect(self, source: object) -> PictureHeader:
        raise UnsupportedImage("the header is broken")


@pytest.fixture
async def deleted(container: AsyncContainer, store: FakeStore, owner: UserId) -> UserId:
    """An owner who had the picture once."""
    photo = await stored(container, a_photo(owner_id=owner, sha256=sha256(PICTURE).digest()))
    await use(container, DeletePhoto)(actor=owner, photo_id=photo.id)
    await run_jobs(container, store)
    return owner


async def test_what_was_deleted_can_be_uploaded_again(container: AsyncContainer, deleted: UserId) -> None:
    assert not (await upload(container, deleted, FakeForm(PICTURE))).duplicate


@pytest.mark.parametrize("declared", [True, False])
async def test_what_was_deleted_is_refused_to_who_asks_for_that(
    container: AsyncContainer, store: FakeStore, deleted: UserId, *, declared: bool
) -> None:
    form = FakeForm(PICTURE, before={"sha256": sha256(PICTURE).hexdigest()} if declared else {})

    with pytest.raises(PreviouslyDeleted):
        await use(container, UploadForm)(actor=deleted, form=form, refuse_deleted=True)

    assert form.taken == (0 if declared else 1)
    assert await nothing_left(container, store, deleted)


async def test_who_refuses_what_was_deleted_uploads_all_else(
    container: AsyncContainer, store: FakeStore, deleted: UserId
) -> None:
    other = await use(container, UploadForm)(actor=deleted, form=FakeForm(a_picture("lake")), refuse_deleted=True)
    again = await use(container, UploadForm)(actor=deleted, form=FakeForm(a_picture("lake")), refuse_deleted=True)

    assert (other.duplicate, again) == (False, Uploaded(photo_id=other.photo_id, duplicate=True))


async def test_the_same_bytes_as_a_trashed_photo_leave_it_in_the_trash(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    photo = await stored(container, a_photo(owner_id=owner, sha256=sha256(PICTURE).digest(), trashed_at=NOW))

    again = await upload(container, owner, FakeForm(PICTURE))

    assert again == Uploaded(photo_id=photo.id, duplicate=True)
    assert store.photos.rows[photo.id].trashed_at == NOW
    assert store.quotas.rows[owner] == FakeQuota(None, used=photo.byte_size, trash=photo.byte_size)
