"""What an adapter from outside can be, and what it then provides."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from photostore.shared.blobs import BlobSigner, MendableBlobStore, MultipartBlobStore
from photostore.shared.rate_limits import RateLimiter
from photostore.user.identity_provider import IdentityProvider
from photostore.user.ports import PasswordHasher


@dataclass(frozen=True, slots=True)
class Part:
    """All of `ports`, and `further` ones if it likes: what it does not provide of these, photostore does."""

    ports: tuple[type[Any], ...]
    further: tuple[type[Any], ...] = ()

    @property
    def told(self) -> str:
        named = " and ".join(port.__name__ for port in self.ports)
        return f"{named}, and {self.further[0].__name__} if it signs URLs itself" if self.further else named


# By the key in the section `adapters`.
PARTS: Mapping[str, Part] = MappingProxyType(
    {
        "storage": Part((MendableBlobStore, MultipartBlobStore), (BlobSigner,)),
        "identity_provider": Part((IdentityProvider,)),
        "rate_limiter": Part((RateLimiter,)),
        "password_hasher": Part((PasswordHasher,)),
    }
)
