"""The gate: what a visitor may do with a link, now. Every way into a share leads through here, and nowhere else."""

from dataclasses import dataclass
from datetime import datetime

from photostore.share_link.audience import share_audience
from photostore.share_link.errors import (
    NotAllowedByShare,
    PasswordRequired,
    ShareExpired,
    ShareNotFound,
    ShareViewsUsedUp,
)
from photostore.share_link.queries import SharedLink
from photostore.shared.ids import ShareLinkId


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlocked:
    """Proof that somebody knew the password of this generation of a link."""

    link_id: ShareLinkId
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A link that let its visitor in."""

    link: SharedLink

    @property
    def audience(self) -> str:
        """For whom URLs of its pictures are signed."""
        return share_audience(self.link)

    def lives_until(self, moment: datetime) -> datetime:
        """`moment`, or the end of the link where that comes first: nothing that is given out outlives it."""
        return moment if self.link.expires_at is None else min(moment, self.link.expires_at)

    def demand_download(self) -> None:
        """Raise `NotAllowedByShare` where originals are not given away."""
        if not self.link.allow_download:
            raise NotAllowedByShare("This share shows pictures, but gives no originals away.")

    def demand_upload(self) -> None:
        """Raise `NotAllowedByShare` where guests add nothing."""
        if not self.link.allow_upload:
            raise NotAllowedByShare("This share takes no uploads.")


def knock(link: SharedLink | None, *, now: datetime) -> SharedLink:
    """All that is asked before the password. Raise `ShareNotFound`, `ShareExpired` or `ShareViewsUsedUp`."""
    if link is None or link.disabled or not link.owner_is_active:
        raise ShareNotFound("There is no such share.")
    if link.expires_at is not None and link.expires_at <= now:
        raise ShareExpired("The share has ended.")
    if link.used_up_at is not None:
        raise ShareViewsUsedUp("The share was opened as often as it may be.")
    return link


def admit(link: SharedLink | None, *, now: datetime, unlocked: Unlocked | None) -> Share:
    """Let a visitor in. Raise as `knock`, or `PasswordRequired`."""
    found = knock(link, now=now)
    mine = Unlocked(link_id=found.id, generation=found.generation)
    if found.password_hash is not None and unlocked != mine:
        raise PasswordRequired("Send the password to `/unlock`, and what it answers as `Authorization: Bearer`.")
    return Share(link=found)
