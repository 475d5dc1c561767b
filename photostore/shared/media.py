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
    """Which bytes, as what, and how many. `audience` is for whom the URL was signed, and through what: a dotted path of parts
    such as `user-<id>` or `album-<id>.member-<id>-<id>-<number>`, each of which can be taken back by itself."""

    key: BlobKey
    content_type: str
    byte_size: int
    audience: str
    concealed: bool = False
    """Whether the URL does not tell the key: then nothing else may tell it either."""


def audience_of(user_id: UUID) -> str:
    """For whom the URLs in a user's own answers are signed."""
    return f"user-{user_id.hex}"


def album_part(album_id: UUID) -> str:
    """The part of an audience that stands for all who reach a picture through an album."""
    return f"album-{album_id.hex}"


def member_part(album_id: UUID, user_id: UUID, number: int) -> str:
    """That of one membership of an album. Who comes back is given another number: what was taken back before stays so."""
    return f"member-{album_id.hex}-{user_id.hex}-{number}"


def query_part(album_id: UUID, number: int) -> str:
    """That of what the query of an album finds; of another query it has another number."""
    return f"query-{album_id.hex}-{number}"


def through(*parts: str) -> str:
    """An audience of these parts."""
    return ".".join(parts)


def picture_within(part: str, picture: str) -> str:
    """The subject that stands for one picture as far as it is reached through a part of an audience."""
    return f"{part}/{picture}"


def subjects_of(picture: str, audience: str) -> list[str]:
    """None of these may be revoked where a URL is to serve a picture to an audience."""
    parts = audience.split(".")
    return [picture, *parts, *(picture_within(part, picture) for part in parts)]


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
    """What signed URLs no longer serve, before they expire: a subject is a picture, a part of an audience, or a picture
    within such a part (`subjects_of`)."""

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
