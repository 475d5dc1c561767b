"""Make the photo of an upload whose bytes have arrived and were looked at: the one end of every door."""

from dataclasses import dataclass

from photostore.album.adding import put_if_allowed
from photostore.album.ports import AlbumContents, AlbumRepository
from photostore.photo.jobs import MOST_BEHIND
from photostore.photo.photo import Photo
from photostore.photo.ports import DeletionLedger, PhotoRepository
from photostore.photo.queries import PhotoView
from photostore.photo.viewing import view_of
from photostore.quota.ports import Quotas
from photostore.shared.clock import Clock, Ids
from photostore.shared.ids import PhotoId, UploadId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.submission.commands.receive_submission import ReceiveSubmission, SentPhoto
from photostore.submission.guest import GuestUpload
from photostore.upload.commands.start_upload import previously_deleted
from photostore.upload.details import UploadDetails
from photostore.upload.pictures import PictureHeader
from photostore.upload.ports import UploadRepository
from photostore.upload.upload import Upload, UploadState


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedFile:
    """What really lies in the store."""

    filename: str
    byte_size: int
    sha256: bytes
    header: PictureHeader


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """The photo that has the bytes now; `duplicate` when the owner had it before, and nothing was kept or charged.

    `repeated` when the upload had been completed already, and this only says so again. `made` is the photo as it was made
    just now: whoever tells of it need not read it again.
    """

    photo_id: PhotoId
    duplicate: bool
    repeated: bool = False
    made: PhotoView | None = None


@dataclass(frozen=True, slots=True)
class CompleteUpload:
    """One transaction: photo, hashtags, album, settled quota, finished upload and the jobs that follow.

    One that was completed meanwhile answers its photo. Raise `QuotaExceeded` when the size, known at last, does not fit,
    `UploadEnded` when the upload ended otherwise, and `PreviouslyDeleted` when the owner deleted a photo of these bytes
    and wants none again.
    """

    uploads: UploadRepository
    photos: PhotoRepository
    ledger: DeletionLedger
    receive_submission: ReceiveSubmission
    albums: AlbumRepository
    album_contents: AlbumContents
    quotas: Quotas
    clock: Clock
    ids: Ids
    unit_of_work: UnitOfWork

    async def __call__(
        self, *, actor: UserId, upload_id: UploadId, arrived: ArrivedFile, details: UploadDetails
    ) -> Uploaded:
        async with self.unit_of_work.answering():
            upload = await self.uploads.get(upload_id, owner=actor)
            if upload.state is UploadState.COMPLETED:
                return await self.made_of(upload)
            behind = await self.photos.count_processing(actor, at_most=MOST_BEHIND)
            photo = self._photo(upload, arrived, details, behind)
            existing = await self.photos.add(photo)
            if details.guest is not None:
                await self._receive(details.guest, photo, existing)
            if details.album_id is not None:
                # Before the quota, as by all who lock both.
                await put_if_allowed(
                    details.album_id,
                    existing or photo.id,
                    self.albums,
                    self.album_contents,
                    owner=actor,
                    now=photo.created_at,
                )
            if existing is None:
                if details.refuse_deleted:
                    deleted_at = await self.ledger.deleted_at(photo.sha256, owner=actor)
                    if deleted_at is not None:
                        raise previously_deleted(deleted_at)
                upload.complete(photo.id, now=photo.created_at)
                await self.quotas.settle(actor, reserved=upload.reserved_bytes, used=photo.byte_size)
            else:
                upload.complete_as_duplicate(existing, now=self.clock.now())
                await self._give_back(upload, photo, guest=details.guest is not None)
            await self.uploads.save(upload)
        if existing is not None:
            return Uploaded(photo_id=existing, duplicate=True)
        return Uploaded(photo_id=photo.id, duplicate=False, made=view_of(photo))

    async def _receive(self, guest: GuestUpload, photo: Photo, existing: PhotoId | None) -> None:
        """Before the quota, as by all who lock albums."""
        sent = SentPhoto(
            photo_id=existing or photo.id,
            made=existing is None,
            filename=photo.filename,
            title=photo.title,
            byte_size=photo.byte_size,
        )
        await self.receive_submission(owner=photo.owner_id, guest=guest, sent=sent)

    async def _give_back(self, upload: Upload, photo: Photo, *, guest: bool) -> None:
        more = 0
        if guest:
            # Whether there is room must not tell a guest whether the owner has the photo.
            more = max(0, photo.byte_size - upload.reserved_bytes)
            await self.quotas.reserve(upload.owner_id, more)
        await self.quotas.release(upload.owner_id, upload.reserved_bytes + more)

    async def made_of(self, upload: Upload) -> Uploaded:
        """The photo of a completed upload, within a unit of work. Raise `PhotoNotFound` when it was deleted since."""
        assert upload.photo_id is not None, "a completed upload has its photo"
        photo = await self.photos.get(upload.photo_id, owner=upload.owner_id)
        return Uploaded(photo_id=photo.id, duplicate=photo.blob_key != upload.blob_key, repeated=True)

    def _photo(self, upload: Upload, arrived: ArrivedFile, details: UploadDetails, behind: int) -> Photo:
        now = self.clock.now()
        photo = Photo(
            id=PhotoId(self.ids.new()),
            owner_id=upload.owner_id,
            blob_key=upload.blob_key,
            filename=arrived.filename,
            content_type=arrived.header.content_type,
            byte_size=arrived.byte_size,
            sha256=arrived.sha256,
            width=arrived.header.width,
            height=arrived.header.height,
            taken_at=arrived.header.taken_at,
            taken_at_offset_minutes=arrived.header.taken_at_offset_minutes,
            title=details.title,
            description=details.description,
            hashtags=details.hashtags,
            created_at=now,
            updated_at=now,
        )
        photo.created(keywords_as_hashtags=details.keywords_as_hashtags, behind=behind)
        return photo
