"""What Redis offers to the container: mostly, what stands before what Postgres offers."""

from collections.abc import AsyncIterator, Sequence

from dishka import AsyncContainer, Provider, Scope, alias, decorate, from_context, provide

from photostore.photo.queries import PhotoQueries
from photostore.shared.clock import Clock
from photostore.shared.health import HealthCheck
from photostore.shared.media import MediaRevocations, MediaRevoker
from photostore.shared.rate_limits import RateLimiter
from photostore.user.queries import LiveCredentials
from photostore_adapters.postgres.changes import ChangeWatch
from photostore_adapters.postgres.media_revocations import PostgresMediaRevocations
from photostore_adapters.postgres.settings import PostgresSettings
from photostore_adapters.postgres.transaction import Transaction
from photostore_adapters.redis.cached_photos import CachedPhotoQueries
from photostore_adapters.redis.client import RedisClient
from photostore_adapters.redis.health import RedisCheck
from photostore_adapters.redis.photo_cache import PhotoCache
from photostore_adapters.redis.rate_limits import RedisRateLimiter
from photostore_adapters.redis.relay import Relay
from photostore_adapters.redis.revocations import RevocationBus, ToldCredentials, ToldMediaRevoker
from photostore_adapters.redis.settings import RedisSettings


class RedisProvider(Provider):
    """Stands after the provider of Postgres, which it wraps."""

    scope = Scope.APP

    settings = from_context(RedisSettings)

    @provide
    async def client(self, settings: RedisSettings) -> AsyncIterator[RedisClient]:
        client = RedisClient(settings)
        yield client
        await client.aclose()

    @provide
    async def photo_cache(self, client: RedisClient, settings: RedisSettings) -> AsyncIterator[PhotoCache]:
        cache = PhotoCache(client, settings)
        yield cache
        await cache.aclose()

    watch = alias(source=PhotoCache, provides=ChangeWatch, override=True)

    @provide
    async def relay(
        self, client: RedisClient, settings: RedisSettings, postgres: PostgresSettings
    ) -> AsyncIterator[Relay]:
        relay = Relay(client, settings, postgres)
        yield relay
        await relay.aclose()

    @provide
    async def bus(self, client: RedisClient, settings: RedisSettings) -> AsyncIterator[RevocationBus]:
        bus = RevocationBus(client, settings)
        yield bus
        await bus.aclose()

    @decorate
    def photos(self, photos: PhotoQueries, cache: PhotoCache) -> PhotoQueries:
        return CachedPhotoQueries(photos, cache)

    @decorate
    def credentials(self, credentials: LiveCredentials, bus: RevocationBus) -> LiveCredentials:
        return ToldCredentials(credentials, bus)

    @decorate(scope=Scope.REQUEST)
    def media_revoker(self, revoker: MediaRevoker, transaction: Transaction, bus: RevocationBus) -> MediaRevoker:
        return ToldMediaRevoker(revoker, transaction, bus)

    @decorate
    def media_revocations(self, revocations: MediaRevocations, bus: RevocationBus) -> MediaRevocations:
        assert isinstance(revocations, PostgresMediaRevocations)
        bus.on_media = revocations.look_again
        return revocations


class RedisRateLimits(Provider):
    """Stands after the limiter that counts while Redis is away."""

    scope = Scope.APP

    @decorate
    def rate_limiter(
        self, limiter: RateLimiter, client: RedisClient, settings: RedisSettings, clock: Clock
    ) -> RateLimiter:
        return RedisRateLimiter(client, settings, clock, otherwise=limiter)


class RedisReadiness(Provider):
    """Stands after the checks of all that is vital."""

    scope = Scope.APP

    check = provide(RedisCheck)

    @decorate
    def checks(self, checks: Sequence[HealthCheck], redis: RedisCheck) -> Sequence[HealthCheck]:
        return (*checks, redis)


async def start(container: AsyncContainer) -> None:
    """What Redis needs of a process that serves or does jobs; it ends with the container."""
    (await container.get(RedisClient)).start()
    (await container.get(Relay)).start()
    (await container.get(RevocationBus)).start()
