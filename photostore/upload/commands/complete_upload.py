"""Make the photo of an upload whose bytes have arrived and were looked at: the one end of every door."""

from dataclasses import dataclass

from photostore.photo.photo import Photo
from photostore.photo.ports import DeletionLedger, PhotoRepository
from photostore.quota.ports import Quotas
from photostore.shared.clock import Clock, Ids
from photostore.shared.ids import PhotoId, UploadId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.commands.start_upload import demand_never_deleted
from photostore.upload.form import UploadDetails
from photostore.upload.pictures import PictureHeader
from photostore.upload.ports import UploadRepository
from photostore.upload.upload import Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedFile:
    """What really lies in the store."""

    filename: str
    byte_size: int
    sha256: bytes
    header: PictureHeader


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """The photo that has the bytes now; `duplicate` when the owner had it before, and nothing was kept or charged."""

    photo_id: PhotoId
    duplicate: bool


@dataclass(frozen=True, slots=True)
class CompleteUpload:
    """One transaction: photo, hashtags, settled quota, finished upload and the jobs that follow.

    Raise `QuotaExceeded` when the size, known at last, does not fit, and `UploadInvalid` when the upload ended meanwhile;
    with `refuse_deleted` also `PreviouslyDeleted`, when the owner had a photo of these bytes once and deleted it.
    """

    uploads: UploadRepository
    photos: PhotoRepository
    ledger: DeletionLedger
    quotas: Quotas
    clock: Clock
    ids: Ids
    unit_of_work: UnitOfWork

    async def __call__(
        self,
        *,
        actor: UserId,
        upload_id: UploadId,
        arrived: ArrivedFile,
        details: UploadDetails,
        refuse_deleted: bool = False,
    ) -> Uploaded:
        async with self.unit_of_work:
            upload = await self.uploads.get(upload_id, owner=actor)
            photo = self._photo(upload, arrived, details)
            existing = await self.photos.add(photo)
            if existing is None:
                if refuse_deleted:
                    await demand_never_deleted(self.ledger, photo.sha256, owner=actor)
                upload.complete(photo.id)
                await self.quotas.settle(actor, reserved=upload.reserved_bytes, used=photo.byte_size)
            else:
                upload.complete_as_duplicate(existing, now=self.clock.now())
                await self.quotas.release(actor, upload.reserved_bytes)
            await self.uploads.save(upload)
        return Uploaded(photo_id=existing or photo.id, duplicate=existing is not None)

    def _photo(self, upload: Upload, arrived: ArrivedFile, details: UploadDetails) -> Photo:
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
        photo.created(keywords_as_hashtags=details.keywords_as_hashtags)
        return photo
