"""What the settings say of each part, in the words of that part: the context of the container."""

import hmac
from datetime import timedelta
from importlib.metadata import version
from typing import Any

from photostore.album.ports import AlbumPolicy
from photostore.archive.queries import ArchiveLimits
from photostore.audit.retention import AuditPolicy
from photostore.event.listeners import FollowingLimits
from photostore.event.retention import ChangePolicy
from photostore.hashtag.queries import HashtagVisibility
from photostore.photo.commands.request_image import ImagePatience
from photostore.photo.picture import ImageFormat
from photostore.photo.renditions import RenditionPolicy
from photostore.photo.trash import TrashPolicy
from photostore.replica.policy import TURN, ReplicaPolicy
from photostore.share_link.policy import SharePolicy
from photostore.shared.rate_limits import RateLimit
from photostore.upload.commands.sweep_blobs import SweepPolicy
from photostore.upload.limits import UploadLimits
from photostore.user.attempts import ReturnTargets
from photostore.user.policy import AccountPolicy, Registration
from photostore.webhook.addresses import networks
from photostore.webhook.commands.prune_deliveries import DeliveryLogPolicy
from photostore.webhook.target import WebhookTargets
from photostore.webhook.webhook import WebhookPolicy
from photostore_adapters.decoders import decoder_settings
from photostore_adapters.filesystem.settings import FilesystemSettings
from photostore_adapters.imaging.processes.settings import DecoderSettings
from photostore_adapters.imaging.settings import PictureLimits
from photostore_adapters.oidc.settings import OidcSettings
from photostore_adapters.postgres.answer_seal import AnswerSealSettings
from photostore_adapters.postgres.credentials import CredentialCaching
from photostore_adapters.postgres.media_revocations import MediaRevocationSettings
from photostore_adapters.postgres.quotas import QuotaDefault
from photostore_adapters.postgres.settings import PostgresSettings
from photostore_adapters.replicas.choosing import replication_settings
from photostore_adapters.replicas.settings import ReplicationSettings
from photostore_adapters.s3.settings import S3Settings
from photostore_adapters.settings import Settings, media_signing_keys_of
from photostore_adapters.system.attempts import PendingSignInSettings
from photostore_adapters.system.media_urls import MediaUrlSettings
from photostore_adapters.system.share_secrets import ShareSecretSettings
from photostore_adapters.system.tokens import AccessTokenSettings
from photostore_adapters.webhooks.settings import SenderSettings, WebhookSecretSettings


def core_context(settings: Settings) -> dict[type[Any], Any]:
    limits, rates, uploads = settings.limits, settings.rate_limits, settings.uploads
    window = rates.window_seconds
    return {
        AccountPolicy: AccountPolicy(
            local_accounts=settings.local_accounts_enabled,
            accept_provider_tokens=settings.oidc.accept_access_tokens,
            registration=Registration(settings.auth.registration),
            invitation_codes=tuple(code.reveal() for code in settings.auth.invitation_codes),
            first_account_is_admin=settings.embedded,
            session_lifetime=timedelta(days=settings.auth.refresh_token_expire_days),
            failed_sign_ins_per_account=RateLimit(limit=rates.failed_sign_ins_per_account, window=window),
            failed_sign_ins_per_address=RateLimit(limit=rates.failed_sign_ins_per_address, window=window),
            sign_ins_per_address=RateLimit(limit=rates.sign_ins_per_address, window=window),
            refreshes_per_address=RateLimit(limit=rates.refreshes_per_address, window=window),
            refreshes_per_account=RateLimit(limit=rates.refreshes_per_account, window=window),
        ),
        UploadLimits: UploadLimits(
            max_bytes=limits.max_upload_bytes,
            max_fields_bytes=limits.max_form_field_bytes,
            form_lifetime=timedelta(seconds=min(uploads.form_expire_seconds, uploads.expire_seconds)),
            direct_lifetime=timedelta(seconds=uploads.expire_seconds),
            guest_lifetime=timedelta(seconds=min(uploads.guest_expire_seconds, uploads.expire_seconds)),
        ),
        ArchiveLimits: ArchiveLimits(max_photos=settings.archives.max_photos),
        RenditionPolicy: RenditionPolicy(
            sizes=settings.rendition_sizes,
            formats=[ImageFormat(each) for each in settings.renditions.formats],
            keywords_as_hashtags=settings.hashtags.from_keywords,
        ),
        ImagePatience: ImagePatience(seconds=settings.renditions.wait_seconds),
        SweepPolicy: SweepPolicy(
            grace=timedelta(seconds=settings.jobs.sweep_grace_seconds), at_most=settings.jobs.sweep_at_most
        ),
        TrashPolicy: TrashPolicy(retention=timedelta(days=settings.trash.retention_days)),
        AlbumPolicy: AlbumPolicy(max_members=settings.albums.max_members),
        ChangePolicy: ChangePolicy(retention=timedelta(days=settings.changes.retention_days)),
        FollowingLimits: FollowingLimits(
            of_owner=settings.events.clients_per_owner, of_process=settings.events.clients
        ),
        ReplicaPolicy: replica_policy(settings),
        AuditPolicy: AuditPolicy(
            retention=None if settings.audit.retention_days is None else timedelta(days=settings.audit.retention_days)
        ),
        HashtagVisibility: HashtagVisibility(private=settings.hashtags.private),
        SharePolicy: SharePolicy(
            unlock_lifetime=timedelta(seconds=settings.shares.unlock_expire_seconds),
            wrong_passwords=RateLimit(limit=rates.wrong_share_passwords, window=window),
            guest_writes=RateLimit(limit=rates.guest_writes, window=window),
        ),
        ReturnTargets: ReturnTargets(allowed=settings.oidc.return_to_allowed),
        WebhookTargets: WebhookTargets(
            allow_http=settings.webhooks.allow_http, allowed=networks(settings.webhooks.allowed_addresses)
        ),
        WebhookPolicy: WebhookPolicy(
            max_per_owner=settings.webhooks.max_per_owner,
            attempt=timedelta(seconds=settings.webhooks.timeout_seconds),
        ),
        DeliveryLogPolicy: DeliveryLogPolicy(kept=timedelta(days=settings.webhooks.log_days)),
    }


def replica_policy(settings: Settings, *, turn: timedelta = TURN) -> ReplicaPolicy:
    kinds = {each.name: "filesystem" if each.folder else "s3" for each in settings.storage.replicas}
    return ReplicaPolicy(kinds=kinds, turn=turn)


def adapter_context(settings: Settings, database_url: str, secret: bytes) -> dict[type[Any], Any]:
    jwt, media = settings.jwt, media_signing_keys_of(settings)
    secrets = (secret, *(key.reveal().encode() for key in jwt.previous_secret_keys))
    context: dict[type[Any], Any] = {
        PostgresSettings: postgres_of(settings, database_url),
        QuotaDefault: QuotaDefault(byte_size=settings.quota.default_bytes),
        CredentialCaching: CredentialCaching(max_age_seconds=settings.auth.session_cache_seconds),
        AccessTokenSettings: AccessTokenSettings(
            secret_key=secret,
            previous_keys=[key.reveal().encode() for key in jwt.previous_secret_keys],
            algorithm=jwt.algorithm,
            lifetime=timedelta(minutes=jwt.access_token_expire_minutes),
        ),
        AnswerSealSettings: AnswerSealSettings(keys=[_derived(key, "answers") for key in secrets]),
        ShareSecretSettings: ShareSecretSettings(
            token_keys=[_derived(key, "share tokens") for key in secrets],
            unlock_keys=[_derived(key, "share unlocks") for key in secrets],
            file_keys=[_derived(key, "share files") for key in secrets],
        ),
        WebhookSecretSettings: WebhookSecretSettings(keys=[_derived(key, "webhook secrets") for key in secrets]),
        SenderSettings: SenderSettings(
            timeout=settings.webhooks.timeout_seconds, user_agent=f"photostore/{version('photostore')}"
        ),
        PendingSignInSettings: PendingSignInSettings(key=_derived(secret, "sign-in")),
        MediaUrlSettings: MediaUrlSettings(
            base_url=settings.base_url,
            keys=[key.reveal().encode() for key in media],
            lifetime=timedelta(seconds=settings.media.url_expire_seconds),
        ),
        MediaRevocationSettings: MediaRevocationSettings(
            longest_life=timedelta(seconds=1.5 * settings.media.url_expire_seconds)
        ),
        PictureLimits: PictureLimits(
            max_pixels=settings.limits.max_pixels,
            max_side=settings.limits.max_side,
            max_frames=settings.limits.max_frames,
            max_frame_pixels=settings.limits.max_frame_pixels,
            max_interlaced_png_pixels=settings.limits.max_interlaced_png_pixels,
        ),
    }
    context[DecoderSettings] = decoder_settings(settings)
    if settings.s3_enabled:
        context[S3Settings] = s3_of(settings)
    else:
        context[FilesystemSettings] = FilesystemSettings(
            root=settings.blob_folder, base_url=settings.base_url, signing_key=_derived(secret, "blobs")
        )
    if settings.storage.replicas:
        context[ReplicationSettings] = replication_settings(settings, signing_key=_derived(secret, "blobs"))
    if settings.oidc_enabled:
        context[OidcSettings] = oidc_of(settings)
    if settings.redis_enabled:
        from photostore_adapters.channel import RedisSettings, redis_settings

        context[RedisSettings] = redis_settings(settings)
    return context


def _derived(secret: bytes, purpose: str) -> bytes:
    """A key for one purpose alone, so that what one signs never passes for what another signs."""
    return hmac.digest(secret, f"photostore {purpose}".encode(), "sha256")


def postgres_of(settings: Settings, database_url: str) -> PostgresSettings:
    return PostgresSettings(
        url=database_url,
        pool_size=settings.database.pool_size,
        statement_timeout=settings.database.statement_timeout_seconds,
        connect_timeout=settings.database.connect_timeout_seconds,
    )


def s3_of(settings: Settings) -> S3Settings:
    s3 = settings.s3
    assert s3.bucket_name is not None, "checked when the settings were loaded"
    assert s3.aws_access_key_id is not None, "checked when the settings were loaded"
    assert s3.aws_secret_access_key is not None, "checked when the settings were loaded"
    return S3Settings(
        bucket_name=s3.bucket_name,
        aws_access_key_id=s3.aws_access_key_id,
        aws_secret_access_key=s3.aws_secret_access_key.reveal(),
        region_name=s3.region_name,
        endpoint_url=s3.endpoint_url,
        public_endpoint_url=s3.public_endpoint_url,
        addressing_style=s3.addressing_style,
        stall_timeout=s3.stall_seconds,
    )


def oidc_of(settings: Settings) -> OidcSettings:
    oidc = settings.oidc
    assert oidc.client_id is not None, "checked when the settings were loaded"
    assert oidc.server_metadata_url is not None, "checked when the settings were loaded"
    return OidcSettings(
        client_id=oidc.client_id,
        client_secret=oidc.client_secret.reveal() if oidc.client_secret else None,
        server_metadata_url=oidc.server_metadata_url,
        token_endpoint_auth_method=oidc.token_endpoint_auth_method,
        scope=oidc.scope,
        algorithms=oidc.algorithms,
        clock_skew_seconds=oidc.clock_skew_seconds,
        admin_claim=oidc.admin_claim,
        admin_values=oidc.admin_values,
        accept_access_tokens=oidc.accept_access_tokens,
        access_token_audience=oidc.access_token_audience,
    )
