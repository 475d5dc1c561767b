"""Adapters as others write them, and some that do not fit."""

from dishka import Provider, Scope, alias, decorate, provide

from photostore.photo.queries import PhotoQueries
from photostore.shared.blobs import BlobSigner, MendableBlobStore, MultipartBlobStore
from photostore.shared.clock import Clock
from photostore.shared.rate_limits import RateLimiter
from photostore.user.identity_provider import IdentityProvider
from photostore.user.ports import PasswordHasher
from tests.fakes.blob_store import FakeBlobStore
from tests.fakes.identity_provider import FakeIdentityProvider
from tests.fakes.quotas import FakeRateLimiter
from tests.fakes.store import FakeStore
from tests.fakes.system import FakeClock, FakePasswordHasher


class StoreProvider(Provider):
    scope = Scope.APP

    @provide
    def mendable(self) -> MendableBlobStore:
        return FakeBlobStore()

    multiparts = alias(source=MendableBlobStore, provides=MultipartBlobStore)


class SigningStoreProvider(StoreProvider):
    signer = alias(source=MendableBlobStore, provides=BlobSigner)


class PeopleProvider(Provider):
    scope = Scope.APP

    identity_provider = provide(FakeIdentityProvider, provides=IdentityProvider)


class CountingProvider(Provider):
    scope = Scope.APP

    @provide
    def limiter(self) -> RateLimiter:
        return FakeRateLimiter(FakeStore(quota_bytes=0))


class HashingProvider(Provider):
    scope = Scope.APP

    hasher = provide(FakePasswordHasher, provides=PasswordHasher)


ready = HashingProvider()


class HalfStoreProvider(Provider):
    scope = Scope.APP

    @provide
    def mendable(self) -> MendableBlobStore:
        return FakeBlobStore()


class PerRequestProvider(Provider):
    scope = Scope.REQUEST

    hasher = provide(FakePasswordHasher, provides=PasswordHasher)


class GreedyProvider(HashingProvider):
    clock = provide(FakeClock, provides=Clock)


class MeddlingProvider(HashingProvider):
    @decorate
    def photos(self, photos: PhotoQueries) -> PhotoQueries:
        return photos


class NeedyProvider(Provider):
    scope = Scope.APP

    @provide
    def hasher(self, needed: FakeStore) -> PasswordHasher:
        return needed.passwords


def breaks_off() -> Provider:
    raise RuntimeError("no connection string")


def exits() -> Provider:
    raise SystemExit(0)


def no_provider() -> str:
    return "nothing"


not_even_callable = 7


class ForgetfulStore(FakeBlobStore):
    """Takes a key that is taken."""

    async def put(self, key, chunks, *, at_most=None):  # type: ignore[no-untyped-def]
        await self.delete(key)
        return await super().put(key, chunks, at_most=at_most)


class ForgetfulStoreProvider(Provider):
    scope = Scope.APP

    @provide
    def mendable(self) -> MendableBlobStore:
        return ForgetfulStore()

    multiparts = alias(source=MendableBlobStore, provides=MultipartBlobStore)
