"""What follows from what."""

import importlib
from pathlib import Path

import photostore
from photostore.photo.events import PhotoCreated, PhotoDeleted, PhotoEdited, PhotoRetagged
from photostore.reactions import DELETE_BLOBS, ERASE_ACCOUNT, REACTIONS, jobs_caused_by
from photostore.shared.aggregate import Event
from photostore.shared.blobs import BlobKey
from photostore.upload.events import UploadLeftBytes
from photostore.user.events import AccountErased, UserRegistered
from photostore_adapters.jobs.handlers import HANDLERS
from tests.builders import a_photo_id, a_user_id, an_upload
from tests.fakes.system import NOW

CORE = Path(photostore.__file__).parent
# Facts after which no bytes lie about that nobody names.
WITHOUT_BYTES = {PhotoCreated, PhotoEdited, PhotoRetagged, UserRegistered}


def all_events() -> set[type[Event]]:
    files = [path.relative_to(CORE.parent).with_suffix("") for path in CORE.rglob("events.py")]
    modules = [importlib.import_module(".".join(file.parts)) for file in files]
    named = [thing for module in modules for thing in vars(module).values() if isinstance(thing, type)]
    return {thing for thing in named if issubclass(thing, Event)} - {Event}


def test_every_event_that_leaves_bytes_behind_causes_a_job() -> None:
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


def test_an_account_is_erased_once() -> None:
    user_id = a_user_id()

    first, second = jobs_caused_by([AccountErased(at=NOW, user_id=user_id)] * 2)

    assert (first.name, first.arguments) == (ERASE_ACCOUNT, {"user_id": str(user_id)})
    assert first.dedupe_key == second.dedupe_key is not None


def test_other_events_cause_nothing() -> None:
    assert jobs_caused_by([UserRegistered(at=NOW, user_id=a_user_id())]) == []


def test_every_job_has_someone_who_does_it() -> None:
    assert {DELETE_BLOBS, ERASE_ACCOUNT} <= set(HANDLERS)
