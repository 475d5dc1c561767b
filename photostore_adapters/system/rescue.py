"""Where there is one store alone, there is no other copy of anything."""

from photostore.check.ports import OriginalRescue
from photostore.shared.blobs import BlobKey
from photostore.shared.ids import PhotoId, UserId


class NoRescue(OriginalRescue):
    async def bring_back(
        self, photo_id: PhotoId, *, owner: UserId, key: BlobKey, byte_size: int, sha256: bytes
    ) -> bool:
        return False
