"""The archive room's ports in memory."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from photostore.archive.ports import Checksum, ChecksumRepository
from photostore.archive.queries import ArchivedPhoto, ArchiveQueries
from photostore.photo.photo import Photo
from photostore.shared.ids import AlbumId, PhotoId, SubmissionId, UserId
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.store import FakeStore


class FakeArchiveQueries(ArchiveQueries):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def chosen(self, photo_ids: Sequence[PhotoId], *, owner: UserId) -> Sequence[ArchivedPhoto]:
        asked = [self._store.photos.rows.get(each) for each in dict.fromkeys(photo_ids)]
        return [self._archived(each) for each in asked if each and each.owner_id == owner and each.trashed_at is None]

    async def of_album(self, album_id: AlbumId, *, owner: UserId, limit: int) -> Sequence[ArchivedPhoto]:
        places = self._store.album_photos.where(lambda row: row.album_id == album_id)
        placed = sorted(places, key=lambda row: (row.position, row.photo_id))
        photos = [self._store.photos.rows[each.photo_id] for each in placed]
        return [self._archived(each) for each in photos if each.trashed_at is None][:limit]

    async def of_shared_album(self, album_id: AlbumId, *, owner: UserId, limit: int) -> Sequence[ArchivedPhoto]:
        places = self._store.album_photos.where(lambda row: row.album_id == album_id)
        sent_as: dict[UUID, SubmissionId | None] = {place.photo_id: place.submission_id for place in places}
        return [self._sent(each, sent_as[each.id]) for each in await self.of_album(album_id, owner=owner, limit=limit)]

    def _sent(self, photo: ArchivedPhoto, submission_id: SubmissionId | None) -> ArchivedPhoto:
        if submission_id is None:
            return photo
        sent = self._store.shared.guests.submissions.rows[submission_id]
        if sent.made_photo:
            return replace(photo, submission_id=submission_id)
        return replace(photo, submission_id=submission_id, filename=sent.filename, created_at=sent.created_at)

    def _archived(self, photo: Photo) -> ArchivedPhoto:
        return ArchivedPhoto(
            owner_id=photo.owner_id,
            id=photo.id,
            filename=photo.filename,
            content_type=photo.content_type,
            byte_size=photo.byte_size,
            blob_key=photo.blob_key,
            taken_at=photo.taken_at,
            taken_at_offset_minutes=photo.taken_at_offset_minutes,
            created_at=photo.created_at,
            crc32=self._store.checksums.rows.get(photo.id),
        )


class FakeChecksumRepository(ChecksumRepository):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._store = store
        self._unit_of_work = unit_of_work

    async def keep(self, checksums: Sequence[Checksum]) -> None:
        for each in checksums:
            photo_id = PhotoId(each.photo_id)
            photo = self._unit_of_work.find(self._store.photos, photo_id)
            known = self._unit_of_work.find(self._store.checksums, photo_id)
            if photo is not None and photo.owner_id == each.owner_id and known is None:
                self._unit_of_work.put(self._store.checksums, photo_id, each.crc32)
