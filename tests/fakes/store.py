"""Everything that the fakes of one test remember, and what it can be told about the world."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from uuid import UUID

from photostore.album.album import Album
from photostore.album.ports import AlbumPolicy
from photostore.archive.queries import ArchiveLimits
from photostore.audit.entry import AuditEntry
from photostore.audit.retention import AuditPolicy
from photostore.changes import changes_told_of
from photostore.check.finding import NotedFinding
from photostore.check.run import CheckRun
from photostore.event.change import coalesced
from photostore.event.listeners import FollowingLimits, Listeners, Places
from photostore.event.queries import ChangeView
from photostore.event.retention import ChangeBounds, ChangePolicy
from photostore.hashtag.hashtag import Hashtag
from photostore.hashtag.name import HashtagName
from photostore.hashtag.queries import HashtagVisibility
from photostore.job.job import Job
from photostore.photo.commands.request_image import ImagePatience
from photostore.photo.photo import Photo
from photostore.photo.picture import Failure, Fingerprint, ImageFormat
from photostore.photo.renditions import RenditionPolicy
from photostore.photo.trash import TrashPolicy
from photostore.quota.queries import SweepView
from photostore.replica.queries import ReplicaView
from photostore.selection.selection import Mark, Selection
from photostore.share_link.policy import SharePolicy
from photostore.share_link.ports import Visitor
from photostore.share_link.queries import ShareDay
from photostore.share_link.share_link import ShareLink
from photostore.shared.aggregate import Event
from photostore.shared.blobs import BlobKey
from photostore.shared.idempotency import KeptAnswer
from photostore.shared.ids import (
    AlbumId,
    ApiKeyId,
    PhotoId,
    SessionId,
    ShareLinkId,
    SubmissionId,
    UploadId,
    UserId,
)
from photostore.shared.rate_limits import RateLimit
from photostore.submission.submission import Submission
from photostore.upload.commands.sweep_blobs import SweepPolicy
from photostore.upload.limits import UploadLimits
from photostore.upload.upload import Upload
from photostore.user.attempts import ReturnTargets
from photostore.user.policy import AccountPolicy
from photostore.user.session import ApiKey, Session
from photostore.user.user import User
from photostore.webhook.commands.prune_deliveries import DeliveryLogPolicy
from photostore.webhook.target import WebhookTargets
from photostore.webhook.webhook import WebhookPolicy
from tests.builders import PICTURE_HEAD, a_header, a_policy, upload_limits
from tests.fakes.blob_store import FakeBlobStore
from tests.fakes.database import FakeDatabase, FakeUnitOfWork, Table
from tests.fakes.endpoints import FakeHooks
from tests.fakes.identity_provider import FakeIdentityProvider
from tests.fakes.picture_decoder import FakePictureDecoder
from tests.fakes.picture_inspector import FakePictureInspector
from tests.fakes.replication import FakeReplication
from tests.fakes.system import (
    NOW,
    FakeAccessTokens,
    FakeClock,
    FakeIds,
    FakeMediaUrls,
    FakePasswordHasher,
    FakePendingSignIns,
    FakeSecrets,
    new_id,
)


@dataclass
class FakeKey:
    """`attempt` claimed it; `answer` is `None` while that one runs."""

    attempt: object
    request: bytes
    leased_until: datetime
    expires_at: datetime
    answer: KeptAnswer | None = None


@dataclass
class FakePlace:
    """A photo in an album."""

    album_id: AlbumId
    photo_id: PhotoId
    owner_id: UserId
    position: int
    added_by: UserId
    added_at: datetime
    submission_id: SubmissionId | None = None


@dataclass
class FakeQuota:
    """In bytes; `quota` is `None` where nothing limits it. `used` counts the trash too, `photos` does not."""

    quota: int | None
    used: int = 0
    reserved: int = 0
    photos: int = 0
    trash: int = 0
    renditions: int = 0
    own: int | None = None
    """Where the owner has one of their own; `quota` is what holds."""


@dataclass
class FakeGuests:
    """What guests sent and chose. `accepted` counts uploads and bytes by link."""

    submissions: Table[SubmissionId, Submission] = field(default_factory=Table)
    accepted: Table[ShareLinkId, tuple[int, int]] = field(default_factory=Table)
    selections: Table[ShareLinkId, Selection] = field(default_factory=Table)
    marks: Table[tuple[ShareLinkId, PhotoId], Mark] = field(default_factory=Table)


@dataclass
class FakeShared:
    """What happened through links, by the day."""

    views: dict[ShareLinkId, int] = field(default_factory=dict)
    days: dict[tuple[ShareLinkId, date], ShareDay] = field(default_factory=dict)
    visitors: set[tuple[ShareLinkId, date, Visitor]] = field(default_factory=set)
    guests: FakeGuests = field(default_factory=FakeGuests)


@dataclass
class FakeChecks:
    """Of the library."""

    runs: Table[str, CheckRun] = field(default_factory=Table)
    findings: Table[int, NotedFinding] = field(default_factory=Table)
    noted: int = 0
    running: bool = False


@dataclass
class FakeTrouble:
    """A job that failed so often; kept as failed unless there is a next try."""

    job: Job
    failures: int = 1
    error: str | None = None
    at: datetime = NOW
    next_try_at: datetime | None = None


@dataclass
class FakeAdministration:
    """What an administrator sees besides."""

    audit_log: Table[UUID, AuditEntry] = field(default_factory=Table)
    audit_policy = AuditPolicy(retention=None)
    troubled: Table[int, FakeTrouble] = field(default_factory=Table)
    sweeps: Table[str, SweepView] = field(default_factory=Table)
    sweep_tokens: Table[UUID, UUID] = field(default_factory=Table)
    """The `last`."""
    replicas: list[ReplicaView] = field(default_factory=list)


class FakeStore(FakeDatabase):
    """Looked into and set up freely by tests; the fakes of the ports all work on it.

    What whoever runs the service chooses (`policy`, `limits` ...) can be set until the container is made.
    """

    archive_limits = ArchiveLimits(max_photos=1000)
    jobs_made = 0
    trash_policy = TrashPolicy(retention=timedelta(days=30))
    webhook_targets = WebhookTargets()
    webhook_policy = WebhookPolicy(max_per_owner=3)
    delivery_log_policy = DeliveryLogPolicy(kept=timedelta(days=7))

    def __init__(
        self,
        *,
        policy: AccountPolicy | None = None,
        limits: UploadLimits | None = None,
        quota_bytes: int | None = None,
        hashtags_private: bool = False,
        keywords_as_hashtags: bool = False,
    ) -> None:
        super().__init__()
        self.policy = policy or a_policy()
        self.limits = limits or upload_limits()
        self.quota_bytes = quota_bytes
        self.hashtag_visibility = HashtagVisibility(private=hashtags_private)
        self.return_targets = ReturnTargets(allowed=("https://app.example.test",))
        self.sweep_policy = SweepPolicy(grace=timedelta(hours=24), at_most=100)
        self.installation = UUID(int=1)

        self.clock = FakeClock()
        self.ids = FakeIds()
        self.secrets = FakeSecrets()
        self.passwords = FakePasswordHasher()
        self.access_tokens = FakeAccessTokens()
        self.media_urls = FakeMediaUrls()
        self.pending_sign_ins = FakePendingSignIns()
        self.blobs = FakeBlobStore()
        self.identity_provider = FakeIdentityProvider()
        self.decoder = FakePictureDecoder(self.blobs)
        self.rendition_policy = RenditionPolicy(
            sizes={"thumb": 320, "preview": 1600},
            formats=(ImageFormat.WEBP, ImageFormat.AVIF),
            keywords_as_hashtags=keywords_as_hashtags,
        )
        self.album_policy = AlbumPolicy(max_members=5)
        self.change_policy = ChangePolicy(retention=timedelta(days=30))
        self.share_policy = SharePolicy(
            unlock_lifetime=timedelta(hours=12),
            wrong_passwords=RateLimit(limit=10, window=600),
            guest_writes=RateLimit(limit=50, window=600),
        )
        self.image_patience = ImagePatience(seconds=0.05)
        self.inspector = FakePictureInspector({PICTURE_HEAD: a_header()})

        self.users: Table[UserId, User] = Table()
        self.quotas: Table[UserId, FakeQuota] = Table()
        self.sessions: Table[SessionId, Session] = Table()
        self.api_keys: Table[ApiKeyId, ApiKey] = Table()
        self.photos: Table[PhotoId, Photo] = Table()
        self.checksums: Table[PhotoId, int] = Table()
        self.fingerprints: Table[PhotoId, Fingerprint] = Table()
        self.images: Table[tuple[PhotoId, BlobKey], int] = Table()
        self.deletions: Table[tuple[UserId, bytes], datetime] = Table()
        self.decodings: Table[PhotoId, int] = Table()
        self.wanted_images: Table[tuple[UserId, str], tuple[datetime, Failure | None]] = Table()
        self.revoked: Table[str, bool] = Table()
        self.uploads: Table[UploadId, Upload] = Table()
        self.hashtags: Table[HashtagName, Hashtag] = Table()
        self.albums: Table[AlbumId, Album] = Table()
        self.album_photos: Table[tuple[AlbumId, PhotoId], FakePlace] = Table()
        self.changes: Table[tuple[UserId, int], ChangeView] = Table()
        self.feeds: Table[UserId, ChangeBounds] = Table()
        self.listeners = _hearing()
        self.share_links: Table[ShareLinkId, ShareLink] = Table()
        self.shared = FakeShared()
        self.admin = FakeAdministration()
        self.jobs: Table[int, Job] = Table()
        self.hooks = FakeHooks()
        self.idempotency_keys: dict[tuple[UserId, str], FakeKey] = {}
        self.rate_windows: dict[str, tuple[datetime, int]] = {}

    def before_commit(self, unit_of_work: FakeUnitOfWork, events: list[Event]) -> None:
        """Number what is told. Nobody else gets a turn between this and the commit."""
        for change in coalesced(changes_told_of(events)):
            bounds = unit_of_work.find(self.feeds, change.owner_id) or ChangeBounds()
            seq = bounds.last_seq + 1
            told = ChangeView(seq, new_id(), change.event, change.entity.value, change.entity_id, change.at)
            unit_of_work.put(self.feeds, change.owner_id, replace(bounds, last_seq=seq))
            unit_of_work.put(self.changes, (change.owner_id, seq), told)

    def committed(self, events: list[Event]) -> None:
        for change in changes_told_of(events):
            self.listeners.wake(change.owner_id)
        super().committed(events)

    @cached_property
    def replication(self) -> FakeReplication:
        return FakeReplication()

    @cached_property
    def checks(self) -> FakeChecks:
        return FakeChecks()

    @property
    def originals(self) -> set[str]:
        """The keys of the pictures in the blob store, without what marks it as ours."""
        return {key for key in self.blobs.blobs if key.startswith("originals/")}

    def waiting_jobs(self) -> list[tuple[int, Job]]:
        """With their numbers, in the order in which they are to be done."""
        return sorted(self.jobs.rows.items(), key=lambda numbered: (-numbered[1].priority, numbered[0]))


def _hearing() -> Listeners:
    listeners = Listeners(Places(FollowingLimits(of_owner=5, of_process=8)))
    listeners.hearing = True
    return listeners
