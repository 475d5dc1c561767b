"""What the share link room asks of the world to write, and to keep secret."""

from abc import abstractmethod
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from photostore.share_link.gate import Unlocked
from photostore.share_link.queries import SharedLink
from photostore.share_link.share_link import ShareLink
from photostore.shared.ids import PhotoId, ShareLinkId, UserId


class ShareLinkRepository(Protocol):
    """`get` locks what it finds until the transaction's end. Photos that are deleted leave their links by themselves."""

    @abstractmethod
    async def add(self, link: ShareLink) -> None:
        """Raise `ShareLinkInvalid` when one of its photos, or its album, is not its owner's."""

    @abstractmethod
    async def get(self, link_id: ShareLinkId, *, owner: UserId) -> ShareLink:
        """Raise `ShareLinkNotFound` when it is absent or someone else's."""

    @abstractmethod
    async def save(self, link: ShareLink) -> None:
        """Raise `ConcurrentUpdate` when it was changed since it was read. Its version is one higher afterwards."""

    @abstractmethod
    async def remove(self, link: ShareLink) -> None:
        """Raise `ConcurrentUpdate` when it was changed or removed since it was read."""

    @abstractmethod
    async def end_all(self, owner: UserId, *, now: datetime) -> None:
        """Disable every link of an owner, as if each was edited so."""

    @abstractmethod
    async def renew_all(self, owner: UserId, *, now: datetime) -> None:
        """End what was signed and unlocked through each link of an owner; the links stay as they are."""


class ShareTokens(Protocol):
    """Tokens so that their owners can be told them again: sealed for one link, with a key that is not in the database."""

    @abstractmethod
    def seal(self, link_id: ShareLinkId, token: str) -> str: ...

    @abstractmethod
    def open(self, link_id: ShareLinkId, sealed: str) -> str | None:
        """`None` when the key is no longer known, or it was sealed for another."""


class ShareUnlocks(Protocol):
    """What a visitor gets for the password: a signed token of one link's generation."""

    @abstractmethod
    def issue(self, unlocked: Unlocked, *, now: datetime, expires_at: datetime) -> str: ...

    @abstractmethod
    def read(self, token: str, *, now: datetime) -> Unlocked | None:
        """`None` for anything but a live token of ours."""


class ShareFileUrls(Protocol):
    """Signatures in the URLs of a share's originals, which stand for the unlock: an `<a>` sends no header."""

    @abstractmethod
    def sign(self, unlocked: Unlocked, photo_id: PhotoId, expires_at: datetime) -> str:
        """The query of such a URL."""

    @abstractmethod
    def is_signed(self, unlocked: Unlocked, photo_id: PhotoId, query: str, *, now: datetime) -> bool:
        """Whether `sign` made the query, for this, and it has not expired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Whoever follows a link. Only a digest with a salt that is thrown away after the day is ever kept of it."""

    address: str = field(repr=False)
    user_agent: str = field(repr=False)


class ShareAllowance(Protocol):
    """What guests may add through a link. Within the unit of work, after the album's lock."""

    @abstractmethod
    async def take(self, link_id: ShareLinkId, *, owner: UserId, byte_size: int, now: datetime) -> bool:
        """Count one upload; answer whether it is held for review. The link stays as it is until the transaction's end.

        Raise `ShareNotFound`, `ShareExpired` or `ShareViewsUsedUp` when the link has ended meanwhile, `NotAllowedByShare`
        when it takes no uploads, and `ShareUploadsUsedUp`: of many at once never more pass than may.
        """


class ShareCounter(Protocol):
    """What happens through a link, by the day (UTC). Each counts at once, in a statement of its own."""

    @abstractmethod
    async def view(self, link: SharedLink, visitor: Visitor, *, now: datetime) -> None:
        """One view, and the visitor when it is the first of the day. Raise `ShareViewsUsedUp`, and count nothing, when the
        link has no view left: of many at once never more pass than there are."""

    @abstractmethod
    async def download(self, link: SharedLink, *, now: datetime) -> None: ...

    @abstractmethod
    async def upload(self, link: SharedLink, *, now: datetime) -> None: ...

    @abstractmethod
    async def forget_visitors(self, *, now: datetime) -> None:
        """Those of the days before, and the salts. Their number stays."""
