"""Every blob store that photostore has keeps what `photostore_testing` says of blob stores."""

import pytest

from photostore.shared.blobs import BlobStore
from photostore_testing import (
    BlobSignerPromises,
    BlobStorePromises,
    MendableBlobStorePromises,
    MultipartBlobStorePromises,
)
from tests.contract.blobs.stores import LOCAL


class TestBlobStore(BlobStorePromises):
    @pytest.mark.parametrize("stores", LOCAL, indirect=True)  # the S3 server of the tests lets the last writer win
    async def test_of_several_writers_of_one_key_exactly_one_wins(self, blobs: BlobStore) -> None:
        await super().test_of_several_writers_of_one_key_exactly_one_wins(blobs)


class TestMultipartBlobStore(MultipartBlobStorePromises):
    pass


class TestBlobSigner(BlobSignerPromises):
    pass


class TestMendableBlobStore(MendableBlobStorePromises):
    pass
