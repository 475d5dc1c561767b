"""Blobs in a bucket, as the container gets them. Expects `S3Settings` in its context and a `Clock`."""

from collections.abc import AsyncIterator

from dishka import Provider, Scope, alias, from_context, provide

from photostore.shared.blobs import BlobSigner, BlobStore, MendableBlobStore, MultipartBlobStore
from photostore.shared.clock import Clock
from photostore.shared.signed_blobs import SignedBlobs
from photostore_adapters.s3.blob_store import S3BlobStore
from photostore_adapters.s3.connection import S3Connection, connected
from photostore_adapters.s3.health import S3HealthCheck
from photostore_adapters.s3.multiparts import S3MultipartBlobStore
from photostore_adapters.s3.settings import S3Settings
from photostore_adapters.s3.signer import NoSignedBlobs, S3BlobSigner


class S3Provider(Provider):
    scope = Scope.APP

    settings = from_context(S3Settings, scope=Scope.APP)
    mendable = provide(S3BlobStore, provides=MendableBlobStore)
    blobs = alias(source=MendableBlobStore, provides=BlobStore)
    multiparts = provide(S3MultipartBlobStore, provides=MultipartBlobStore)
    signer = provide(S3BlobSigner, provides=BlobSigner)
    signed = provide(NoSignedBlobs, provides=SignedBlobs)
    health = provide(S3HealthCheck)

    @provide
    async def connection(self, settings: S3Settings, clock: Clock) -> AsyncIterator[S3Connection]:
        async with connected(settings, clock) as connection:
            yield connection
