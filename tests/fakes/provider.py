"""The fakes, for the container."""

from collections.abc import Iterator
from functools import cache
from zlib import crc32

from dishka import AnyOf, Provider, Scope, from_context, provide

from photostore.album.ports import AlbumContents, AlbumPolicy, AlbumRepository, UserDirectory
from photostore.album.queries import AlbumPhotoQueries, AlbumQueries
from photostore.archive.ports import ChecksumRepository, Crc32
from photostore.archive.queries import ArchiveLimits, ArchiveQueries
from photostore.audit.ports import AuditLog
from photostore.audit.queries import AuditQueries
from photostore.audit.retention import AuditPolicy
from photostore.check.ports import (
    CheckRuns,
    Deletions,
    Findings,
    OneCheck,
    PhotosOnFile,
    RowAudit,
)
from photostore.event.listeners import Places
from photostore.event.ports import ChangeHistory, ChangeSignal, EventPublisher
from photostore.event.queries import ChangeQueries
from photostore.event.retention import ChangePolicy
from photostore.hashtag.ports import HashtagRepository
from photostore.hashtag.queries import HashtagQueries, HashtagVisibility
from photostore.job.ports import JobQueue, TroubledJobs
from photostore.job.queries import JobQueries
from photostore.photo.commands.request_image import ImagePatience
from photostore.photo.decoding import PictureDecoder
from photostore.photo.duplicates import DuplicateQueries
from photostore.photo.metadata_policy import MetadataRemover
from photostore.photo.ports import DeletionLedger, PhotoRepository, TrashRepository, WantedImages
from photostore.photo.queries import LibraryQueries, PhotoQueries
from photostore.photo.renditions import RenditionPolicy
from photostore.photo.trash import TrashPolicy
from photostore.quota.ports import QuotaAudit, Quotas
from photostore.quota.queries import QuotaQueries
from photostore.replica.policy import ReplicaPolicy
from photostore.replica.ports import DamageReports, Originals, ReplicaStates, ReplicaTasks
from photostore.replica.queries import ReplicaQueries
from photostore.replica.stores import Stores
from photostore.selection.ports import SelectionRepository
from photostore.selection.queries import SelectionQueries
from photostore.share_link.exposure import ExposureQueries
from photostore.share_link.policy import SharePolicy
from photostore.share_link.ports import (
    ShareAllowance,
    ShareCounter,
    ShareFileUrls,
    ShareLinkRepository,
    ShareTokens,
    ShareUnlocks,
)
from photostore.share_link.queries import ShareLinkQueries, ShareQueries
from photostore.shared.blobs import BlobSigner, BlobStore, MendableBlobStore, MultipartBlobStore
from photostore.shared.clock import Clock, Ids, Secrets
from photostore.shared.idempotency import IdempotencyKeys
from photostore.shared.media import MediaRevocations, MediaRevoker, MediaUrls
from photostore.shared.rate_limits import RateLimiter
from photostore.shared.signed_blobs import SignedBlobs
from photostore.shared.unit_of_work import UnitOfWork
from photostore.submission.ports import SubmissionRepository
from photostore.submission.queries import SubmissionQueries
from photostore.transfer.queries import TransferQueries
from photostore.upload.commands.sweep_blobs import SweepPolicy
from photostore.upload.limits import UploadLimits
from photostore.upload.pictures import PictureInspector
from photostore.upload.ports import BlobReferences, SweepLedger, UploadRepository
from photostore.upload.queries import UploadQueries
from photostore.use_cases import USE_CASES
from photostore.user.accounts import AccountQueries
from photostore.user.attempts import PendingSignIns, ReturnTargets
from photostore.user.identity_provider import IdentityProvider
from photostore.user.policy import AccountPolicy
from photostore.user.ports import AccessTokens, ApiKeyRepository, PasswordHasher, SessionRepository, UserRepository
from photostore.user.queries import CredentialQueries, LiveCredentials, UserQueries
from photostore.webhook.commands.prune_deliveries import DeliveryLogPolicy
from photostore.webhook.ports import (
    WebhookPayloads,
    WebhookRepository,
    WebhookRuns,
    WebhookSecrets,
    WebhookSender,
)
from photostore.webhook.queries import DueWebhooks, WebhookQueries
from photostore.webhook.target import WebhookTargets
from photostore.webhook.webhook import WebhookPolicy
from tests.fakes.accounts import FakeAccountQueries
from tests.fakes.albums import (
    FakeAlbumContents,
    FakeAlbumPhotoQueries,
    FakeAlbumQueries,
    FakeAlbumRepository,
    FakeUserDirectory,
)
from tests.fakes.archives import FakeArchiveQueries, FakeChecksumRepository
from tests.fakes.audit_log import FakeAuditLog, FakeAuditQueries
from tests.fakes.changes import FakeChangeHistory, FakeChangeQueries, FakeChangeSignal
from tests.fakes.checks import (
    FakeCheckRuns,
    FakeDeletions,
    FakeFindings,
    FakeOneCheck,
    FakePhotosOnFile,
    FakeRowAudit,
)
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.duplicates import FakeDuplicateQueries
from tests.fakes.exposure import FakeExposureQueries
from tests.fakes.guests import (
    FakeSelectionQueries,
    FakeSelectionRepository,
    FakeShareAllowance,
    FakeSubmissionQueries,
    FakeSubmissionRepository,
)
from tests.fakes.hashtags import FakeHashtagQueries, FakeHashtagRepository
from tests.fakes.idempotency import FakeIdempotencyKeys
from tests.fakes.jobs import FakeEventPublisher, FakeJobQueue
from tests.fakes.media import FakeMediaRevocations, FakeMediaRevoker
from tests.fakes.metadata_remover import FakeMetadataRemover
from tests.fakes.photos import (
    FakeDeletionLedger,
    FakeLibraryQueries,
    FakePhotoQueries,
    FakePhotoRepository,
    FakeWantedImages,
)
from tests.fakes.quotas import FakeQuotaAudit, FakeQuotaQueries, FakeQuotas, FakeRateLimiter
from tests.fakes.replicas import (
    FakeDamageReports,
    FakeOriginals,
    FakeReplicaQueries,
    FakeReplicaStates,
    FakeReplicaTasks,
    stores_of,
)
from tests.fakes.shares import (
    FakeShareCounter,
    FakeShareFileUrls,
    FakeShareLinkQueries,
    FakeShareLinkRepository,
    FakeShareQueries,
    FakeShareTokens,
    FakeShareUnlocks,
)
from tests.fakes.store import FakeStore
from tests.fakes.transfers import FakeTransferQueries
from tests.fakes.trash import FakeTrashRepository
from tests.fakes.troubled_jobs import FakeJobQueries, FakeTroubledJobs
from tests.fakes.uploads import FakeBlobReferences, FakeSweepLedger, FakeUploadQueries, FakeUploadRepository
from tests.fakes.users import (
    FakeApiKeyRepository,
    FakeCredentialQueries,
    FakeLiveCredentials,
    FakeSessionRepository,
    FakeUserQueries,
    FakeUserRepository,
)
from tests.fakes.webhooks import (
    FakeDueWebhooks,
    FakeWebhookPayloads,
    FakeWebhookQueries,
    FakeWebhookRepository,
    FakeWebhookRuns,
    FakeWebhookSecrets,
)


class FakeWorldProvider(Provider):
    """All but the database: clock and chance, the blob store, the identity provider, and what the operator chose."""

    scope = Scope.APP

    store = from_context(FakeStore)

    @provide
    def crc32(self) -> Crc32:
        return crc32

    @provide
    def clock(self, store: FakeStore) -> Clock:
        return store.clock

    @provide
    def ids(self, store: FakeStore) -> Ids:
        return store.ids

    @provide
    def secrets(self, store: FakeStore) -> Secrets:
        return store.secrets

    @provide
    def passwords(self, store: FakeStore) -> PasswordHasher:
        return store.passwords

    @provide
    def access_tokens(self, store: FakeStore) -> AccessTokens:
        return store.access_tokens

    @provide
    def media_urls(self, store: FakeStore) -> MediaUrls:
        return store.media_urls

    @provide
    def pending_sign_ins(self, store: FakeStore) -> PendingSignIns:
        return store.pending_sign_ins

    @provide
    def blobs(
        self, store: FakeStore
    ) -> AnyOf[BlobStore, MendableBlobStore, MultipartBlobStore, BlobSigner, SignedBlobs]:
        return store.blobs

    @provide
    def stores(self, store: FakeStore) -> Stores:
        return stores_of(store)

    @provide
    def replica_policy(self, store: FakeStore) -> ReplicaPolicy:
        return store.replication.policy

    @provide
    def identity_provider(self, store: FakeStore) -> IdentityProvider:
        return store.identity_provider

    @provide
    def inspector(self, store: FakeStore) -> PictureInspector:
        return store.inspector

    @provide
    def decoder(self, store: FakeStore) -> PictureDecoder:
        return store.decoder

    @provide
    def remover(self) -> MetadataRemover:
        return FakeMetadataRemover()

    @provide
    def rendition_policy(self, store: FakeStore) -> RenditionPolicy:
        return store.rendition_policy

    @provide
    def image_patience(self, store: FakeStore) -> ImagePatience:
        return store.image_patience

    @provide
    def archive_limits(self, store: FakeStore) -> ArchiveLimits:
        return store.archive_limits

    @provide
    def policy(self, store: FakeStore) -> AccountPolicy:
        return store.policy

    @provide
    def limits(self, store: FakeStore) -> UploadLimits:
        return store.limits

    @provide
    def sweep_policy(self, store: FakeStore) -> SweepPolicy:
        return store.sweep_policy

    @provide
    def trash_policy(self, store: FakeStore) -> TrashPolicy:
        return store.trash_policy

    @provide
    def album_policy(self, store: FakeStore) -> AlbumPolicy:
        return store.album_policy

    @provide
    def change_policy(self, store: FakeStore) -> ChangePolicy:
        return store.change_policy

    @provide
    def places(self, store: FakeStore) -> Places:
        return store.listeners.places

    @provide
    def audit_policy(self, store: FakeStore) -> AuditPolicy:
        return store.admin.audit_policy

    @provide
    def hashtag_visibility(self, store: FakeStore) -> HashtagVisibility:
        return store.hashtag_visibility

    @provide
    def share_policy(self, store: FakeStore) -> SharePolicy:
        return store.share_policy

    webhook_secrets = provide(FakeWebhookSecrets, provides=WebhookSecrets)
    webhook_payloads = provide(FakeWebhookPayloads, provides=WebhookPayloads)

    @provide
    def webhook_targets(self, store: FakeStore) -> WebhookTargets:
        return store.webhook_targets

    @provide
    def webhook_policy(self, store: FakeStore) -> WebhookPolicy:
        return store.webhook_policy

    @provide
    def delivery_log_policy(self, store: FakeStore) -> DeliveryLogPolicy:
        return store.delivery_log_policy

    @provide
    def webhook_sender(self, store: FakeStore) -> WebhookSender:
        return store.hooks.endpoints

    share_tokens = provide(FakeShareTokens, provides=ShareTokens)
    share_file_urls = provide(FakeShareFileUrls, provides=ShareFileUrls)

    @provide
    def share_unlocks(self) -> ShareUnlocks:
        return FakeShareUnlocks()

    @provide
    def return_targets(self, store: FakeStore) -> ReturnTargets:
        return store.return_targets


class FakeDatabaseProvider(Provider):
    """Repositories share the unit of work of their scope."""

    @provide(scope=Scope.REQUEST)
    def unit_of_work(self, store: FakeStore) -> Iterator[AnyOf[UnitOfWork, FakeUnitOfWork]]:
        unit_of_work = FakeUnitOfWork(store)
        yield unit_of_work
        unit_of_work.undo()

    idempotency_keys = provide(FakeIdempotencyKeys, provides=IdempotencyKeys, scope=Scope.REQUEST)

    jobs = provide(FakeJobQueue, provides=JobQueue, scope=Scope.REQUEST)
    events = provide(FakeEventPublisher, provides=EventPublisher, scope=Scope.REQUEST)
    changes = provide(FakeChangeQueries, provides=ChangeQueries, scope=Scope.APP)
    change_history = provide(FakeChangeHistory, provides=ChangeHistory, scope=Scope.REQUEST)
    change_signal = provide(FakeChangeSignal, provides=ChangeSignal, scope=Scope.APP)
    library = provide(FakeLibraryQueries, provides=LibraryQueries, scope=Scope.APP)
    duplicates = provide(FakeDuplicateQueries, provides=DuplicateQueries, scope=Scope.APP)
    media_revoker = provide(FakeMediaRevoker, provides=MediaRevoker, scope=Scope.REQUEST)
    media_revocations = provide(FakeMediaRevocations, provides=MediaRevocations, scope=Scope.APP)
    users = provide(FakeUserRepository, provides=UserRepository, scope=Scope.REQUEST)
    sessions = provide(FakeSessionRepository, provides=SessionRepository, scope=Scope.REQUEST)
    api_keys = provide(FakeApiKeyRepository, provides=ApiKeyRepository, scope=Scope.REQUEST)
    photos = provide(FakePhotoRepository, provides=AnyOf[PhotoRepository, FakePhotoRepository], scope=Scope.REQUEST)
    trash = provide(FakeTrashRepository, provides=TrashRepository, scope=Scope.REQUEST)
    ledger = provide(FakeDeletionLedger, provides=DeletionLedger, scope=Scope.REQUEST)
    wanted_images = provide(FakeWantedImages, provides=WantedImages, scope=Scope.REQUEST)
    uploads = provide(FakeUploadRepository, provides=UploadRepository, scope=Scope.REQUEST)
    hashtags = provide(FakeHashtagRepository, provides=HashtagRepository, scope=Scope.REQUEST)
    share_links = provide(FakeShareLinkRepository, provides=ShareLinkRepository, scope=Scope.REQUEST)
    share_link_queries = provide(FakeShareLinkQueries, provides=ShareLinkQueries, scope=Scope.APP)
    share_queries = provide(FakeShareQueries, provides=ShareQueries, scope=Scope.APP)
    exposure = provide(FakeExposureQueries, provides=ExposureQueries, scope=Scope.APP)
    share_allowance = provide(FakeShareAllowance, provides=ShareAllowance, scope=Scope.REQUEST)
    submissions = provide(FakeSubmissionRepository, provides=SubmissionRepository, scope=Scope.REQUEST)
    submission_queries = provide(FakeSubmissionQueries, provides=SubmissionQueries, scope=Scope.APP)
    selections = provide(FakeSelectionRepository, provides=SelectionRepository, scope=Scope.REQUEST)
    selection_queries = provide(FakeSelectionQueries, provides=SelectionQueries, scope=Scope.APP)
    share_counter = provide(FakeShareCounter, provides=ShareCounter, scope=Scope.APP)
    quotas = provide(FakeQuotas, provides=Quotas, scope=Scope.REQUEST)
    quota_audit = provide(FakeQuotaAudit, provides=QuotaAudit, scope=Scope.REQUEST)
    quota_queries = provide(FakeQuotaQueries, provides=QuotaQueries, scope=Scope.APP)
    photos_on_file = provide(FakePhotosOnFile, provides=PhotosOnFile, scope=Scope.APP)
    deletions = provide(FakeDeletions, provides=Deletions, scope=Scope.REQUEST)
    row_audit = provide(FakeRowAudit, provides=RowAudit, scope=Scope.REQUEST)
    check_runs = provide(FakeCheckRuns, provides=CheckRuns, scope=Scope.REQUEST)
    findings = provide(FakeFindings, provides=Findings, scope=Scope.REQUEST)
    one_check = provide(FakeOneCheck, provides=OneCheck, scope=Scope.APP)
    troubled_jobs = provide(FakeTroubledJobs, provides=TroubledJobs, scope=Scope.REQUEST)
    job_queries = provide(FakeJobQueries, provides=JobQueries, scope=Scope.APP)
    audit_log = provide(FakeAuditLog, provides=AuditLog, scope=Scope.REQUEST)
    audit_queries = provide(FakeAuditQueries, provides=AuditQueries, scope=Scope.APP)
    account_queries = provide(FakeAccountQueries, provides=AccountQueries, scope=Scope.APP)
    sweep_ledger = provide(FakeSweepLedger, provides=SweepLedger, scope=Scope.REQUEST)
    blob_references = provide(FakeBlobReferences, provides=BlobReferences, scope=Scope.REQUEST)

    webhooks = provide(FakeWebhookRepository, provides=WebhookRepository, scope=Scope.REQUEST)
    webhook_runs = provide(FakeWebhookRuns, provides=WebhookRuns, scope=Scope.APP)
    webhook_queries = provide(FakeWebhookQueries, provides=WebhookQueries, scope=Scope.APP)
    due_webhooks = provide(FakeDueWebhooks, provides=DueWebhooks, scope=Scope.APP)
    replica_tasks = provide(FakeReplicaTasks, provides=ReplicaTasks, scope=Scope.REQUEST)
    replica_states = provide(FakeReplicaStates, provides=ReplicaStates, scope=Scope.REQUEST)
    replica_queries = provide(FakeReplicaQueries, provides=ReplicaQueries, scope=Scope.APP)
    originals = provide(FakeOriginals, provides=Originals, scope=Scope.APP)
    damage_reports = provide(FakeDamageReports, provides=DamageReports, scope=Scope.APP)

    albums = provide(FakeAlbumRepository, provides=AlbumRepository, scope=Scope.REQUEST)
    album_contents = provide(FakeAlbumContents, provides=AlbumContents, scope=Scope.REQUEST)
    user_directory = provide(FakeUserDirectory, provides=UserDirectory, scope=Scope.APP)
    album_queries = provide(FakeAlbumQueries, provides=AlbumQueries, scope=Scope.APP)
    album_photos = provide(FakeAlbumPhotoQueries, provides=AlbumPhotoQueries, scope=Scope.APP)
    archives = provide(FakeArchiveQueries, provides=ArchiveQueries, scope=Scope.APP)
    checksums = provide(FakeChecksumRepository, provides=ChecksumRepository, scope=Scope.REQUEST)
    upload_queries = provide(FakeUploadQueries, provides=UploadQueries, scope=Scope.APP)
    user_queries = provide(FakeUserQueries, provides=UserQueries, scope=Scope.APP)
    credential_queries = provide(FakeCredentialQueries, provides=CredentialQueries, scope=Scope.APP)
    live_credentials = provide(FakeLiveCredentials, provides=LiveCredentials, scope=Scope.APP)
    photo_queries = provide(FakePhotoQueries, provides=PhotoQueries, scope=Scope.APP)
    transfers = provide(FakeTransferQueries, provides=TransferQueries, scope=Scope.APP)
    hashtag_queries = provide(FakeHashtagQueries, provides=HashtagQueries, scope=Scope.APP)
    rate_limiter = provide(FakeRateLimiter, provides=RateLimiter, scope=Scope.APP)


class FakesProvider(FakeWorldProvider, FakeDatabaseProvider):
    """Every port of the core."""


@cache
def fakes_provider() -> Provider:
    return FakesProvider()


@cache
def use_cases_provider() -> Provider:
    provider = Provider(scope=Scope.REQUEST)
    provider.provide_all(*USE_CASES)
    return provider
