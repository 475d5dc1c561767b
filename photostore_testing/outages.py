"""What every blob store promises while whatever is behind it is down."""

import pytest

from photostore.shared.blobs import BlobStore, BlobStoreUnavailable
from photostore_testing.saying import a_key, chunked, content_of


@pytest.mark.asyncio
class UnreachableBlobStorePromises:
    """Wants the fixtures `unreachable`, a store that was set up well and does not answer, and `secrets`, texts that it was
    given and nobody is to be told."""

    async def test_every_call_says_that_the_store_is_unavailable(self, unreachable: BlobStore) -> None:
        key = a_key()

        with pytest.raises(BlobStoreUnavailable):
            await unreachable.put(key, chunked(b"bytes"), at_most=5)
        with pytest.raises(BlobStoreUnavailable):
            await unreachable.put(key, chunked(b"bytes"))
        with pytest.raises(BlobStoreUnavailable):
            await content_of(unreachable, key)
        with pytest.raises(BlobStoreUnavailable):
            await unreachable.head(key)
        with pytest.raises(BlobStoreUnavailable):
            await unreachable.delete(key)
        with pytest.raises(BlobStoreUnavailable):
            await anext(unreachable.list(""))

    async def test_what_is_told_of_it_has_no_secret_in_it(self, unreachable: BlobStore, secrets: list[str]) -> None:
        with pytest.raises(BlobStoreUnavailable) as told:
            await unreachable.head(a_key())

        assert [secret for secret in secrets if secret in str(told.value)] == []
