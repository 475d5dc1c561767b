"""What ports promise, as tests: the same that photostore's own adapters pass.

Each class of promises says which fixtures it wants. Whoever writes an adapter gives them, and inherits:

    class TestMyStore(BlobStorePromises):
        @pytest.fixture
        async def blobs(self) -> BlobStore: ...

It needs pytest and pytest-asyncio (`pip install photostore[testing]`).
"""

import pytest

# Before they are loaded, so that a promise that is not kept tells what was found instead.
pytest.register_assert_rewrite(
    *(
        f"{__name__}.{module}"
        for module in (
            "blob_store",
            "identity_provider",
            "mending",
            "multiparts",
            "outages",
            "passwords",
            "rate_limiter",
            "signer",
        )
    )
)

from photostore_testing.blob_store import BlobStorePromises  # noqa: E402
from photostore_testing.clock import StoppedClock  # noqa: E402
from photostore_testing.identity_provider import IdentityProviderPromises, IdentityWorld  # noqa: E402
from photostore_testing.mending import MendableBlobStorePromises  # noqa: E402
from photostore_testing.multiparts import MultipartBlobStorePromises  # noqa: E402
from photostore_testing.outages import UnreachableBlobStorePromises  # noqa: E402
from photostore_testing.passwords import PasswordHasherPromises  # noqa: E402
from photostore_testing.rate_limiter import RateLimiterPromises  # noqa: E402
from photostore_testing.signer import Answer, BlobSignerPromises, Send  # noqa: E402

__all__ = [
    "Answer",
    "BlobSignerPromises",
    "BlobStorePromises",
    "IdentityProviderPromises",
    "IdentityWorld",
    "MendableBlobStorePromises",
    "MultipartBlobStorePromises",
    "PasswordHasherPromises",
    "RateLimiterPromises",
    "Send",
    "StoppedClock",
    "UnreachableBlobStorePromises",
]
