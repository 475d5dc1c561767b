"""The sections of the settings, frozen and typed. `settings.yaml` says in words what each key does."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Literal

from .rules import (
    AdapterPath,
    Attribute,
    BaseUrl,
    Bytes,
    Count,
    Fraction,
    KeyPrefix,
    MetadataUrl,
    Network,
    Origin,
    Password,
    Port,
    RedisUrl,
    ReplicaName,
    Seconds,
    SecondsOrZero,
    SecretHeader,
    SizeName,
    Text,
    Tries,
    UrlPath,
    at_least,
    between,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSection:
    """What the logs tell, and how."""

    level: Literal["debug", "info", "warning", "error", "critical"] = "info"
    format: Literal["auto", "text", "json"] = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSection:
    """Where the HTTP server listens, how it ends, and whom it believes."""

    host: Text = "127.0.0.1"
    keep_alive_seconds: Annotated[int, between(1, 3600)] = 75
    drain_seconds: Annotated[int, between(0, 3600)] = 0
    shutdown_seconds: Annotated[int, between(0, 3600)] = 3
    trusted_proxies: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSection:
    """How Postgres is used; where it is stands in `database_url`."""

    pool_size: Annotated[int, between(1, 1000)] = 10
    migrate_on_start: bool = True
    statement_timeout_seconds: Annotated[int, between(0, 86400)] = 30
    connect_timeout_seconds: Annotated[int, between(1, 300)] = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaItem:
    """One further store of originals: a folder, or a bucket when `bucket_name` is set."""

    name: ReplicaName
    folder: Path | None = None
    bucket_name: Text | None = None
    aws_access_key_id: Text | None = None
    aws_secret_access_key: Password | None = None
    region_name: Text = "us-east-1"
    endpoint_url: BaseUrl | None = None
    addressing_style: Literal["path", "virtual"] = "path"
    stall_seconds: Annotated[int, between(1, 3600)] = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageSection:
    """Where the bytes lie when they are not in S3, and where originals lie once more."""

    folder: Path | None = None
    replicas: tuple[ReplicaItem, ...] = ()
    failover_seconds: Annotated[int, between(1, 60)] = 5
    verify_reads: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Section:
    """The bucket. In use when `bucket_name` is set."""

    bucket_name: Text | None = None
    aws_access_key_id: Text | None = None
    aws_secret_access_key: Password | None = None
    region_name: Text = "us-east-1"
    endpoint_url: BaseUrl | None = None
    public_endpoint_url: BaseUrl | None = None
    addressing_style: Literal["path", "virtual"] = "path"
    stall_seconds: Annotated[int, between(1, 3600)] = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptersSection:
    """Where adapters that others wrote are found: each takes the place of one part."""

    storage: AdapterPath | None = None
    identity_provider: AdapterPath | None = None
    rate_limiter: AdapterPath | None = None
    password_hasher: AdapterPath | None = None

    @property
    def any(self) -> bool:
        return any(getattr(self, each.name) is not None for each in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcSection:
    """The identity provider. In use when `server_metadata_url` is set."""

    client_id: Text | None = None
    client_secret: Password | None = None
    server_metadata_url: MetadataUrl | None = None
    token_endpoint_auth_method: Literal["client_secret_basic", "client_secret_post", "none"] = "client_secret_basic"  # noqa: S105 - the name of a method
    scope: Text = "openid email profile"
    algorithms: tuple[Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"], ...] = (
        "RS256",
        "ES256",
    )
    clock_skew_seconds: Annotated[int, between(0, 300)] = 60
    admin_claim: Text | None = None
    admin_values: tuple[Text, ...] = ()
    accept_access_tokens: bool = False
    access_token_audience: Text | None = None
    redirect_uri: BaseUrl | None = None
    return_to_allowed: tuple[BaseUrl, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtSection:
    """How access tokens are signed."""

    secret_key: Password | None = None
    algorithm: Literal["HS256", "HS384", "HS512"] = "HS256"
    access_token_expire_minutes: Annotated[int, between(1, 43200)] = 15
    previous_secret_keys: tuple[Password, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSection:
    """How media URLs are signed, and who sends what they grant."""

    signing_key: Password | None = None
    previous_signing_keys: tuple[Password, ...] = ()
    url_expire_seconds: Annotated[int, between(1, 604800)] = 3600
    delivery: Literal["stream", "redirect", "accel"] = "stream"
    accel_prefix: UrlPath = "/protected/"


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadsSection:
    """Downloads straight from the blob store."""

    url_expire_seconds: Annotated[int, between(1, 604800)] = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivesSection:
    """Many photos as one ZIP file."""

    max_photos: Annotated[int, between(1, 1_000_000)] = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthSection:
    """Accounts and their sessions."""

    local_accounts: Literal["auto"] | bool = "auto"
    registration: Literal["open", "invitation", "closed"] = "open"
    invitation_codes: tuple[Password, ...] = ()
    refresh_token_expire_days: Annotated[int, between(1, 3650)] = 30
    session_cache_seconds: Annotated[int, between(0, 4)] = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsSection:
    """What one request or one picture may ask for."""

    max_upload_bytes: Bytes = 209_715_200
    max_pixels: Count = 120_000_000
    max_side: Count = 32_768
    max_frames: Count = 1_000
    max_frame_pixels: Count = 400_000_000
    max_interlaced_png_pixels: Count = 40_000_000
    max_form_field_bytes: Bytes = 65_536
    max_json_bytes: Annotated[int, at_least(1024)] = 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaSection:
    """How much one owner may keep."""

    default_bytes: Annotated[int, at_least(0)] | None = 107_374_182_400


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadsSection:
    """How long an upload may take."""

    expire_seconds: Seconds = 86_400
    guest_expire_seconds: Seconds = 3_600
    form_expire_seconds: Seconds = 3_600
    stall_seconds: Annotated[int, between(1, 3600)] = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class TrashSection:
    """How long the trash is kept."""

    retention_days: Annotated[int, between(0, 3650)] = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumsSection:
    """How far albums are shared."""

    max_members: Annotated[int, between(0, 10_000)] = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesSection:
    """How long the change feed tells each change."""

    retention_days: Annotated[int, between(1, 3650)] = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsSection:
    """Clients that follow the change feed."""

    heartbeat_seconds: Annotated[int, between(1, 300)] = 15
    clients_per_owner: Annotated[int, between(1, 100_000)] = 20
    clients: Annotated[int, between(1, 1_000_000)] = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSection:
    """How long it is known what administrators did."""

    retention_days: Annotated[int, between(30, 36500)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HashtagsSection:
    """Who sees the hashtags, and where they come from."""

    private: bool = False
    from_keywords: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SharesSection:
    """Links for people without an account."""

    unlock_expire_seconds: Annotated[int, between(60, 2_592_000)] = 43_200


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhooksSection:
    """Other programs that are told what changes."""

    max_per_owner: Annotated[int, between(0, 1000)] = 10
    allow_http: bool = False
    allowed_addresses: tuple[Network, ...] = ()
    timeout_seconds: Annotated[int, between(1, 20)] = 10
    concurrency: Annotated[int, between(1, 10_000)] = 400
    log_days: Annotated[int, between(1, 365)] = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionsSection:
    """What is made of every photo."""

    sizes: tuple[SizeName, ...] = ("thumb:320", "preview:1600")
    formats: tuple[Literal["webp", "avif", "jpeg"], ...] = ("webp", "avif")
    wait_seconds: Annotated[int, between(0, 60)] = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodingSection:
    """The processes that decode pictures."""

    processes: Literal["auto"] | Annotated[int, between(1, 256)] = "auto"
    wall_seconds: Annotated[int, between(1, 600)] = 20
    cpu_seconds: Annotated[int, between(1, 600)] = 20
    memory_bytes: Annotated[int, at_least(536_870_912)] = 1_610_612_736
    recycle_after: Count = 100
    scratch_folder: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimitsSection:
    """How many tries within one window."""

    window_seconds: Annotated[int, between(1, 86400)] = 600
    failed_sign_ins_per_account: Tries = 10
    failed_sign_ins_per_address: Tries = 100
    sign_ins_per_address: Tries = 600
    refreshes_per_address: Tries = 600
    refreshes_per_account: Tries = 600
    wrong_share_passwords: Tries = 10
    guest_writes: Tries = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class CorsSection:
    """Which web pages of other origins may call the API."""

    allow_origins: tuple[Origin, ...] = ()
    allow_credentials: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsSection:
    """The work that is done after the answer."""

    in_server: bool = True
    concurrency: Annotated[int, between(1, 1000)] = 10
    sweep_schedule: Text = "17 * * * *"
    sweep_grace_seconds: SecondsOrZero = 86_400
    sweep_at_most: Count = 1_000
    heartbeat_seconds: Annotated[int, between(1, 60)] = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSection:
    """Where a worker tells how it is, to whoever runs it. Nowhere while `port` is null."""

    port: Port | None = None
    host: Text = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisSection:
    """Redis or Valkey, beside Postgres. In use when `url` is set."""

    url: RedisUrl | None = None
    channel: Text = "photostore.events"
    key_prefix: KeyPrefix = ""
    connect_timeout_ms: Annotated[int, between(10, 10_000)] = 500
    command_timeout_ms: Annotated[int, between(5, 1000)] = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class TracingSection:
    """OpenTelemetry traces. In use when `endpoint` is set."""

    endpoint: BaseUrl | None = None
    headers: tuple[SecretHeader, ...] = ()
    sample_ratio: Fraction = 1.0
    incoming: Literal["ignore", "link", "continue"] = "link"
    service_name: Text = "photostore"
    resource_attributes: tuple[Attribute, ...] = ()
    timeout_seconds: Annotated[int, between(1, 60)] = 5
