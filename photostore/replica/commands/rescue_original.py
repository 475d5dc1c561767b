"""Put an original back into the primary from a replica, now: for whoever checks a library."""

from dataclasses import dataclass

from photostore.replica.copying import copy_original
from photostore.replica.errors import SourceFailed
from photostore.replica.ports import Originals
from photostore.replica.stores import PRIMARY, Stores
from photostore.shared.blobs import BlobKey, BlobStoreUnavailable


@dataclass(frozen=True, slots=True)
class RescueOriginal:
    """Answer the replica that had it whole, or `None` when none has, or there is no photo of this key.

    Every byte is checked against the photo's SHA-256, and nothing else is ever written. Raise `BlobStoreUnavailable` when the
    primary does not take it, or when no replica that could be asked has it.
    """

    stores: Stores
    originals: Originals

    async def __call__(self, *, key: BlobKey) -> str | None:
        original = await self.originals.find(key)
        if original is None or not self.stores.replicas:
            return None
        try:
            return (await copy_original(original, to=PRIMARY, stores=self.stores)).used
        except SourceFailed as failed:
            if failed.lost:
                return None
            raise BlobStoreUnavailable(str(failed)) from failed
