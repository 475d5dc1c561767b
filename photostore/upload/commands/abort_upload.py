"""Take an upload back."""

from dataclasses import dataclass

from photostore.quota.ports import Quotas
from photostore.shared.clock import Clock
from photostore.shared.ids import UploadId, UserId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.shared.versions import ANY_VERSION, ExpectedVersion
from photostore.upload.errors import UploadEnded
from photostore.upload.ports import UploadRepository
from photostore.upload.upload import UploadState


@dataclass(frozen=True, slots=True)
class AbortUpload:
    """The reservation is given back, and a job removes what arrived. One that has failed already is fine.

    Raise `UploadNotFound`, `PreconditionFailed`, and `UploadEnded` when it has become a photo: that is what to delete then.
    """

    uploads: UploadRepository
    quotas: Quotas
    clock: Clock
    unit_of_work: UnitOfWork

    async def __call__(
        self, *, actor: UserId, upload_id: UploadId, expected_version: ExpectedVersion = ANY_VERSION
    ) -> None:
        async with self.unit_of_work:
            upload = await self.uploads.get(upload_id, owner=actor)
            expected_version.demand(upload.version)
            if upload.state is UploadState.COMPLETED:
                raise UploadEnded("The upload is completed: delete its photo instead.")
            if not upload.is_open:
                return
            upload.end(UploadState.ABORTED, reason="It was taken back.", now=self.clock.now())
            await self.quotas.release(actor, upload.reserved_bytes)
            await self.uploads.save(upload)
