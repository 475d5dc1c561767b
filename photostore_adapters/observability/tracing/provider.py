"""Tracing, as the container gets it. Stands after all that it wraps."""

import asyncio
from collections.abc import AsyncIterator

from dishka import Provider, Scope, decorate, provide

from photostore.photo.decoding import PictureDecoder
from photostore.shared.blobs import BlobStore, MultipartBlobStore
from photostore.user.identity_provider import IdentityProvider
from photostore.webhook.ports import WebhookSender
from photostore_adapters.observability.tracing.calls import TracedIdentityProvider, TracedSender
from photostore_adapters.observability.tracing.decoding import TracedDecoder
from photostore_adapters.observability.tracing.leaves import Leaves
from photostore_adapters.observability.tracing.requests import RequestSpans
from photostore_adapters.observability.tracing.settings import TracingSettings
from photostore_adapters.observability.tracing.statements import traced_connections
from photostore_adapters.observability.tracing.stores import TracedBlobStore, TracedMultiparts
from photostore_adapters.observability.tracing.tracing import Tracing
from photostore_adapters.observability.tracing.work import TracedWork
from photostore_adapters.observability.work_spans import WorkSpans
from photostore_adapters.postgres.connections import ConnectionKind
from photostore_adapters.postgres.settings import PostgresSettings


class TracingProvider(Provider):
    scope = Scope.APP

    def __init__(self, settings: TracingSettings) -> None:
        super().__init__()
        self._settings = settings

    @provide
    async def tracing(self) -> AsyncIterator[Tracing]:
        tracing = Tracing(self._settings)
        yield tracing
        await asyncio.to_thread(tracing.close)

    @provide
    def leaves(self, tracing: Tracing) -> Leaves:
        return Leaves(tracing.tracer)

    @provide
    def requests(self, tracing: Tracing) -> RequestSpans:
        return RequestSpans(tracing.tracer, self._settings)

    @provide(override=True)
    def work(self, tracing: Tracing) -> WorkSpans:
        return TracedWork(tracing.tracer)

    @provide(override=True)
    def connections(self, leaves: Leaves, postgres: PostgresSettings) -> ConnectionKind:
        return traced_connections(leaves, postgres.url)

    @decorate
    def store(self, store: BlobStore, leaves: Leaves) -> BlobStore:
        return TracedBlobStore(store, leaves, self._settings.store)

    @decorate
    def multiparts(self, store: MultipartBlobStore, leaves: Leaves) -> MultipartBlobStore:
        return TracedMultiparts(store, leaves, self._settings.store)

    @decorate
    def decoder(self, decoder: PictureDecoder, leaves: Leaves) -> PictureDecoder:
        return TracedDecoder(decoder, leaves)

    @decorate
    def identity_provider(self, provider: IdentityProvider, leaves: Leaves) -> IdentityProvider:
        return TracedIdentityProvider(provider, leaves)

    @decorate
    def sender(self, sender: WebhookSender, leaves: Leaves) -> WebhookSender:
        return TracedSender(sender, leaves)
