"""What observability offers to the container."""

from dishka import Provider, Scope, decorate, provide

from photostore.shared.blobs import BlobStore
from photostore_adapters.observability.blob_store import MeasuredBlobStore
from photostore_adapters.observability.snapshot import Snapshot


class ObservabilityProvider(Provider):
    """Stands after the provider of the blob store, which it wraps."""

    scope = Scope.APP

    snapshot = provide(Snapshot)

    @decorate
    def measured(self, store: BlobStore) -> BlobStore:
        return MeasuredBlobStore(store)
