"""Remove bytes that no row names."""

from dataclasses import dataclass

from photostore.check.finding import Finding, Kind, Outcome
from photostore.check.ports import Deletions
from photostore.check.strays import PARTED, Strays
from photostore.shared.blobs import BlobKey, MendableBlobStore, MultipartBlobStore, MultipartId
from photostore.shared.unit_of_work import UnitOfWork
from photostore.upload.ports import BlobReferences


@dataclass(frozen=True, slots=True)
class MendStray:
    """Looked at once more. Keys are never used again, so what was old and unnamed cannot have become anybody's."""

    blobs: MendableBlobStore
    multiparts: MultipartBlobStore
    references: BlobReferences
    deletions: Deletions
    unit_of_work: UnitOfWork

    async def __call__(self, *, finding: Finding) -> Outcome:
        assert finding.key is not None, "bytes have a key"
        key, _, multipart_id = finding.key.partition(PARTED)
        strays = Strays(self.blobs, self.references, self.deletions, self.unit_of_work)
        if not await strays.unnamed([BlobKey(key)]):
            return Outcome.GONE
        if finding.kind is Kind.MULTIPART_UNREFERENCED:
            await self.multiparts.abort(BlobKey(key), MultipartId(multipart_id))
        else:
            await self.blobs.delete(BlobKey(key))
        return Outcome.MENDED
