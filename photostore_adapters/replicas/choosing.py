"""The replicas that the settings name, as their stores take them."""

from pathlib import Path

from photostore_adapters.filesystem.settings import FilesystemSettings
from photostore_adapters.replicas.settings import ReplicationSettings
from photostore_adapters.s3.settings import S3Settings
from photostore_adapters.settings import ReplicaItem, Settings


def replication_settings(settings: Settings, *, signing_key: bytes) -> ReplicationSettings:
    storage, root = settings.storage, settings.blob_folder
    signing = FilesystemSettings(root=root, base_url=settings.base_url, signing_key=signing_key)
    return ReplicationSettings(
        replicas={replica.name: place_of(replica) for replica in storage.replicas},
        patience=storage.failover_seconds,
        verify=storage.verify_reads,
        signing=None if settings.folder_enabled else signing,
    )


def place_of(replica: ReplicaItem) -> Path | S3Settings:
    if replica.folder is not None:
        return replica.folder
    assert replica.bucket_name is not None, "checked when the settings were loaded"
    assert replica.aws_access_key_id is not None, "checked when the settings were loaded"
    assert replica.aws_secret_access_key is not None, "checked when the settings were loaded"
    return S3Settings(
        bucket_name=replica.bucket_name,
        aws_access_key_id=replica.aws_access_key_id,
        aws_secret_access_key=replica.aws_secret_access_key.reveal(),
        region_name=replica.region_name,
        endpoint_url=replica.endpoint_url,
        addressing_style=replica.addressing_style,
        stall_timeout=replica.stall_seconds,
    )
