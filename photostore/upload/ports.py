"""What the upload room asks of the world to write."""

from abc import abstractmethod
from collections.abc import Sequence, Set
from datetime import datetime
from typing import Protocol
from uuid import UUID

from photostore.shared.blobs import BlobKey
from photostore.shared.ids import UploadId, UserId
from photostore.upload.sweeping import Swept
from photostore.upload.upload import Upload


class UploadRepository(Protocol):
    @abstractmethod
    async def add(self, upload: Upload) -> None: ...

    @abstractmethod
    async def get(self, upload_id: UploadId, *, owner: UserId) -> Upload:
        """Lock it until the transaction's end. Raise `UploadNotFound` when it is absent or someone else's."""

    @abstractmethod
    async def save(self, upload: Upload) -> None:
        """Raise `ConcurrentUpdate` when it was changed since it was read."""

    @abstractmethod
    async def open_of(self, owner: UserId) -> Sequence[Upload]:
        """The owner's uploads that have not ended, locked."""

    @abstractmethod
    async def forget(self, *, before: datetime) -> int:
        """Remove those that ended and whose time was over before then; answer how many."""

    @abstractmethod
    async def expired(self, *, before: datetime, limit: int) -> Sequence[Upload]:
        """Open ones whose time is over, locked; ones that another transaction holds, or that someone is completing, are
        passed over."""


class BlobReferences(Protocol):
    @abstractmethod
    async def installation(self) -> UUID:
        """The id of this database, made with it: another database has another."""

    @abstractmethod
    async def unreferenced(self, keys: Sequence[BlobKey]) -> Sequence[BlobKey]:
        """Those of `keys` that neither a photo nor an open upload names, as its bytes or as the tail of them."""


class SweepLedger(Protocol):
    @abstractmethod
    async def note(self, swept: Swept, *, at: datetime, refusal: str | None) -> None:
        """Within the unit of work: what the last look for unreferenced blobs found and removed, or why it removed nothing."""

    @abstractmethod
    async def issue(self, token: UUID) -> None:
        """Within the unit of work: a new one, which is this database's from then on."""

    @abstractmethod
    async def known(self, tokens: Sequence[UUID]) -> Set[UUID]:
        """Those of them that are this database's."""
