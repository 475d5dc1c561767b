"""A decoder that knows nothing of pictures: it tells what it was told to."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from photostore.photo.decoding import DecodedPicture, DecodedRendition, PictureDecoder, PictureUndecodable
from photostore.photo.picture import Failure, Fingerprint, PictureFacts, Recipe
from photostore.shared.blobs import BlobKey
from tests.fakes.blob_store import FakeBlobStore

PLACEHOLDER = b"a thumbhash"
FINGERPRINT = Fingerprint(pixels=b"p" * 32, perceptual=0xFFEE_DDCC_BBAA_9988)


class FakePictureDecoder(PictureDecoder):
    """Each call takes the next of `failures`, if one is left; `asked` holds the recipes of each call."""

    encoder_version = "fake-1"

    def __init__(self, blobs: FakeBlobStore) -> None:
        self._blobs = blobs
        self.failures: list[Failure | Exception] = []
        self.facts = PictureFacts()
        self.fingerprint = FINGERPRINT
        self.width, self.height = 4000, 3000
        self.asked: list[list[Recipe]] = []
        self.meanwhile: Callable[[], None] = lambda: None

    @asynccontextmanager
    async def decode(
        self, key: BlobKey, *, content_type: str, recipes: Sequence[Recipe]
    ) -> AsyncIterator[DecodedPicture]:
        await self._blobs.head(key)
        self.asked.append(list(recipes))
        if self.failures:
            failure = self.failures.pop(0)
            raise PictureUndecodable(failure, "as told") if isinstance(failure, Failure) else failure
        self.meanwhile()
        yield DecodedPicture(
            width=self.width,
            height=self.height,
            facts=self.facts,
            placeholder=PLACEHOLDER,
            fingerprint=self.fingerprint,
            renditions=[self._made(recipe) for recipe in recipes],
        )

    def _made(self, recipe: Recipe) -> DecodedRendition:
        scale = min(recipe.width / self.width, recipe.height / self.height, 1)
        content = rendition_bytes(recipe)

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        return DecodedRendition(
            recipe=recipe,
            width=round(self.width * scale),
            height=round(self.height * scale),
            byte_size=len(content),
            chunks=chunks,
        )


def rendition_bytes(recipe: Recipe) -> bytes:
    return f"{recipe.format} within {recipe.width}x{recipe.height}".encode()
