"""The upload room's ports in memory."""

from collections.abc import Sequence, Set
from datetime import datetime
from itertools import islice
from uuid import UUID

from photostore.event.ports import EventPublisher
from photostore.quota.queries import SweepView
from photostore.shared.blobs import BlobKey
from photostore.shared.ids import UploadId, UserId
from photostore.upload.errors import UploadNotFound
from photostore.upload.ports import BlobReferences, SweepLedger, UploadRepository
from photostore.upload.queries import UploadQueries
from photostore.upload.sweeping import Swept
from photostore.upload.upload import Upload, UploadState
from photostore.user.errors import UserNotFound
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.store import FakeStore


class FakeUploadRepository(UploadRepository):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork, events: EventPublisher) -> None:
        self._users = store.users
        self._uploads = store.uploads
        self._unit_of_work = unit_of_work
        self._events = events

    async def add(self, upload: Upload) -> None:
        if self._unit_of_work.find(self._users, upload.owner_id) is None:
            raise UserNotFound(f"There is no user {upload.owner_id}.")
        recorded = upload.take_events()
        self._unit_of_work.put(self._uploads, upload.id, upload)
        await self._events.publish(recorded)

    async def get(self, upload_id: UploadId, *, owner: UserId) -> Upload:
        await self._unit_of_work.lock((self._uploads, upload_id))
        upload = self._unit_of_work.find(self._uploads, upload_id)
        if upload is None or upload.owner_id != owner:
            raise UploadNotFound(f"There is no upload {upload_id}.")
        return upload

    async def save(self, upload: Upload) -> None:
        recorded = upload.take_events()
        await self._unit_of_work.save(self._uploads, upload)
        await self._events.publish(recorded)

    async def open_of(self, owner: UserId) -> Sequence[Upload]:
        found = self._unit_of_work.where(self._uploads, lambda row: row.is_open and row.owner_id == owner)
        return sorted(found, key=lambda row: row.id)

    async def forget(self, *, before: datetime) -> int:
        over = self._unit_of_work.where(self._uploads, lambda row: not row.is_open and row.expires_at < before)
        for upload in over:
            self._unit_of_work.delete(self._uploads, upload.id)
        return len(over)

    async def expired(self, *, before: datetime, limit: int) -> Sequence[Upload]:
        over = self._unit_of_work.where(
            self._uploads,
            lambda row: row.is_open and max(row.expires_at, row.completing_until or row.expires_at) < before,
        )
        free = (
            upload
            for upload in sorted(over, key=lambda row: row.expires_at)
            if self._unit_of_work.try_to_lock((self._uploads, upload.id))
        )
        return list(islice(free, limit))


class FakeUploadQueries(UploadQueries):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def list(
        self, owner: UserId, *, state: UploadState | None, after: UploadId | None, limit: int
    ) -> Sequence[Upload]:
        self._store.answer_or_not()
        found = self._store.uploads.where(
            lambda row: row.owner_id == owner and state in (None, row.state) and (after is None or row.id < after)
        )
        return sorted(found, key=lambda row: row.id, reverse=True)[:limit]

    async def get(self, upload_id: UploadId, *, owner: UserId) -> Upload:
        self._store.answer_or_not()
        found = self._store.uploads.where(lambda row: row.id == upload_id and row.owner_id == owner)
        if not found:
            raise UploadNotFound(f"There is no upload {upload_id}.")
        return found[0]


class FakeBlobReferences(BlobReferences):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._store = store
        self._unit_of_work = unit_of_work

    async def installation(self) -> UUID:
        return self._store.installation

    async def unreferenced(self, keys: Sequence[BlobKey]) -> Sequence[BlobKey]:
        photos = self._unit_of_work.where(self._store.photos, lambda row: row.blob_key in keys)
        uploads = self._unit_of_work.where(self._store.uploads, lambda row: row.is_open)
        named = {photo.blob_key for photo in photos} | {upload.blob_key for upload in uploads}
        named |= {upload.reception.tail_key for upload in uploads if upload.reception and upload.reception.tail_key}
        return [key for key in keys if key not in named]


class FakeSweepLedger(SweepLedger):
    """What was noted stands in the store's `admin`."""

    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._store = store
        self._unit_of_work = unit_of_work

    async def note(self, swept: Swept, *, at: datetime, refusal: str | None) -> None:
        found = SweepView(at, swept.blobs, swept.multiparts, refusal)
        self._unit_of_work.put(self._store.admin.sweeps, "last", found)

    async def issue(self, token: UUID) -> None:
        self._unit_of_work.put(self._store.admin.sweep_tokens, token, token)

    async def known(self, tokens: Sequence[UUID]) -> Set[UUID]:
        return set(self._unit_of_work.where(self._store.admin.sweep_tokens, lambda each: each in tokens))
