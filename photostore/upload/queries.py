"""What is read of uploads."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from photostore.shared.ids import UploadId, UserId
from photostore.upload.upload import Upload, UploadState


class UploadQueries(Protocol):
    """Uploads as they are stored, to look at: nothing is locked, and nothing that is changed of them is kept."""

    @abstractmethod
    async def list(
        self, owner: UserId, *, state: UploadState | None, after: UploadId | None, limit: int
    ) -> Sequence[Upload]:
        """Through whatever door, the newest first."""

    @abstractmethod
    async def get(self, upload_id: UploadId, *, owner: UserId) -> Upload:
        """Raise `UploadNotFound` when it is absent or someone else's."""
