"""The fakes, for the container."""

from collections.abc import Iterator
from functools import cache
from zlib import crc32

from dishka import AnyOf, Provider, Scope, provide

from photostore.album.ports import AlbumContents, AlbumPolicy, AlbumRepository, UserDirectory
from photostore.album.queries import AlbumPhotoQueries, AlbumQueries
from photostore.archive.ports import ChecksumRepository, Crc32
from photostore.archive.queries import ArchiveLimits, ArchiveQueries
from photostore.audit.ports import AuditLog
from photostore.audit.queries import AuditQueries
from photostore.audit.retention import AuditPolicy
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
from photostore.replica.queries import ReplicaQueries
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
from photostore.shared.blobs import BlobSigner, BlobStore, MultipartBlobStore
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
from tests.fakes.replicas import FakeReplicaQueries
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


class FakeWorldProvider(Provider):
    """All but the database: clock and chance, the blob store, the identity provider, and what the operator chose."""

    scope = Scope.APP

    def __init__(self, store: FakeStore) -> None:
        super().__init__()
        self._store = store

    @provide
    def store(self) -> FakeStore:
        return self._store

    @provide
    def crc32(self) -> Crc32:
        return crc32

    @provide
    def clock(self) -> Clock:
        return self._store.clock

    @provide
    def ids(self) -> Ids:
        return self._store.ids

    @provide
    def secrets(self) -> Secrets:
        return self._store.secrets

    @provide
    def passwords(self) -> PasswordHasher:
        return self._store.passwords

    @provide
    def access_tokens(self) -> AccessTokens:
        return self._store.access_tokens

    @provide
    def media_urls(self) -> MediaUrls:
        return self._store.media_urls

    @provide
    def pending_sign_ins(self) -> PendingSignIns:
        return self._store.pending_sign_ins

    @provide
    def blobs(self) -> AnyOf[BlobStore, MultipartBlobStore, BlobSigner, SignedBlobs]:
        return self._store.blobs

    @provide
    def identity_provider(self) -> IdentityProvider:
        return self._store.identity_provider

    @provide
    def inspector(self) -> PictureInspector:
        return self._store.inspector

    @provide
    def decoder(self) -> PictureDecoder:
        return self._store.decoder

    @provide
    def remover(self) -> MetadataRemover:
        return FakeMetadataRemover()

    @provide
    def rendition_policy(self) -> RenditionPolicy:
        return self._store.rendition_policy

    @provide
    def image_patience(self) -> ImagePatience:
        return self._store.image_patience

    @provide
    def archive_limits(self) -> ArchiveLimits:
        return self._store.archive_limits

    @provide
    def policy(self) -> AccountPolicy:
        return self._store.policy

    @provide
    def limits(self) -> UploadLimits:
        return self._store.limits

    @provide
    def sweep_policy(self) -> SweepPolicy:
        return self._store.sweep_policy

    @provide
    def trash_policy(self) -> TrashPolicy:
        return self._store.trash_policy

    @provide
    def album_policy(self) -> AlbumPolicy:
        return self._store.album_policy

    @provide
    def change_policy(self) -> ChangePolicy:
        return self._store.change_policy

    @provide
    def audit_policy(self) -> AuditPolicy:
        return self._store.admin.audit_policy

    @provide
    def hashtag_visibility(self) -> HashtagVisibility:
        return self._store.hashtag_visibility

    @provide
    def share_policy(self) -> SharePolicy:
        return self._store.share_policy

    share_tokens = provide(FakeShareTokens, provides=ShareTokens)
    share_file_urls = provide(FakeShareFileUrls, provides=ShareFileUrls)

    @provide
    def share_unlocks(self) -> ShareUnlocks:
        return FakeShareUnlocks()

    @provide
    def return_targets(self) -> ReturnTargets:
        return self._store.return_targets


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
    troubled_jobs = provide(FakeTroubledJobs, provides=TroubledJobs, scope=Scope.REQUEST)
    job_queries = provide(FakeJobQueries, provides=JobQueries, scope=Scope.APP)
    audit_log = provide(FakeAuditLog, provides=AuditLog, scope=Scope.REQUEST)
    audit_queries = provide(FakeAuditQueries, provides=AuditQueries, scope=Scope.APP)
    account_queries = provide(FakeAccountQueries, provides=AccountQueries, scope=Scope.APP)
    sweep_ledger = provide(FakeSweepLedger, provides=SweepLedger, scope=Scope.REQUEST)
    replica_queries = provide(FakeReplicaQueries, provides=ReplicaQueries, scope=Scope.APP)
    blob_references = provide(FakeBlobReferences, provides=BlobReferences, scope=Scope.REQUEST)

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


def fakes_provider(store: FakeStore) -> Provider:
    return FakesProvider(store)


@cache
def use_cases_provider() -> Provider:
    """Made once: to read what each of them needs takes longer than a test does, and it keeps nothing of a container."""
    provider = Provider(scope=Scope.REQUEST)
    provider.provide_all(*USE_CASES)
    return provider
