"""Pictures, for the container."""

from collections.abc import AsyncIterator

from dishka import Provider, Scope, from_context, provide

from photostore.photo.decoding import PictureDecoder
from photostore.photo.metadata_policy import MetadataRemover
from photostore.shared.blobs import BlobStore
from photostore.shared.clock import Clock
from photostore.upload.pictures import PictureInspector
from photostore_adapters.imaging.inspector import HeaderInspector
from photostore_adapters.imaging.processes.decoder import PooledPictureDecoder
from photostore_adapters.imaging.processes.pool import DecoderPool
from photostore_adapters.imaging.processes.settings import DecoderSettings
from photostore_adapters.imaging.settings import PictureLimits
from photostore_adapters.imaging.stripping.remover import StreamingMetadataRemover
from photostore_adapters.observability.metrics import observe_decoding


class ImagingProvider(Provider):
    """Needs a `Clock` from another provider: a picture taken tomorrow is a camera with a wrong clock."""

    scope = Scope.APP

    limits = from_context(PictureLimits, scope=Scope.APP)
    decoder_settings = from_context(DecoderSettings, scope=Scope.APP)
    inspector = provide(HeaderInspector, provides=PictureInspector)
    remover = provide(StreamingMetadataRemover, provides=MetadataRemover)

    @provide
    async def pool(self, settings: DecoderSettings) -> AsyncIterator[DecoderPool]:
        pool = DecoderPool(settings)
        yield pool
        await pool.aclose()

    @provide
    def decoder(self, pool: DecoderPool, blobs: BlobStore, clock: Clock) -> PictureDecoder:
        return PooledPictureDecoder(pool, blobs, clock, observe_decoding)
