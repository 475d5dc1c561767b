"""Erase what a closed account had, and then the account: the job that closing it caused."""

from dataclasses import dataclass

from photostore.album.ports import AlbumContents, AlbumRepository
from photostore.album.taking import leave_everything
from photostore.photo.deleting import delete_for_good
from photostore.photo.ports import PhotoRepository
from photostore.quota.ports import Quotas
from photostore.shared.clock import Clock
from photostore.shared.ids import UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.ports import UploadRepository
from photostore.upload.upload import UploadState
from photostore.user.ports import UserRepository

BATCH = 100


@dataclass(frozen=True, slots=True)
class EraseAccount:
    """In small transactions, each complete in itself: run again after a crash it goes on where it was."""

    photos: PhotoRepository
    uploads: UploadRepository
    quotas: Quotas
    albums: AlbumRepository
    contents: AlbumContents
    users: UserRepository
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self, *, user_id: UserId) -> None:
        await self._end_uploads(user_id)
        await leave_everything(user_id, self.albums, self.contents, self.unit_of_work, now=self.clock.now())
        while await self._erase_some(user_id):
            pass
        async with self.unit_of_work:
            await self.users.remove(user_id)

    async def _end_uploads(self, owner: UserId) -> None:
        async with self.unit_of_work:
            for upload in await self.uploads.open_of(owner):
                upload.end(UploadState.ABORTED, reason="The account was closed.", now=self.clock.now())
                await self.uploads.save(upload)
                await self.quotas.release(owner, upload.reserved_bytes)

    async def _erase_some(self, owner: UserId) -> bool:
        async with self.unit_of_work:
            photos = await self.photos.oldest(owner, limit=BATCH)
            await delete_for_good(photos, self.photos, self.quotas, now=self.clock.now())
        return bool(photos)
