"""Give an upload up."""

from dataclasses import dataclass

from photostore.quota.ports import Quotas
from photostore.shared.clock import Clock
from photostore.shared.ids import UploadId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.ports import UploadRepository
from photostore.upload.upload import UploadState


@dataclass(frozen=True, slots=True)
class EndUpload:
    """The reservation is given back, and a job removes what arrived. Raise `UploadNotFound` when it is gone.

    It looks at the upload under a lock: one that was completed, even by a commit whose answer was lost, keeps its bytes.
    """

    uploads: UploadRepository
    quotas: Quotas
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(self, *, owner: UserId, upload_id: UploadId, state: UploadState, reason: str) -> None:
        async with self.unit_of_work:
            upload = await self.uploads.get(upload_id, owner=owner)
            if upload.state is UploadState.COMPLETED:
                return
            if upload.is_open:
                upload.end(state, reason=reason, now=self.clock.now())
                await self.quotas.release(owner, upload.reserved_bytes)
            else:
                # It was ended meanwhile, and more bytes may have come since.
                upload.leave_bytes(now=self.clock.now())
            await self.uploads.save(upload)
