"""What a blob store from outside needs around it. Each stands after the provider of the store."""

from collections.abc import Sequence
from contextlib import suppress

from dishka import Provider, Scope, alias, from_context, provide

from photostore.shared.blobs import (
    BlobNotFound,
    BlobSigner,
    BlobStore,
    MendableBlobStore,
    blob_key,
)
from photostore.shared.health import HealthCheck
from photostore.shared.signed_blobs import SignedBlobs
from photostore_adapters.filesystem.settings import FilesystemSettings
from photostore_adapters.filesystem.signer import FilesystemBlobSigner, FilesystemSignedBlobs
from photostore_adapters.jobs.housekeeping import JobsCheck
from photostore_adapters.outside.finding import provided
from photostore_adapters.postgres.health import DatabaseCheck
from photostore_adapters.s3.signer import NoSignedBlobs

_PROBED = blob_key("installation/probe")


def outside_store(store: Provider) -> Sequence[Provider]:
    return store, OutsideStore(), SignsItself() if BlobSigner in provided(store) else SignsOwnUrls()


class StoreCheck(HealthCheck):
    """Asks the store for what is not there: whoever knows that answers."""

    name = "storage"

    def __init__(self, store: MendableBlobStore) -> None:
        self._store = store

    async def check(self) -> None:
        with suppress(BlobNotFound):
            await self._store.head(_PROBED)


class OutsideStore(Provider):
    scope = Scope.APP

    blobs = alias(source=MendableBlobStore, provides=BlobStore)
    health = provide(StoreCheck)

    @provide
    def checks(self, database: DatabaseCheck, storage: StoreCheck, jobs: JobsCheck) -> Sequence[HealthCheck]:
        return (database, storage, jobs)


class SignsOwnUrls(Provider):
    """Signed requests go to this server's `/blobs/`, which asks the store."""

    scope = Scope.APP

    settings = from_context(FilesystemSettings, scope=Scope.APP)
    signer = provide(FilesystemBlobSigner, provides=BlobSigner)
    signed = provide(FilesystemSignedBlobs, provides=SignedBlobs)


class SignsItself(Provider):
    scope = Scope.APP

    signed = provide(NoSignedBlobs, provides=SignedBlobs)
