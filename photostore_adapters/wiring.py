"""The one file that knows every adapter: settings in, container out."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from dishka import STRICT_VALIDATION, AsyncContainer, Provider, Scope, from_context, make_async_container, provide
from dishka.exceptions import InvalidGraphError

from photostore.album.ports import AlbumPolicy
from photostore.archive.queries import ArchiveLimits
from photostore.audit.retention import AuditPolicy
from photostore.event.listeners import FollowingLimits, Places
from photostore.event.retention import ChangePolicy
from photostore.hashtag.queries import HashtagVisibility
from photostore.photo.commands.request_image import ImagePatience
from photostore.photo.renditions import RenditionPolicy
from photostore.photo.trash import TrashPolicy
from photostore.replica.policy import ReplicaPolicy
from photostore.share_link.policy import SharePolicy
from photostore.shared.blobs import BlobSigner
from photostore.shared.errors import Unavailable
from photostore.shared.health import HealthCheck
from photostore.upload.commands.sweep_blobs import SweepPolicy
from photostore.upload.limits import UploadLimits
from photostore.use_cases import USE_CASES
from photostore.user.attempts import ReturnTargets
from photostore.user.commands.authenticate import Authenticate
from photostore.user.policy import AccountPolicy
from photostore.webhook.commands.prune_deliveries import DeliveryLogPolicy
from photostore.webhook.target import WebhookTargets
from photostore.webhook.webhook import WebhookPolicy
from photostore_adapters.context import adapter_context, core_context, postgres_of
from photostore_adapters.filesystem.health import FilesystemHealthCheck
from photostore_adapters.filesystem.provider import FilesystemProvider
from photostore_adapters.imaging.processes.pool import DecoderPool
from photostore_adapters.imaging.provider import ImagingProvider
from photostore_adapters.jobs.housekeeping import JobsCheck
from photostore_adapters.jobs.provider import JobsProvider
from photostore_adapters.jobs.worker import Worker, WorkerSettings
from photostore_adapters.observability.provider import ObservabilityProvider
from photostore_adapters.observability.work_spans import WorkSpans
from photostore_adapters.oidc.absent import AbsentOidcProvider
from photostore_adapters.outside.finding import found_adapters, provided
from photostore_adapters.postgres.health import DatabaseCheck
from photostore_adapters.postgres.provider import PostgresProvider, PostgresRateLimits
from photostore_adapters.replicas.provider import NoReplicas, Replicas, SignedReplicas
from photostore_adapters.settings import Settings, SettingsError, secret_key_of
from photostore_adapters.system.provider import PasswordsProvider, SystemProvider
from photostore_adapters.webhooks.courier import WebhookCourier
from photostore_adapters.webhooks.provider import WebhooksProvider
from photostore_adapters.webhooks.settings import CourierSettings

_log = structlog.get_logger(__name__)


class UseCases(Provider):
    """Every use case, made anew for each request or job."""

    scope = Scope.REQUEST

    def __init__(self) -> None:
        super().__init__()
        for use_case in USE_CASES:
            # It keeps nothing of a request, and every request needs it.
            self.provide(use_case, scope=Scope.APP if use_case is Authenticate else None)


class Policies(Provider):
    """The rules that settings choose."""

    scope = Scope.APP

    account_policy = from_context(AccountPolicy)
    archive_limits = from_context(ArchiveLimits)
    upload_limits = from_context(UploadLimits)
    rendition_policy = from_context(RenditionPolicy)
    image_patience = from_context(ImagePatience)
    sweep_policy = from_context(SweepPolicy)
    trash_policy = from_context(TrashPolicy)
    album_policy = from_context(AlbumPolicy)
    change_policy = from_context(ChangePolicy)
    following_limits = from_context(FollowingLimits)
    places = provide(Places)
    audit_policy = from_context(AuditPolicy)
    hashtag_visibility = from_context(HashtagVisibility)
    replica_policy = from_context(ReplicaPolicy)
    share_policy = from_context(SharePolicy)
    return_targets = from_context(ReturnTargets)
    webhook_targets = from_context(WebhookTargets)
    webhook_policy = from_context(WebhookPolicy)
    delivery_log_policy = from_context(DeliveryLogPolicy)


class FileStoreChecks(Provider):
    scope = Scope.APP

    @provide
    def checks(self, database: DatabaseCheck, storage: FilesystemHealthCheck, jobs: JobsCheck) -> Sequence[HealthCheck]:
        return (database, storage, jobs)


def make_container(
    settings: Settings, database_url: str, *providers: Provider, context: Mapping[type[Any], Any] | None = None
) -> AsyncContainer:
    """The container of one process. `database_url` is where Postgres is, embedded or not; more providers add to it.

    Raise `SettingsError` when an adapter that the settings name is not there, or does not fit.
    """
    outside = found_adapters(settings)
    try:
        return _container(settings, database_url, outside, *providers, context=context)
    except InvalidGraphError as error:
        if not outside:
            raise
        named = ", ".join(f"adapters.{part}" for part in outside)
        raise SettingsError([f"{named}: what it needs is provided by nobody, or twice: {error}"]) from error


def _container(
    settings: Settings,
    database_url: str,
    outside: Mapping[str, Provider],
    *providers: Provider,
    context: Mapping[type[Any], Any] | None,
) -> AsyncContainer:
    secret = secret_key_of(settings).reveal().encode()
    return make_async_container(
        UseCases(),
        PostgresProvider(),
        JobsProvider(),
        SystemProvider(),
        ImagingProvider(),
        Policies(),
        outside.get("rate_limiter") or PostgresRateLimits(),
        outside.get("password_hasher") or PasswordsProvider(),
        outside.get("identity_provider") or _identity_provider(settings),
        *_store(settings, outside.get("storage")),
        WebhooksProvider(),
        ObservabilityProvider(),
        *_replicas(settings, outside.get("storage")),
        *_redis(settings, outside),
        *providers,
        context={**core_context(settings), **adapter_context(settings, database_url, secret), **(context or {})},
        validation_settings=STRICT_VALIDATION,
    )


async def settled(container: AsyncContainer) -> None:
    """Make what a process makes once, one after the other: from then on no request need ask for the lock behind which they
    are made, some forty times each."""
    for key in container.registry.factories:
        await container.get(key.type_hint, component=key.component)
    container.lock = None


# What only some installations need is imported by those alone: it takes as long as all the rest.


def _store(settings: Settings, outside: Provider | None) -> Sequence[Provider]:
    if outside is not None:
        from photostore_adapters.outside.storage import outside_store

        return outside_store(outside)
    if not settings.s3_enabled:
        return FilesystemProvider(), FileStoreChecks()
    from photostore_adapters.bucket import BucketChecks
    from photostore_adapters.s3.provider import S3Provider

    return S3Provider(), BucketChecks()


def _replicas(settings: Settings, outside: Provider | None) -> Sequence[Provider]:
    if not settings.storage.replicas:
        return [NoReplicas()]
    signs_itself = settings.s3_enabled or (outside is not None and BlobSigner in provided(outside))
    return [Replicas(), SignedReplicas()] if signs_itself else [Replicas()]


def _identity_provider(settings: Settings) -> Provider:
    if not settings.oidc_enabled:
        return AbsentOidcProvider()
    from photostore_adapters.oidc.provider import OidcProvider

    return OidcProvider()


def _redis(settings: Settings, outside: Mapping[str, Provider]) -> Sequence[Provider]:
    if not settings.redis_enabled:
        return ()
    from photostore_adapters.redis.provider import RedisProvider, RedisRateLimits, RedisReadiness

    rate_limits = () if "rate_limiter" in outside else (RedisRateLimits(),)
    return RedisProvider(), *rate_limits, RedisReadiness()


def traced(settings: Settings) -> Sequence[Provider]:
    """What stands last in the container of a process that serves or works."""
    if not settings.tracing_enabled:
        return ()
    from photostore_adapters.observability.tracing.choosing import tracing_providers

    return tracing_providers(settings)


async def request_spans(container: AsyncContainer, settings: Settings) -> Any:
    """As `Observed` takes them; `None` where requests are not traced."""
    if not settings.tracing_enabled:
        return None
    from photostore_adapters.observability.tracing.requests import RequestSpans

    return await container.get(RequestSpans)


async def accompany(container: AsyncContainer, settings: Settings) -> None:
    """Begin what runs beside requests and jobs, in every process that serves or works; it ends with the container."""
    if settings.redis_enabled:
        from photostore_adapters.redis.provider import start

        await start(container)


def make_worker(
    container: AsyncContainer, settings: Settings, database_url: str, spans: WorkSpans | None = None
) -> Worker:
    return Worker(
        container,
        postgres_of(settings, database_url),
        WorkerSettings(
            concurrency=settings.jobs.concurrency,
            # One more than there are decoders: it fetches the next original meanwhile.
            pictures=settings.decoder_processes + 1,
            heartbeat_seconds=settings.jobs.heartbeat_seconds,
            sweep_schedule=settings.jobs.sweep_schedule,
            replicas=len(settings.storage.replicas),
        ),
        beside=[WebhookCourier(container, CourierSettings(concurrency=settings.webhooks.concurrency), spans)],
        spans=spans,
    )


async def prove_decoders(container: AsyncContainer) -> None:
    """On pictures of its own, so that a library that is missing shows at the start and not in people's photos."""
    try:
        faults = await (await container.get(DecoderPool)).prove()
    except Unavailable as error:
        _log.error("no picture can be decoded", reason=error.detail)
        return
    for name, fault in faults.items():
        if fault is not None:
            _log.error("a decoder does not work", decoder=name, fault=fault)
    _log.info("decoders tried", working=[name for name, fault in faults.items() if fault is None])
