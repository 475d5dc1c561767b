"""Spans of decoding pictures: with fetching the original and waiting for a free process, without storing what was made."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from opentelemetry.trace import SpanKind

from photostore.photo.decoding import DecodedPicture, PictureDecoder, PictureUndecodable
from photostore.photo.picture import Recipe
from photostore.shared.blobs import BlobKey
from photostore_adapters.observability.tracing.leaves import Leaves


class TracedDecoder(PictureDecoder):
    def __init__(self, inner: PictureDecoder, leaves: Leaves) -> None:
        self._inner = inner
        self._leaves = leaves

    @property
    def encoder_version(self) -> str:
        return self._inner.encoder_version

    @asynccontextmanager
    async def decode(
        self, key: BlobKey, *, content_type: str, recipes: Sequence[Recipe]
    ) -> AsyncIterator[DecodedPicture]:
        told: dict[str, str | int] = {"photostore.picture.type": content_type, "photostore.recipes": len(recipes)}
        async with AsyncExitStack() as kept:
            with self._leaves.leaf("decode picture", told, kind=SpanKind.INTERNAL) as span:
                try:
                    decoding = self._inner.decode(key, content_type=content_type, recipes=recipes)
                    picture = await kept.enter_async_context(decoding)
                except PictureUndecodable as refusal:
                    span.set_attribute("photostore.failure", refusal.failure.value)
                    raise
            yield picture
