"""Which jobs an event causes: one table. Whoever publishes events enqueues these in the same transaction."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from photostore.job.job import Job
from photostore.photo.events import PhotoDeleted
from photostore.shared.aggregate import Event
from photostore.upload.events import UploadLeftBytes
from photostore.user.events import AccountErased

DELETE_BLOBS = "delete_blobs"
ERASE_ACCOUNT = "erase_account"


def _delete_blob(event: PhotoDeleted | UploadLeftBytes) -> Job:
    return Job(name=DELETE_BLOBS, arguments={"keys": [event.blob_key]})


def _erase_account(event: AccountErased) -> Job:
    return Job(name=ERASE_ACCOUNT, arguments={"user_id": str(event.user_id)}, dedupe_key=f"erase:{event.user_id}")


REACTIONS: Mapping[type[Event], Callable[[Any], Job]] = {
    PhotoDeleted: _delete_blob,
    UploadLeftBytes: _delete_blob,
    AccountErased: _erase_account,
}


def jobs_caused_by(events: Sequence[Event]) -> list[Job]:
    """One job an event that has a reaction, in order."""
    return [REACTIONS[type(event)](event) for event in events if type(event) in REACTIONS]
