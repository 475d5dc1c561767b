"""Replicas, as the container gets them. Expects `ReplicationSettings` in its context, and stands after the provider of the
primary store, which it wraps."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from dishka import Provider, Scope, decorate, from_context, provide

from photostore.replica.ports import DamageReports
from photostore.replica.stores import PRIMARY, Stores
from photostore.shared.blobs import BlobSigner, BlobStore, MendableBlobStore
from photostore.shared.clock import Clock
from photostore.shared.health import HealthCheck
from photostore.shared.signed_blobs import SignedBlobs
from photostore_adapters.filesystem.replica import FolderReplica
from photostore_adapters.filesystem.signer import FilesystemBlobSigner, FilesystemSignedBlobs
from photostore_adapters.filesystem.threads import BlobThreads
from photostore_adapters.observability.blob_store import MeasuredBlobStore
from photostore_adapters.replicas.blob_store import ReplicatedBlobStore
from photostore_adapters.replicas.damage import Damage
from photostore_adapters.replicas.facts import OriginalFacts
from photostore_adapters.replicas.health import ReplicatedCheck
from photostore_adapters.replicas.settings import ReplicationSettings
from photostore_adapters.replicas.signer import OwnReads, ReplicatedSigner
from photostore_adapters.replicas.watch import StoreWatch
from photostore_adapters.s3.settings import S3Settings


class NoReplicas(Provider):
    """The primary alone."""

    scope = Scope.APP

    @provide
    def stores(self, primary: MendableBlobStore) -> Stores:
        return Stores(primary, {})


@dataclass(frozen=True, slots=True)
class Watches:
    """Of every store, the primary first."""

    every: Sequence[StoreWatch]


class Replicas(Provider):
    scope = Scope.APP

    settings = from_context(ReplicationSettings, scope=Scope.APP)
    facts = provide(OriginalFacts)

    @provide
    async def stores(
        self, primary: MendableBlobStore, settings: ReplicationSettings, clock: Clock
    ) -> AsyncIterator[Stores]:
        async with AsyncExitStack() as opened:
            replicas = {name: await _open(opened, place, clock) for name, place in settings.replicas.items()}
            yield Stores(primary, replicas)

    @provide
    async def watches(self, stores: Stores, settings: ReplicationSettings) -> AsyncIterator[Watches]:
        every = {PRIMARY: MeasuredBlobStore(stores.primary), **stores.replicas}
        watches = [StoreWatch(name, store, patience=settings.patience) for name, store in every.items()]
        yield Watches(watches)
        for watch in watches:
            await watch.aclose()

    @provide
    async def damage(self, reports: DamageReports) -> AsyncIterator[Damage]:
        damage = Damage(reports)
        yield damage
        await damage.aclose()

    @decorate
    def replicated(
        self, primary: BlobStore, watches: Watches, facts: OriginalFacts, damage: Damage, settings: ReplicationSettings
    ) -> BlobStore:
        return ReplicatedBlobStore(
            primary, watches.every, facts, damage, patience=settings.patience, verify=settings.verify
        )

    @decorate
    def checks(self, checks: Sequence[HealthCheck], watches: Watches) -> Sequence[HealthCheck]:
        replicas = watches.every[1:]
        return [ReplicatedCheck(each, replicas) if each.name == ReplicatedCheck.name else each for each in checks]


class SignedReplicas(Provider):
    """Where the primary is itself a server, such as a bucket: while it is away, signed URLs lead to this server."""

    scope = Scope.APP

    @decorate
    def signer(self, primary: BlobSigner, watches: Watches, settings: ReplicationSettings, clock: Clock) -> BlobSigner:
        assert settings.signing is not None, "told where the primary is not a folder"
        return ReplicatedSigner(primary, FilesystemBlobSigner(settings.signing, clock), watches.every[0])

    @decorate
    def signed(self, _: SignedBlobs, settings: ReplicationSettings, clock: Clock) -> SignedBlobs:
        assert settings.signing is not None, "told where the primary is not a folder"
        return OwnReads(FilesystemSignedBlobs(settings.signing, clock))


async def _open(opened: AsyncExitStack, place: Path | S3Settings, clock: Clock) -> MendableBlobStore:
    if isinstance(place, Path):
        threads = BlobThreads()
        opened.callback(threads.close)
        return FolderReplica(place, threads)
    # Only what has a bucket loads what buckets need.
    from photostore_adapters.s3.blob_store import S3BlobStore  # noqa: PLC0415
    from photostore_adapters.s3.connection import connected  # noqa: PLC0415

    return S3BlobStore(await opened.enter_async_context(connected(place, clock)))
