"""The stores that are held to the same promises."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from photostore.shared.blobs import (
    BlobKey,
    BlobNotFound,
    BlobSigner,
    BlobStore,
    MendableBlobStore,
    MultipartBlobStore,
    SignedRequest,
)
from photostore.shared.clock import Clock
from photostore_adapters.filesystem.blob_store import FilesystemBlobStore, lay_out
from photostore_adapters.filesystem.multiparts import FilesystemMultipartBlobStore
from photostore_adapters.filesystem.settings import FilesystemSettings
from photostore_adapters.filesystem.signer import FilesystemBlobSigner, FilesystemSignedBlobs
from photostore_adapters.filesystem.threads import BlobThreads
from photostore_adapters.s3.blob_store import S3BlobStore
from photostore_adapters.s3.connection import S3Connection
from photostore_adapters.s3.multiparts import S3MultipartBlobStore
from photostore_adapters.s3.signer import S3BlobSigner
from photostore_testing.clock import StoppedClock
from photostore_testing.signer import signed_get
from tests.byte_server import byte_app, client_of
from tests.callers import WITHOUT_AUTHORITIES
from tests.fakes.blob_store import FakeBlobStore
from tests.fakes.replicated import replicated
from tests.fixtures.s3 import WallClock

BASE_URL = "http://photos.test"
LOCAL = ("fake", "filesystem")


@dataclass(frozen=True, kw_only=True)
class Stores:
    """`expired_get` signs what has expired already; `http` reaches whatever the signed URLs lead to."""

    blobs: BlobStore
    mendable: MendableBlobStore
    multiparts: MultipartBlobStore
    signer: BlobSigner
    expired_get: Callable[[BlobKey], SignedRequest]
    http: httpx.AsyncClient

    async def send(self, request: SignedRequest, content: bytes = b"") -> httpx.Response:
        return await self.http.request(
            request.method, request.url, headers=dict(request.headers), content=content or None
        )


class Forgetful(FakeBlobStore):
    """Has lost every original."""

    def _content(self, key: BlobKey) -> bytes:
        if key.startswith("originals/"):
            raise BlobNotFound(f"blob {key}")
        return super()._content(key)


@asynccontextmanager
async def fake_stores() -> AsyncIterator[Stores]:
    fake = FakeBlobStore(base_url=BASE_URL)

    def expired_get(key: BlobKey) -> SignedRequest:
        request = signed_get(fake, key)
        fake.now += timedelta(days=1)
        return request

    async with client_of(byte_app(fake, fake, fake)) as http:
        yield Stores(blobs=fake, mendable=fake, multiparts=fake, signer=fake, expired_get=expired_get, http=http)


@asynccontextmanager
async def replicated_stores() -> AsyncIterator[Stores]:
    """A primary that takes everything and gives no original back, and a replica that has what it has."""
    primary, replica = Forgetful(base_url=BASE_URL), FakeBlobStore()
    replica.blobs = primary.blobs
    async with replicated(primary, {"nas": replica}) as store, client_of(byte_app(store, primary, primary)) as http:

        def expired_get(key: BlobKey) -> SignedRequest:
            request = signed_get(primary, key)
            primary.now += timedelta(days=1)
            return request

        yield Stores(
            blobs=store, mendable=primary, multiparts=primary, signer=primary, expired_get=expired_get, http=http
        )


@asynccontextmanager
async def filesystem_stores(root: Path) -> AsyncIterator[Stores]:
    settings = FilesystemSettings(root=root, base_url=BASE_URL, signing_key=b"k" * 32)
    lay_out(settings)
    threads = BlobThreads()
    blobs = FilesystemBlobStore(settings, threads)
    multiparts = FilesystemMultipartBlobStore(settings, threads)
    app = byte_app(blobs, multiparts, FilesystemSignedBlobs(settings, WallClock()))
    async with client_of(app) as http:
        yield Stores(
            blobs=blobs,
            mendable=blobs,
            multiparts=multiparts,
            signer=FilesystemBlobSigner(settings, WallClock()),
            expired_get=lambda key: signed_get(FilesystemBlobSigner(settings, _yesterday()), key),
            http=http,
        )
    threads.close()


@asynccontextmanager
async def s3_stores(connection: S3Connection) -> AsyncIterator[Stores]:
    settings = connection.settings
    async with httpx.AsyncClient(verify=WITHOUT_AUTHORITIES) as http:
        blobs = S3BlobStore(connection)
        yield Stores(
            blobs=blobs,
            mendable=blobs,
            multiparts=S3MultipartBlobStore(connection),
            signer=S3BlobSigner(settings, WallClock()),
            expired_get=lambda key: signed_get(S3BlobSigner(settings, _yesterday()), key),
            http=http,
        )


def _yesterday() -> Clock:
    return StoppedClock(datetime.now(UTC) - timedelta(days=1))
