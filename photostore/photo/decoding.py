"""What the photo room asks of whoever decodes pictures."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from photostore.photo.picture import Failure, Fingerprint, PictureFacts, Recipe
from photostore.shared.blobs import BlobKey
from photostore.shared.errors import Unsupported


class PictureUndecodable(Unsupported):
    """The bytes are at fault, not the service; `failure` says how."""

    title = "The picture cannot be decoded."

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedRendition:
    """A rendition that was made and lies ready to be read, as often as wanted. No metadata are in it."""

    recipe: Recipe
    width: int
    height: int
    byte_size: int
    chunks: Callable[[], AsyncIterator[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedPicture:
    """`width` and `height` are the original's, in pixels as displayed. `placeholder` is a ThumbHash."""

    width: int
    height: int
    facts: PictureFacts
    placeholder: bytes
    fingerprint: Fingerprint
    renditions: Sequence[DecodedRendition]


class PictureDecoder(Protocol):
    """Decodes hostile bytes where they can do no harm: bounded in pixels, memory and time, in a process of their own."""

    @property
    @abstractmethod
    def encoder_version(self) -> str:
        """Changes whenever the same picture and recipe would give other bytes."""

    @abstractmethod
    def decode(
        self, key: BlobKey, *, content_type: str, recipes: Sequence[Recipe]
    ) -> AbstractAsyncContextManager[DecodedPicture]:
        """Decode once, make every recipe from it; what is made lives as long as the block.

        Entering waits for a free decoder. It raises `PictureUndecodable`, `BlobNotFound` or `BlobStoreUnavailable`.
        """
