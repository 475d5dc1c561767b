"""A remover for which the last ten bytes of a JPEG are its metadata, and the last five where it was taken."""

from photostore.photo.metadata_policy import CannotClean, CleanCopy, CopiedRange, MetadataPolicy, MetadataRemover
from photostore.shared.blobs import BlobKey

_OFF = {MetadataPolicy.KEEP: 0, MetadataPolicy.NO_LOCATION: 5, MetadataPolicy.NONE: 10}


class FakeMetadataRemover(MetadataRemover):
    version = "fake"

    async def clean_copy(self, key: BlobKey, *, content_type: str, byte_size: int, policy: MetadataPolicy) -> CleanCopy:
        if policy is not MetadataPolicy.KEEP and content_type != "image/jpeg":
            raise CannotClean(f"not of {content_type}, as told")
        kept = byte_size - _OFF[policy]
        return CleanCopy(pieces=(CopiedRange(0, kept),), byte_size=kept)
