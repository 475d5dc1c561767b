"""Blobs in files, as the container gets them. Expects `FilesystemSettings` in its context and a `Clock`."""

from collections.abc import AsyncIterator

from dishka import Provider, Scope, alias, from_context, provide

from photostore.shared.blobs import BlobSigner, BlobStore, MendableBlobStore, MultipartBlobStore
from photostore.shared.clock import Clock
from photostore.shared.signed_blobs import SignedBlobs
from photostore_adapters.filesystem.blob_store import FilesystemBlobStore, lay_out, remove_stale_files
from photostore_adapters.filesystem.folders import disk_errors
from photostore_adapters.filesystem.health import FilesystemHealthCheck
from photostore_adapters.filesystem.multiparts import FilesystemMultipartBlobStore
from photostore_adapters.filesystem.settings import FilesystemSettings
from photostore_adapters.filesystem.signer import FilesystemBlobSigner, FilesystemSignedBlobs
from photostore_adapters.filesystem.threads import BlobThreads


class FilesystemProvider(Provider):
    scope = Scope.APP

    settings = from_context(FilesystemSettings, scope=Scope.APP)
    mendable = provide(FilesystemBlobStore, provides=MendableBlobStore)
    blobs = alias(source=MendableBlobStore, provides=BlobStore)
    multiparts = provide(FilesystemMultipartBlobStore, provides=MultipartBlobStore)
    signer = provide(FilesystemBlobSigner, provides=BlobSigner)
    signed = provide(FilesystemSignedBlobs, provides=SignedBlobs)
    health = provide(FilesystemHealthCheck)

    @provide
    async def threads(self, settings: FilesystemSettings, clock: Clock) -> AsyncIterator[BlobThreads]:
        threads = BlobThreads()
        with disk_errors():
            await threads.run(lay_out, settings)
            await threads.run(remove_stale_files, settings, clock.now())
        yield threads
        threads.close()
