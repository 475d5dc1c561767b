"""Signed URLs of a photo's bytes, which need no header and no database."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from photostore.shared.blobs import BlobKey
from photostore.shared.errors import NotFound


class MediaUrlInvalid(NotFound):
    """Forged, expired or cut: never told which."""

    title = "There is nothing under this URL."


@dataclass(slots=True, kw_only=True)
class MediaGrant:
    """Which bytes, as what, and how many. `audience` is for whom the URL was signed: `user-` and the id of who was told it."""

    key: BlobKey
    content_type: str
    byte_size: int
    audience: str
    concealed: bool = False
    """Whether the URL does not tell the key: then nothing else may tell it either."""


def audience_of(user_id: UUID) -> str:
    """For whom the URLs in a user's own answers are signed."""
    return f"user-{user_id.hex}"


class MediaUrls(Protocol):
    @abstractmethod
    def expiry(self, now: datetime) -> datetime:
        """When URLs signed now expire: rounded, so that URLs signed in a row are equal and caches can hold them."""

    @abstractmethod
    def sign(self, key: str, content_type: str, byte_size: int, audience: str, expires_at: datetime) -> str:
        """An absolute URL. Pages sign hundreds, so that what is granted comes as plain arguments."""

    @abstractmethod
    def conceal(self, folder: str, audience: str) -> str:
        """What stands in place of a folder of keys (with its `/`) in what is handed to `sign` for an audience that must not
        be told it; for each audience something else. `verify` knows what it stands for."""

    @abstractmethod
    def verify(self, path_and_query: str, *, now: datetime) -> tuple[MediaGrant, datetime]:
        """What it grants, and until when. Raise `MediaUrlInvalid`."""


class MediaRevocations(Protocol):
    """What signed URLs no longer serve, before they expire: a subject is a picture, or an audience."""

    @abstractmethod
    async def demand_valid(self, *subjects: str) -> None:
        """Raise `MediaUrlInvalid` when one of them was revoked, at most 60 s after that was committed, in any process.

        No database is asked for most calls. Raise `Unavailable` when none could be asked for so long that a revocation
        could be missed: better no picture than one that was taken back.
        """

    @abstractmethod
    async def prune(self) -> None:
        """Forget revocations of URLs that have expired anyway."""


class MediaRevoker(Protocol):
    @abstractmethod
    async def revoke(self, subjects: Sequence[str]) -> None:
        """Within the unit of work. Revoked already is fine."""

    @abstractmethod
    async def allow(self, subjects: Sequence[str]) -> None:
        """Within the unit of work: what was revoked is served again, at most 60 s later. Never revoked is fine."""
