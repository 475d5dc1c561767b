"""What Postgres offers to the container."""

from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import msgspec
from dishka import Provider, Scope, from_context, provide
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from photostore.album.ports import AlbumContents, AlbumRepository, UserDirectory
from photostore.album.queries import AlbumPhotoQueries, AlbumQueries
from photostore.archive.ports import ChecksumRepository
from photostore.archive.queries import ArchiveQueries
from photostore.audit.ports import AuditLog
from photostore.audit.queries import AuditQueries
from photostore.check.ports import CheckRuns, Findings, OneCheck, PhotosOnFile, RowAudit
from photostore.event.listeners import Places
from photostore.event.ports import ChangeHistory, ChangeSignal
from photostore.event.queries import ChangeQueries
from photostore.hashtag.ports import HashtagRepository
from photostore.hashtag.queries import HashtagQueries
from photostore.photo.duplicates import DuplicateQueries
from photostore.photo.ports import DeletionLedger, PhotoRepository, TrashRepository, WantedImages
from photostore.photo.queries import LibraryQueries, PhotoQueries
from photostore.quota.ports import QuotaAudit, Quotas
from photostore.quota.queries import QuotaQueries
from photostore.replica.ports import DamageReports, Originals, ReplicaStates, ReplicaTasks
from photostore.replica.queries import ReplicaQueries
from photostore.selection.ports import SelectionRepository
from photostore.selection.queries import SelectionQueries
from photostore.share_link.exposure import ExposureQueries
from photostore.share_link.ports import ShareAllowance, ShareCounter, ShareLinkRepository
from photostore.share_link.queries import ShareLinkQueries, ShareQueries
from photostore.shared.idempotency import IdempotencyKeys
from photostore.shared.media import MediaRevocations, MediaRevoker
from photostore.shared.rate_limits import RateLimiter
from photostore.shared.unit_of_work import UnitOfWork
from photostore.submission.ports import SubmissionRepository
from photostore.submission.queries import SubmissionQueries
from photostore.transfer.queries import TransferQueries
from photostore.upload.ports import BlobReferences, SweepLedger, UploadRepository
from photostore.upload.queries import UploadQueries
from photostore.user.accounts import AccountQueries
from photostore.user.ports import ApiKeyRepository, SessionRepository, UserRepository
from photostore.user.queries import CredentialQueries, LiveCredentials, UserQueries
from photostore.webhook.ports import WebhookRepository, WebhookRuns
from photostore.webhook.queries import DueWebhooks, WebhookQueries
from photostore_adapters.postgres.accounts import PostgresAccountQueries
from photostore_adapters.postgres.album_contents import PostgresAlbumContents
from photostore_adapters.postgres.album_photo_queries import PostgresAlbumPhotoQueries
from photostore_adapters.postgres.album_queries import PostgresAlbumQueries
from photostore_adapters.postgres.albums import PostgresAlbumRepository, PostgresUserDirectory
from photostore_adapters.postgres.answer_seal import AnswerSeal, AnswerSealSettings
from photostore_adapters.postgres.archives import PostgresArchiveQueries, PostgresChecksumRepository
from photostore_adapters.postgres.audit_log import PostgresAuditLog, PostgresAuditQueries
from photostore_adapters.postgres.change_announcer import ChangeAnnouncer
from photostore_adapters.postgres.change_outbox import ChangeOutbox
from photostore_adapters.postgres.change_queries import PostgresChangeQueries
from photostore_adapters.postgres.change_signal import PostgresChangeSignal
from photostore_adapters.postgres.changes import ChangeWatch, NobodyWatches, PendingChanges, PostgresChangeHistory
from photostore_adapters.postgres.check_log import AdvisoryOneCheck, PostgresCheckRuns, PostgresFindings
from photostore_adapters.postgres.check_photos import PostgresPhotosOnFile
from photostore_adapters.postgres.connections import ConnectionKind, Connections
from photostore_adapters.postgres.credentials import (
    CredentialCaching,
    PostgresCredentialQueries,
    PostgresLiveCredentials,
)
from photostore_adapters.postgres.duplicate_queries import PostgresDuplicateQueries
from photostore_adapters.postgres.errors import DatabaseUnavailable, translated
from photostore_adapters.postgres.events import Outbox
from photostore_adapters.postgres.exposure import PostgresExposureQueries
from photostore_adapters.postgres.hashtags import PostgresHashtagQueries, PostgresHashtagRepository
from photostore_adapters.postgres.health import DatabaseCheck
from photostore_adapters.postgres.idempotency import PostgresIdempotencyKeys
from photostore_adapters.postgres.library import PostgresLibraryQueries
from photostore_adapters.postgres.media_revocations import (
    MediaRevocationSettings,
    PostgresMediaRevocations,
    PostgresMediaRevoker,
)
from photostore_adapters.postgres.photo_queries import PostgresPhotoQueries
from photostore_adapters.postgres.photos import PostgresDeletionLedger, PostgresPhotoRepository
from photostore_adapters.postgres.quotas import PostgresQuotas, QuotaDefault
from photostore_adapters.postgres.rate_limits import PostgresRateLimiter
from photostore_adapters.postgres.reading import Reader, open_pool
from photostore_adapters.postgres.replica_queries import PostgresOriginals, PostgresReplicaQueries
from photostore_adapters.postgres.replica_tasks import (
    PostgresDamageReports,
    PostgresReplicaStates,
    PostgresReplicaTasks,
)
from photostore_adapters.postgres.row_audit import PostgresRowAudit
from photostore_adapters.postgres.selections import PostgresSelectionQueries, PostgresSelectionRepository
from photostore_adapters.postgres.sessions import PostgresApiKeyRepository, PostgresSessionRepository
from photostore_adapters.postgres.settings import PostgresSettings
from photostore_adapters.postgres.share_allowance import PostgresShareAllowance
from photostore_adapters.postgres.share_counter import PostgresShareCounter
from photostore_adapters.postgres.share_links import PostgresShareLinkRepository
from photostore_adapters.postgres.share_queries import PostgresShareLinkQueries, PostgresShareQueries
from photostore_adapters.postgres.storage import PostgresQuotaAudit, PostgresQuotaQueries
from photostore_adapters.postgres.submissions import PostgresSubmissionQueries, PostgresSubmissionRepository
from photostore_adapters.postgres.sweep_ledger import PostgresSweepLedger
from photostore_adapters.postgres.transaction import Transaction
from photostore_adapters.postgres.transaction_connections import TransactionConnections
from photostore_adapters.postgres.transfers import PostgresTransferQueries
from photostore_adapters.postgres.trash import PostgresTrashRepository
from photostore_adapters.postgres.unit_of_work import PostgresUnitOfWork
from photostore_adapters.postgres.upload_queries import PostgresUploadQueries
from photostore_adapters.postgres.uploads import PostgresBlobReferences, PostgresUploadRepository
from photostore_adapters.postgres.users import PostgresUserQueries, PostgresUserRepository
from photostore_adapters.postgres.waiting import WaitingTransaction
from photostore_adapters.postgres.wanted_images import PostgresWantedImages
from photostore_adapters.postgres.webhook_queries import PostgresDueWebhooks, PostgresWebhookQueries
from photostore_adapters.postgres.webhook_runs import PostgresWebhookRuns
from photostore_adapters.postgres.webhooks import PostgresWebhookRepository


class PostgresProvider(Provider):
    """Repositories share the session of their scope; reads have a pool of their own."""

    scope = Scope.REQUEST

    settings = from_context(PostgresSettings, scope=Scope.APP)
    quota_default = from_context(QuotaDefault, scope=Scope.APP)
    revocation_settings = from_context(MediaRevocationSettings, scope=Scope.APP)
    answer_seal_settings = from_context(AnswerSealSettings, scope=Scope.APP)
    caching = from_context(CredentialCaching, scope=Scope.APP)

    @provide(scope=Scope.APP)
    def connection_kind(self) -> ConnectionKind:
        return ConnectionKind()

    @provide(scope=Scope.APP)
    async def engine(self, settings: PostgresSettings, kind: ConnectionKind) -> AsyncIterator[AsyncEngine]:
        engine = create_async_engine(
            settings.sqlalchemy_url,
            pool_size=settings.pool_size,
            max_overflow=0,
            pool_timeout=settings.connect_timeout + settings.statement_timeout,
            # Transactions are begun and ended by `Transaction`.
            isolation_level="AUTOCOMMIT",
            pool_reset_on_return=None,
            # Bound values are people's data: they stay out of errors and logs.
            hide_parameters=True,
            json_serializer=lambda value: msgspec.json.encode(value).decode(),
            json_deserializer=msgspec.json.decode,
            connect_args={
                "timeout": settings.connect_timeout,
                "command_timeout": settings.statement_timeout,
                "connection_class": kind.cls,
            },
        )
        yield engine
        await engine.dispose()

    @provide(scope=Scope.APP)
    async def reader(self, settings: PostgresSettings, kind: ConnectionKind) -> AsyncIterator[Reader]:
        pool = await open_pool(settings, kind.cls)
        patience = settings.connect_timeout + settings.statement_timeout
        yield Reader(Connections(pool, size=settings.pool_size, patience=patience))
        pool.terminate()

    @provide(scope=Scope.APP)
    def media_revocations(self, reader: Reader, settings: MediaRevocationSettings) -> MediaRevocations:
        return PostgresMediaRevocations(reader, settings)

    @provide(scope=Scope.APP)
    async def change_signal(self, settings: PostgresSettings, places: Places) -> AsyncIterator[ChangeSignal]:
        signal = PostgresChangeSignal(settings, places)
        yield signal
        await signal.aclose()

    @provide(scope=Scope.APP)
    async def change_announcer(self, reader: Reader) -> AsyncIterator[ChangeAnnouncer]:
        announcer = ChangeAnnouncer(reader)
        yield announcer
        await announcer.aclose()

    @provide(scope=Scope.APP)
    def transaction_connections(
        self, engine: AsyncEngine, settings: PostgresSettings
    ) -> Iterator[TransactionConnections]:
        patience = settings.connect_timeout + settings.statement_timeout
        connections = TransactionConnections(engine, size=settings.pool_size, patience=patience)
        yield connections
        connections.close()

    @provide
    async def transaction(self, connections: TransactionConnections) -> AsyncIterator[Transaction]:
        transaction = Transaction(connections)
        yield transaction
        with suppress(DatabaseUnavailable), translated():
            await transaction.aclose()

    @provide
    def session(self, transaction: Transaction) -> AsyncSession:
        return transaction.session

    @provide
    def waiting(self) -> Iterator[WaitingTransaction]:
        waiting = WaitingTransaction()
        yield waiting
        waiting.transaction = None

    @provide(scope=Scope.APP)
    def photo_queries(self, reader: Reader) -> PhotoQueries:
        return PostgresPhotoQueries(reader)

    unit_of_work = provide(PostgresUnitOfWork, provides=UnitOfWork)
    answer_seal = provide(AnswerSeal, scope=Scope.APP)
    idempotency_keys = provide(PostgresIdempotencyKeys, provides=IdempotencyKeys)
    watch = provide(NobodyWatches, provides=ChangeWatch, scope=Scope.APP)
    change_outbox = provide(ChangeOutbox, scope=Scope.APP)
    outbox = provide(Outbox)
    pending_changes = provide(PendingChanges)
    change_history = provide(PostgresChangeHistory, provides=ChangeHistory)
    changes = provide(PostgresChangeQueries, provides=ChangeQueries, scope=Scope.APP)
    library = provide(PostgresLibraryQueries, provides=LibraryQueries, scope=Scope.APP)
    duplicates = provide(PostgresDuplicateQueries, provides=DuplicateQueries, scope=Scope.APP)
    media_revoker = provide(PostgresMediaRevoker, provides=MediaRevoker)
    users = provide(PostgresUserRepository, provides=UserRepository)
    sessions = provide(PostgresSessionRepository, provides=SessionRepository)
    api_keys = provide(PostgresApiKeyRepository, provides=ApiKeyRepository)
    photos = provide(PostgresPhotoRepository, provides=PhotoRepository)
    wanted_images = provide(PostgresWantedImages, provides=WantedImages)
    trash = provide(PostgresTrashRepository, provides=TrashRepository)
    ledger = provide(PostgresDeletionLedger, provides=DeletionLedger)
    uploads = provide(PostgresUploadRepository, provides=UploadRepository)
    hashtags = provide(PostgresHashtagRepository, provides=HashtagRepository)
    share_links = provide(PostgresShareLinkRepository, provides=ShareLinkRepository)
    share_link_queries = provide(PostgresShareLinkQueries, provides=ShareLinkQueries, scope=Scope.APP)
    share_queries = provide(PostgresShareQueries, provides=ShareQueries, scope=Scope.APP)
    exposure = provide(PostgresExposureQueries, provides=ExposureQueries, scope=Scope.APP)
    share_allowance = provide(PostgresShareAllowance, provides=ShareAllowance)
    submissions = provide(PostgresSubmissionRepository, provides=SubmissionRepository)
    submission_queries = provide(PostgresSubmissionQueries, provides=SubmissionQueries, scope=Scope.APP)
    selections = provide(PostgresSelectionRepository, provides=SelectionRepository)
    selection_queries = provide(PostgresSelectionQueries, provides=SelectionQueries, scope=Scope.APP)
    share_counter = provide(PostgresShareCounter, provides=ShareCounter, scope=Scope.APP)
    quotas = provide(PostgresQuotas, provides=Quotas)
    quota_audit = provide(PostgresQuotaAudit, provides=QuotaAudit)
    quota_queries = provide(PostgresQuotaQueries, provides=QuotaQueries, scope=Scope.APP)
    sweep_ledger = provide(PostgresSweepLedger, provides=SweepLedger)
    blob_references = provide(PostgresBlobReferences, provides=BlobReferences)

    replica_tasks = provide(PostgresReplicaTasks, provides=ReplicaTasks)
    replica_states = provide(PostgresReplicaStates, provides=ReplicaStates)
    replica_queries = provide(PostgresReplicaQueries, provides=ReplicaQueries, scope=Scope.APP)
    originals = provide(PostgresOriginals, provides=Originals, scope=Scope.APP)
    damage_reports = provide(PostgresDamageReports, provides=DamageReports, scope=Scope.APP)

    albums = provide(PostgresAlbumRepository, provides=AlbumRepository)
    album_contents = provide(PostgresAlbumContents, provides=AlbumContents)
    user_directory = provide(PostgresUserDirectory, provides=UserDirectory, scope=Scope.APP)
    album_queries = provide(PostgresAlbumQueries, provides=AlbumQueries, scope=Scope.APP)
    album_photos = provide(PostgresAlbumPhotoQueries, provides=AlbumPhotoQueries, scope=Scope.APP)

    webhooks = provide(PostgresWebhookRepository, provides=WebhookRepository)
    webhook_runs = provide(PostgresWebhookRuns, provides=WebhookRuns, scope=Scope.APP)
    webhook_queries = provide(PostgresWebhookQueries, provides=WebhookQueries, scope=Scope.APP)
    due_webhooks = provide(PostgresDueWebhooks, provides=DueWebhooks, scope=Scope.APP)

    archives = provide(PostgresArchiveQueries, provides=ArchiveQueries, scope=Scope.APP)
    transfers = provide(PostgresTransferQueries, provides=TransferQueries, scope=Scope.APP)
    checksums = provide(PostgresChecksumRepository, provides=ChecksumRepository)
    upload_queries = provide(PostgresUploadQueries, provides=UploadQueries, scope=Scope.APP)
    user_queries = provide(PostgresUserQueries, provides=UserQueries, scope=Scope.APP)
    credential_queries = provide(PostgresCredentialQueries, provides=CredentialQueries, scope=Scope.APP)
    account_queries = provide(PostgresAccountQueries, provides=AccountQueries, scope=Scope.APP)
    audit_log = provide(PostgresAuditLog, provides=AuditLog)
    audit_queries = provide(PostgresAuditQueries, provides=AuditQueries, scope=Scope.APP)
    live_credentials = provide(PostgresLiveCredentials, provides=LiveCredentials, scope=Scope.APP)
    hashtag_queries = provide(PostgresHashtagQueries, provides=HashtagQueries, scope=Scope.APP)
    photos_on_file = provide(PostgresPhotosOnFile, provides=PhotosOnFile, scope=Scope.APP)
    row_audit = provide(PostgresRowAudit, provides=RowAudit)
    check_runs = provide(PostgresCheckRuns, provides=CheckRuns)
    findings = provide(PostgresFindings, provides=Findings)
    one_check = provide(AdvisoryOneCheck, provides=OneCheck, scope=Scope.APP)
    check = provide(DatabaseCheck, scope=Scope.APP)


class PostgresRateLimits(Provider):
    """Tries counted in Postgres. Stands after its provider."""

    scope = Scope.APP

    rate_limiter = provide(PostgresRateLimiter, provides=RateLimiter)
