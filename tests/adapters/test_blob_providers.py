"""Either provider alone gives every port of blobs."""

from pathlib import Path
from typing import Any

import pytest
from dishka import STRICT_VALIDATION, Provider, Scope, make_async_container

from photostore.shared.blobs import BlobSigner, BlobStore, MultipartBlobStore
from photostore.shared.clock import Clock
from photostore.shared.signed_blobs import SignatureInvalid, SignedBlobs
from photostore_adapters.filesystem.health import FilesystemHealthCheck
from photostore_adapters.filesystem.provider import FilesystemProvider
from photostore_adapters.filesystem.settings import FilesystemSettings
from photostore_adapters.s3.health import S3HealthCheck
from photostore_adapters.s3.provider import S3Provider
from photostore_adapters.s3.settings import S3Settings
from tests.fixtures.s3 import WallClock

S3 = S3Settings(bucket_name="photos", aws_access_key_id="key", aws_secret_access_key="hush")
PORTS = (BlobStore, MultipartBlobStore, BlobSigner, SignedBlobs)


async def assert_provided(provider: Provider, context: dict[Any, Any], health: type) -> None:
    clock = Provider(scope=Scope.APP)
    clock.provide(WallClock, provides=Clock)
    container = make_async_container(provider, clock, context=context, validation_settings=STRICT_VALIDATION)

    for port in (*PORTS, health):
        assert await container.get(port)

    await container.close()


async def test_files_give_every_port(tmp_path: Path) -> None:
    settings = FilesystemSettings(root=tmp_path / "new/root", base_url="http://photos.test", signing_key=b"k" * 32)

    await assert_provided(FilesystemProvider(), {FilesystemSettings: settings}, FilesystemHealthCheck)


async def test_a_bucket_gives_every_port_without_being_asked() -> None:
    await assert_provided(S3Provider(), {S3Settings: S3}, S3HealthCheck)


async def test_nothing_is_served_here_on_a_signed_url_when_the_store_does_it_itself() -> None:
    clock = Provider(scope=Scope.APP)
    clock.provide(WallClock, provides=Clock)
    container = make_async_container(S3Provider(), clock, context={S3Settings: S3})

    signed = await container.get(SignedBlobs)
    with pytest.raises(SignatureInvalid):
        signed.verify(method="GET", key="a", query=[], headers={})

    await container.close()


def test_a_short_signing_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="fewer than"):
        FilesystemSettings(root=tmp_path, base_url="http://photos.test", signing_key=b"short")
