"""What follows from what."""

import importlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import photostore
from photostore.album.events import (
    AlbumChanged,
    AlbumCreated,
    AlbumDeleted,
    AlbumQueryChanged,
    MemberJoined,
    MemberLeft,
    MemberRoleChanged,
    PhotosJoinedAlbum,
    PhotosLeftAlbum,
    QueryFoundPhoto,
    QueryLostPhoto,
)
from photostore.hashtag.events import HashtagCreated
from photostore.photo.events import (
    PhotoCreated,
    PhotoDated,
    PhotoDecoded,
    PhotoDecodingFailed,
    PhotoDeleted,
    PhotoEdited,
    PhotoFoundOtherwise,
    PhotoOriginalLost,
    PhotoOriginalRecovered,
    PhotoRenditionsLost,
    PhotoRestored,
    PhotoRetagged,
    PhotoTrashed,
    RenditionsReplaced,
)
from photostore.photo.jobs import DECODE_PHOTO
from photostore.reactions import (
    DELETE_BLOBS,
    ERASE_ACCOUNT,
    REACTIONS,
    jobs_caused_by,
    subjects_allowed_by,
    subjects_revoked_by,
)
from photostore.share_link.events import ShareUrlsEnded
from photostore.shared.aggregate import Event
from photostore.shared.blobs import BlobKey
from photostore.shared.media import audience_of, member_part
from photostore.upload.events import (
    UploadAborted,
    UploadAnnounced,
    UploadCompleted,
    UploadExpired,
    UploadLeftBytes,
    UploadLeftUrl,
    UploadRejected,
    UploadTold,
)
from photostore.user.events import AccountErased, UserDisabled, UserEnabled, UserRegistered
from photostore_adapters.jobs.handlers import HANDLERS
from tests.builders import a_photo_id, a_user_id, an_album_id, an_upload
from tests.fakes.system import NOW

CORE = Path(photostore.__file__).parent
# Facts after which nothing is left to do.
WITHOUT_BYTES = {
    AlbumChanged,
    AlbumCreated,
    AlbumDeleted,
    AlbumQueryChanged,
    HashtagCreated,
    MemberJoined,
    MemberLeft,
    MemberRoleChanged,
    PhotoDated,
    PhotoDecoded,
    PhotoDecodingFailed,
    PhotoEdited,
    PhotoFoundOtherwise,
    PhotoOriginalLost,
    PhotoOriginalRecovered,
    PhotoRenditionsLost,
    PhotoRestored,
    PhotoRetagged,
    PhotoTrashed,
    ShareUrlsEnded,
    PhotosJoinedAlbum,
    PhotosLeftAlbum,
    QueryFoundPhoto,
    QueryLostPhoto,
    UploadAborted,
    UploadAnnounced,
    UploadCompleted,
    UploadExpired,
    UploadRejected,
    UploadTold,
    UserDisabled,
    UserEnabled,
    UserRegistered,
}


def all_events() -> set[type[Event]]:
    files = [path.relative_to(CORE.parent).with_suffix("") for path in CORE.rglob("events.py")]
    modules = [importlib.import_module(".".join(file.parts)) for file in files]
    named = [thing for module in modules for thing in vars(module).values() if isinstance(thing, type)]
    return {thing for thing in named if issubclass(thing, Event)} - {Event}


def test_every_event_that_leaves_something_to_do_causes_a_job() -> None:
    assert all_events() - WITHOUT_BYTES == set(REACTIONS)


def test_bytes_that_a_photo_or_an_upload_leaves_are_deleted() -> None:
    upload = an_upload()
    deleted = PhotoDeleted(at=NOW, owner_id=a_user_id(), photo_id=a_photo_id(), blob_key=BlobKey("a/b"))
    left = UploadLeftBytes(at=NOW, owner_id=upload.owner_id, upload_id=upload.id, blob_key=BlobKey("c/d"))

    jobs = jobs_caused_by([deleted, left])

    assert [(job.name, job.arguments) for job in jobs] == [
        (DELETE_BLOBS, {"keys": ["a/b"]}),
        (DELETE_BLOBS, {"keys": ["c/d"]}),
    ]


def test_bytes_that_come_late_by_a_signed_url_are_deleted_when_it_has_expired() -> None:
    upload = an_upload()
    until = NOW + timedelta(hours=5)
    left = UploadLeftUrl(at=NOW, owner_id=upload.owner_id, upload_id=upload.id, blob_key=BlobKey("a/b"), until=until)

    (job,) = jobs_caused_by([left])

    assert (job.name, job.arguments) == (DELETE_BLOBS, {"keys": ["a/b"]})
    assert timedelta(hours=5) < job.delay <= timedelta(hours=7)


def test_a_new_photo_is_decoded_before_any_backfill() -> None:
    created = PhotoCreated(at=NOW, owner_id=a_user_id(), photo_id=a_photo_id(), keywords_as_hashtags=True)

    (job,) = jobs_caused_by([created])

    assert (job.name, job.priority > 0) == (DECODE_PHOTO, True)
    assert job.arguments == {
        "owner_id": str(created.owner_id),
        "photo_id": str(created.photo_id),
        "keywords_as_hashtags": True,
    }


def test_replaced_renditions_outlive_the_pages_that_show_them() -> None:
    replaced = RenditionsReplaced(at=NOW, owner_id=a_user_id(), photo_id=a_photo_id(), blob_keys=(BlobKey("a/b"),))

    (job,) = jobs_caused_by([replaced])

    assert (job.name, job.arguments) == (DELETE_BLOBS, {"keys": ["a/b"]})
    assert job.delay >= timedelta(hours=12)


def test_urls_of_a_deleted_photo_and_of_a_closed_account_are_revoked() -> None:
    upload, user_id = an_upload(), a_user_id()
    deleted = PhotoDeleted(at=NOW, owner_id=user_id, photo_id=a_photo_id(), blob_key=upload.blob_key)

    subjects = subjects_revoked_by(
        [deleted, AccountErased(at=NOW, user_id=user_id), UserRegistered(at=NOW, user_id=user_id)]
    )

    assert subjects == [upload.blob_key.removeprefix("originals/"), f"user-{user_id.hex}"]


def test_an_account_is_erased_once() -> None:
    user_id = a_user_id()

    first, second = jobs_caused_by([AccountErased(at=NOW, user_id=user_id)] * 2)

    assert (first.name, first.arguments) == (ERASE_ACCOUNT, {"user_id": str(user_id)})
    assert first.dedupe_key == second.dedupe_key is not None


def test_other_events_cause_nothing() -> None:
    assert jobs_caused_by([UserRegistered(at=NOW, user_id=a_user_id())]) == []


def test_every_job_has_someone_who_does_it() -> None:
    assert {DECODE_PHOTO, DELETE_BLOBS, ERASE_ACCOUNT} <= set(HANDLERS)


def test_a_trashed_photo_s_urls_are_taken_back_and_a_restored_one_s_given_again() -> None:
    told = {"at": NOW, "owner_id": a_user_id(), "photo_id": a_photo_id(), "blob_key": BlobKey("originals/a/b")}
    trashed, restored = PhotoTrashed(**told), PhotoRestored(**told)  # type: ignore[arg-type]

    assert (subjects_revoked_by([trashed, restored]), subjects_allowed_by([trashed, restored])) == (["a/b"], ["a/b"])
    assert jobs_caused_by([trashed, restored]) == []


def test_what_was_signed_for_a_user_and_their_memberships_ends_and_is_good_again() -> None:
    user_id, album_id = a_user_id(), an_album_id()
    told: dict[str, Any] = {"at": NOW, "user_id": user_id, "memberships": ((album_id, 3),)}
    subjects = [audience_of(user_id), member_part(album_id, user_id, 3)]

    assert subjects_revoked_by([UserDisabled(**told)]) == subjects
    assert subjects_allowed_by([UserEnabled(**told)]) == subjects
    assert subjects_allowed_by([UserDisabled(**told)]) == subjects_revoked_by([UserEnabled(**told)]) == []
