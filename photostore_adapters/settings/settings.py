"""The settings as one object: made once at the start, passed to whoever needs a part of it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .rules import BaseUrl, Port, PostgresUrl, Text
from .sections import (
    AdaptersSection,
    AlbumsSection,
    ArchivesSection,
    AuditSection,
    AuthSection,
    ChangesSection,
    CorsSection,
    DatabaseSection,
    DecodingSection,
    DownloadsSection,
    EventsSection,
    HashtagsSection,
    JobsSection,
    JwtSection,
    LimitsSection,
    LogSection,
    MediaSection,
    OidcSection,
    QuotaSection,
    RateLimitsSection,
    RedisSection,
    RenditionsSection,
    S3Section,
    ServerSection,
    SharesSection,
    StorageSection,
    TracingSection,
    TrashSection,
    UploadsSection,
    WebhooksSection,
    WorkerSection,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that is set, checked. `Settings()` is the embedded default."""

    data_dir: Path = Path("data")
    port: Port = 8000
    public_url: BaseUrl | None = None
    database_url: PostgresUrl | None = None
    build: Text = "source"
    log: LogSection = field(default_factory=LogSection)
    server: ServerSection = field(default_factory=ServerSection)
    database: DatabaseSection = field(default_factory=DatabaseSection)
    storage: StorageSection = field(default_factory=StorageSection)
    s3: S3Section = field(default_factory=S3Section)
    oidc: OidcSection = field(default_factory=OidcSection)
    jwt: JwtSection = field(default_factory=JwtSection)
    media: MediaSection = field(default_factory=MediaSection)
    downloads: DownloadsSection = field(default_factory=DownloadsSection)
    archives: ArchivesSection = field(default_factory=ArchivesSection)
    auth: AuthSection = field(default_factory=AuthSection)
    limits: LimitsSection = field(default_factory=LimitsSection)
    quota: QuotaSection = field(default_factory=QuotaSection)
    uploads: UploadsSection = field(default_factory=UploadsSection)
    trash: TrashSection = field(default_factory=TrashSection)
    albums: AlbumsSection = field(default_factory=AlbumsSection)
    changes: ChangesSection = field(default_factory=ChangesSection)
    events: EventsSection = field(default_factory=EventsSection)
    audit: AuditSection = field(default_factory=AuditSection)
    hashtags: HashtagsSection = field(default_factory=HashtagsSection)
    shares: SharesSection = field(default_factory=SharesSection)
    webhooks: WebhooksSection = field(default_factory=WebhooksSection)
    renditions: RenditionsSection = field(default_factory=RenditionsSection)
    decoding: DecodingSection = field(default_factory=DecodingSection)
    rate_limits: RateLimitsSection = field(default_factory=RateLimitsSection)
    cors: CorsSection = field(default_factory=CorsSection)
    jobs: JobsSection = field(default_factory=JobsSection)
    worker: WorkerSection = field(default_factory=WorkerSection)
    redis: RedisSection = field(default_factory=RedisSection)
    adapters: AdaptersSection = field(default_factory=AdaptersSection)
    tracing: TracingSection = field(default_factory=TracingSection)
    provenance: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    """Where each key (`s3.bucket_name`) came from; a key that is absent here holds its default."""

    @property
    def embedded_database(self) -> bool:
        """True when photostore runs the Postgres itself."""
        return self.database_url is None

    @property
    def s3_enabled(self) -> bool:
        """True when the bytes go to a bucket."""
        return self.s3.bucket_name is not None

    @property
    def folder_enabled(self) -> bool:
        """True when the bytes lie in a folder of this machine."""
        return not self.s3_enabled and self.adapters.storage is None

    @property
    def oidc_enabled(self) -> bool:
        """True when people sign in at an OpenID provider."""
        return self.oidc.server_metadata_url is not None

    @property
    def identity_provider_enabled(self) -> bool:
        """True when people sign in elsewhere, whoever asks them there."""
        return self.oidc_enabled or self.adapters.identity_provider is not None

    @property
    def redis_enabled(self) -> bool:
        """True when changes, caches and rate limits go over Redis."""
        return self.redis.url is not None

    @property
    def tracing_enabled(self) -> bool:
        """True when traces go to a collector."""
        return self.tracing.endpoint is not None

    @property
    def embedded(self) -> bool:
        """True when no part is someone else's: database, blobs and accounts all lie under `data_dir`."""
        return self.embedded_database and self.folder_enabled and not self.identity_provider_enabled

    @property
    def local_accounts_enabled(self) -> bool:
        """True when people may have a password here."""
        return not self.identity_provider_enabled if self.auth.local_accounts == "auto" else self.auth.local_accounts

    @property
    def blob_folder(self) -> Path:
        """Where the bytes lie when they lie in a folder."""
        return self.storage.folder or self.data_dir / "blobs"

    @property
    def decoder_processes(self) -> int:
        """How many pictures one worker decodes at once."""
        return (os.cpu_count() or 1) if self.decoding.processes == "auto" else self.decoding.processes

    @property
    def rendition_sizes(self) -> dict[str, int]:
        """The longest side of each rendition in pixels, by its name, in the order of the setting."""
        pairs = (each.split(":") for each in self.renditions.sizes)
        return {name: int(size) for name, size in pairs}

    @property
    def base_url(self) -> str:
        """Where clients find this server, without a slash at the end."""
        if self.public_url is not None:
            return self.public_url.rstrip("/")
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.server.host, self.server.host)  # noqa: S104 - one cannot call a wildcard
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def oidc_redirect_uri(self) -> str:
        """Where the identity provider sends people back to."""
        return self.oidc.redirect_uri or f"{self.base_url}/api/v1/auth/callback"
