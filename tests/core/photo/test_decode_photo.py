"""Decoding a photo, by the job that its upload caused."""

from dataclasses import replace

import pytest
from dishka import AsyncContainer

from photostore.photo.commands.decode_photo import COSTLY, STARTS, DecodePhoto
from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.commands.edit_photo import EditPhoto
from photostore.photo.jobs import BACKFILL, DECODE_PHOTO
from photostore.photo.photo import Photo, PhotoEdit, PhotoStatus
from photostore.photo.picture import Camera, Failure, ImageFormat, Location, PictureFacts
from photostore.reactions import DELETE_BLOBS
from photostore.shared.blobs import BlobNotFound, BlobStoreUnavailable
from photostore.shared.errors import PreconditionFailed
from photostore.shared.versions import ExpectedVersion
from photostore.upload.commands.upload_form import UploadForm
from tests.builders import a_photo, a_picture, a_user, names
from tests.fakes.form import FakeForm
from tests.fakes.jobs import run_jobs
from tests.fakes.picture_decoder import FINGERPRINT, PLACEHOLDER, rendition_bytes
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW
from tests.using import stored, use

FACTS = PictureFacts(
    taken_at=NOW,
    taken_at_offset_minutes=120,
    camera=Camera(make="Canon", model="EOS R5", iso=100),
    location=Location(latitude=48.2, longitude=16.37),
    keywords=("Sea", "New York", "!!"),
)


@pytest.fixture
async def photo(container: AsyncContainer, store: FakeStore) -> Photo:
    """Just uploaded; the job waits."""
    photo = await stored(container, a_photo(status=PhotoStatus.PROCESSING))
    store.blobs.blobs[photo.blob_key] = a_picture()
    return photo


async def decode(container: AsyncContainer, photo: Photo) -> PhotoStatus | Failure | None:
    return await use(container, DecodePhoto)(owner=photo.owner_id, photo_id=photo.id)


async def test_a_new_photo_gets_its_renditions_and_is_ready(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    done = await run_jobs(container, store)

    decoded = store.photos.rows[photo.id]
    assert done == [DECODE_PHOTO]
    assert (decoded.status, decoded.failure, decoded.placeholder) == (PhotoStatus.READY, None, PLACEHOLDER)
    assert [(each.name, each.format, each.width, each.height) for each in decoded.renditions] == [
        ("thumb", ImageFormat.WEBP, 320, 240),
        ("thumb", ImageFormat.AVIF, 320, 240),
        ("preview", ImageFormat.WEBP, 1600, 1200),
        ("preview", ImageFormat.AVIF, 1600, 1200),
    ]
    for each, recipe in zip(decoded.renditions, store.decoder.asked[0], strict=True):
        assert store.blobs.blobs[each.blob_key] == rendition_bytes(recipe)
        assert each.byte_size == len(rendition_bytes(recipe))


async def test_what_the_picture_says_is_kept(container: AsyncContainer, store: FakeStore, photo: Photo) -> None:
    store.decoder.facts, store.decoder.width, store.decoder.height = FACTS, 3000, 4000

    await decode(container, photo)

    decoded = store.photos.rows[photo.id]
    assert (decoded.camera, decoded.location) == (FACTS.camera, FACTS.location)
    assert (decoded.taken_at, decoded.taken_at_offset_minutes) == (NOW, 120)
    assert (decoded.width, decoded.height) == (3000, 4000)
    assert store.fingerprints.rows[photo.id] == FINGERPRINT
    assert decoded.hashtags == ()


async def test_what_people_said_meanwhile_stays(container: AsyncContainer, store: FakeStore, photo: Photo) -> None:
    store.decoder.facts = FACTS
    edit = PhotoEdit(title="Mine", taken_at=None)
    await use(container, EditPhoto)(actor=photo.owner_id, photo_id=photo.id, edit=edit)

    await decode(container, photo)

    assert store.photos.rows[photo.id].title == "Mine"
    assert store.photos.rows[photo.id].taken_at is None


async def test_a_photo_that_was_edited_otherwise_still_learns_when_it_was_taken(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    store.decoder.facts = FACTS
    await use(container, EditPhoto)(actor=photo.owner_id, photo_id=photo.id, edit=PhotoEdit(favorite=True))

    await decode(container, photo)

    assert store.photos.rows[photo.id].taken_at == NOW


async def test_hashtags_from_keywords_make_an_edit_of_hashtags_stale(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    seen = ExpectedVersion(frozenset({photo.version}))
    store.decoder.facts = FACTS
    await use(container, DecodePhoto)(owner=photo.owner_id, photo_id=photo.id, keywords_as_hashtags=True)

    with pytest.raises(PreconditionFailed):
        await use(container, EditPhoto)(
            actor=photo.owner_id, photo_id=photo.id, edit=PhotoEdit(hashtags=["mine"]), expected_version=seen
        )


async def test_decoding_makes_no_edit_stale_but_another_edit_does(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    seen = ExpectedVersion(frozenset({photo.version}))
    await decode(container, photo)
    assert store.photos.rows[photo.id].version == photo.version + 1

    edit = use(container, EditPhoto)
    await edit(actor=photo.owner_id, photo_id=photo.id, edit=PhotoEdit(title="First"), expected_version=seen)

    with pytest.raises(Exception, match="version 3"):
        await edit(actor=photo.owner_id, photo_id=photo.id, edit=PhotoEdit(title="Second"), expected_version=seen)


async def test_keywords_become_hashtags_when_the_upload_says_so(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    store.decoder.facts = FACTS

    await use(container, DecodePhoto)(owner=photo.owner_id, photo_id=photo.id, keywords_as_hashtags=True)

    assert store.photos.rows[photo.id].hashtags == names("sea", "new_york")
    assert {name: tag.name for name, tag in store.hashtags.rows.items()}.keys() == set(names("sea", "new_york"))


async def test_keywords_become_hashtags_when_the_service_is_set_so_unless_the_upload_forbids_it(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    store.rendition_policy = replace(store.rendition_policy, keywords_as_hashtags=True)
    store.decoder.facts = FACTS

    await use(container, DecodePhoto)(owner=photo.owner_id, photo_id=photo.id, keywords_as_hashtags=False)
    assert store.photos.rows[photo.id].hashtags == ()

    await decode(container, photo)
    assert store.photos.rows[photo.id].hashtags == names("sea", "new_york")


async def test_a_picture_that_fails_once_is_tried_again(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    store.decoder.failures = [Failure.CORRUPT]

    assert await decode(container, photo) is PhotoStatus.READY


async def test_a_picture_that_fails_twice_has_failed_and_keeps_its_original(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    store.decoder.failures = [Failure.CORRUPT, Failure.TRUNCATED, Failure.CORRUPT]

    assert await decode(container, photo) is Failure.TRUNCATED

    failed = store.photos.rows[photo.id]
    assert (failed.status, failed.failure, failed.renditions) == (PhotoStatus.FAILED, Failure.TRUNCATED, ())
    assert store.decoder.failures == [Failure.CORRUPT], "it was tried twice, not three times"
    assert photo.blob_key in store.blobs.blobs
    assert not store.waiting_jobs()[1:]


@pytest.mark.parametrize("failure", sorted(COSTLY))
async def test_what_took_a_decoder_long_is_tried_again_after_everything_else(
    container: AsyncContainer, store: FakeStore, photo: Photo, failure: Failure
) -> None:
    store.jobs.rows.clear()
    store.decoder.failures = [failure, failure, failure]

    assert await decode(container, photo) is PhotoStatus.PROCESSING
    assert store.photos.rows[photo.id].status is PhotoStatus.PROCESSING
    assert [job.priority for _, job in store.waiting_jobs()] == [BACKFILL]
    await run_jobs(container, store)

    assert store.photos.rows[photo.id].failure is failure
    assert store.decoder.failures == [failure], "it was tried twice, not three times"


async def test_a_photo_that_shows_renditions_goes_on_showing_them_when_a_rebuild_fails(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    await run_jobs(container, store)
    made = store.photos.rows[photo.id].renditions
    store.decoder.failures = [Failure.CORRUPT, Failure.CORRUPT]

    await decode(container, photo)

    assert store.photos.rows[photo.id].status is PhotoStatus.READY
    assert store.photos.rows[photo.id].renditions == made


async def test_who_uploads_many_at_once_lets_others_go_first(container: AsyncContainer, store: FakeStore) -> None:
    eager = (await stored(container, a_user())).id
    for number in range(3):
        await use(container, UploadForm)(actor=eager, form=FakeForm(a_picture(f"eager {number}")))

    late = (await stored(container, a_user())).id
    await use(container, UploadForm)(actor=late, form=FakeForm(a_picture("late")))

    owners = [job.arguments["owner_id"] for _, job in store.waiting_jobs()]
    assert owners.index(str(late)) < owners.index(str(eager), owners.index(str(eager)) + 1)


async def test_decoding_again_makes_nothing_again(container: AsyncContainer, store: FakeStore, photo: Photo) -> None:
    await decode(container, photo)
    made, puts = store.photos.rows[photo.id].renditions, dict(store.blobs.blobs)

    await decode(container, photo)

    assert store.decoder.asked[1] == []
    assert store.photos.rows[photo.id].renditions == made
    assert store.blobs.blobs == puts


async def test_a_crash_before_the_commit_leads_to_the_same_outcome(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    store.fail_after_commits(1)
    with pytest.raises(Exception, match="does not answer"):
        await run_jobs(container, store)
    assert store.photos.rows[photo.id].status is PhotoStatus.PROCESSING
    store.unavailable = False

    await run_jobs(container, store)

    decoded = store.photos.rows[photo.id]
    assert decoded.status is PhotoStatus.READY
    assert {each.blob_key for each in decoded.renditions} | {photo.blob_key} == set(store.blobs.blobs)


async def test_a_picture_whose_decoding_never_ends_is_given_up(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    for _ in range(STARTS):
        store.decoder.failures = [KeyboardInterrupt()]  # type: ignore[list-item]
        with pytest.raises(KeyboardInterrupt):
            await decode(container, photo)
    store.decoder.asked.clear()

    assert await decode(container, photo) is Failure.CRASHED

    assert store.photos.rows[photo.id].status is PhotoStatus.FAILED
    assert store.decoder.asked == []


async def test_ends_are_not_counted_as_starts_that_came_to_none(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    for _ in range(2 * STARTS):
        assert await decode(container, photo) is PhotoStatus.READY


async def test_a_photo_that_is_gone_is_no_fault(container: AsyncContainer, store: FakeStore, photo: Photo) -> None:
    await use(container, DeletePhoto)(actor=photo.owner_id, photo_id=photo.id)
    await run_jobs(container, store)

    assert await decode(container, photo) is None
    assert not store.blobs.blobs


async def test_a_photo_deleted_while_it_is_decoded_leaves_nothing(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    def delete() -> None:
        del store.photos.rows[photo.id]
        del store.blobs.blobs[photo.blob_key]

    store.decoder.meanwhile = delete

    assert await decode(container, photo) is None

    assert not store.blobs.blobs


async def test_bytes_that_are_missing_though_the_photo_is_there_are_the_store_s_fault(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    del store.blobs.blobs[photo.blob_key]

    with pytest.raises(BlobNotFound):
        await decode(container, photo)

    assert store.photos.rows[photo.id].status is PhotoStatus.PROCESSING


async def test_a_service_that_is_at_fault_fails_no_photo_however_often(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    for _ in range(3 * STARTS):
        store.decoder.failures = [BlobStoreUnavailable("away")]
        with pytest.raises(BlobStoreUnavailable):
            await decode(container, photo)
    assert store.photos.rows[photo.id].status is PhotoStatus.PROCESSING

    assert await decode(container, photo) is PhotoStatus.READY


async def test_another_encoder_makes_others_and_the_replaced_go_later(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    await run_jobs(container, store)
    before = [each.blob_key for each in store.photos.rows[photo.id].renditions]
    store.decoder.encoder_version = "fake-2"

    await decode(container, photo)

    after = [each.blob_key for each in store.photos.rows[photo.id].renditions]
    (job,) = [job for _, job in store.waiting_jobs()]
    assert not set(before) & set(after)
    assert (job.name, job.arguments) == (DELETE_BLOBS, {"keys": sorted(before)})


async def test_deleting_the_photo_deletes_all_that_was_made_from_it(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    await run_jobs(container, store)
    assert len(store.blobs.blobs) == 5

    await use(container, DeletePhoto)(actor=photo.owner_id, photo_id=photo.id)
    await run_jobs(container, store)

    assert not store.blobs.blobs
    assert photo.id not in store.fingerprints.rows
