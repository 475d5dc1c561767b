"""Begin an upload."""

from dataclasses import dataclass
from datetime import datetime

from photostore.album.adding import put_if_allowed
from photostore.album.errors import AlbumNotFound
from photostore.album.ports import AlbumContents, AlbumRepository
from photostore.album.queries import AlbumQueries
from photostore.album.roles import ALLOWED, Action
from photostore.photo.errors import PreviouslyDeleted
from photostore.photo.queries import PhotoQueries
from photostore.quota.ports import Quotas
from photostore.shared.clock import Clock, Ids
from photostore.shared.ids import AlbumId, PhotoId, UploadId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.details import no_album
from photostore.upload.limits import UploadLimits
from photostore.upload.ports import UploadRepository
from photostore.upload.upload import Upload


@dataclass(frozen=True, slots=True)
class StartUpload:
    """Set quota aside, choose the key, write the upload down. Raise `UploadTooLarge`, `QuotaExceeded` or `UserNotFound`.

    `at_most` is an upper bound of the size in bytes that may count some form fields too; what surely is the file's is
    reserved, and the rest is checked when its size is known.
    """

    uploads: UploadRepository
    photos: PhotoQueries
    albums: AlbumQueries
    album_repository: AlbumRepository
    album_contents: AlbumContents
    quotas: Quotas
    clock: Clock
    ids: Ids
    limits: UploadLimits
    unit_of_work: UnitOfWork

    async def __call__(self, *, actor: UserId, at_most: int | None, filename: str | None = None) -> Upload:
        now = self.clock.now()
        reserved_bytes = self.limits.surely_file(at_most)
        self.limits.demand_fits(reserved_bytes)
        upload = Upload.start(
            id=UploadId(self.ids.new()),
            owner_id=actor,
            reserved_bytes=reserved_bytes,
            now=now,
            expires_at=now + self.limits.form_lifetime,
            filename=filename,
        )
        await self.write_down(upload)
        return upload

    async def write_down(self, upload: Upload, *, answers: bool = False) -> None:
        """What every door does: the upload and its reservation, together or not at all. `answers` when nothing follows but
        the answer to who asked."""
        async with self.unit_of_work.answering() if answers else self.unit_of_work:
            if upload.photo_id is not None:
                await self._put(upload.photo_id, upload.owner_id, upload.details.album_id)
            await self.uploads.add(upload)
            if upload.is_open:
                await self.quotas.reserve(upload.owner_id, upload.reserved_bytes)

    async def known(self, *, actor: UserId, sha256: bytes | None, refuse_deleted: bool = False) -> PhotoId | None:
        """The photo of the actor's that has these bytes, in the trash or not: then nothing need be sent, stored or charged.

        Raise `PreviouslyDeleted` when there is none any more, and `refuse_deleted` says that there should be none again.
        """
        if sha256 is None:
            return None
        [known] = await self.photos.lookup([sha256], owner=actor)
        if known.deleted_at is not None and refuse_deleted:
            raise previously_deleted(known.deleted_at)
        return None if known.photo_id is None else PhotoId(known.photo_id)

    async def demand_album(self, *, actor: UserId, album_id: AlbumId | None) -> None:
        """Raise `UploadInvalid` when the actor cannot put photos into it. None is fine."""
        if album_id is None:
            return
        try:
            album = await self.albums.get(album_id, reader=actor)
        except AlbumNotFound:
            raise no_album() from None
        if album.query is not None or Action.ADD_PHOTOS not in ALLOWED[album.role]:
            raise no_album()

    async def put_known(self, photo_id: PhotoId, *, actor: UserId, album_id: AlbumId | None) -> None:
        """What every door does with a photo that was there before anything was sent. Nothing follows but the answer."""
        if album_id is not None:
            async with self.unit_of_work.answering():
                await self._put(photo_id, actor, album_id)

    async def _put(self, photo_id: PhotoId, owner: UserId, album_id: AlbumId | None) -> None:
        if album_id is not None:
            now = self.clock.now()
            await put_if_allowed(album_id, photo_id, self.album_repository, self.album_contents, owner=owner, now=now)


def previously_deleted(moment: datetime) -> PreviouslyDeleted:
    return PreviouslyDeleted(f"A photo of these bytes was deleted at {moment.isoformat(timespec='seconds')}.")
