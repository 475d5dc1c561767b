"""Signed URLs of a photo's bytes, which need no header and no database."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from photostore.shared.blobs import BlobKey
from photostore.shared.errors import NotFound


class MediaUrlInvalid(NotFound):
    """Forged, expired or cut: never told which."""

    title = "There is nothing under this URL."


@dataclass(slots=True, kw_only=True)
class MediaGrant:
    """Which bytes, as what. `audience` is for whom the URL was signed: `owner`."""

    key: BlobKey
    content_type: str
    audience: str


class MediaUrls(Protocol):
    @abstractmethod
    def expiry(self, now: datetime) -> datetime:
        """When URLs signed now expire: rounded, so that URLs signed in a row are equal and caches can hold them."""

    @abstractmethod
    def sign(self, grant: MediaGrant, *, expires_at: datetime) -> str:
        """An absolute URL."""

    @abstractmethod
    def verify(self, path_and_query: str, *, now: datetime) -> tuple[MediaGrant, datetime]:
        """What it grants, and until when. Raise `MediaUrlInvalid`."""
