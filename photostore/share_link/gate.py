"""The gate: what a visitor may do with a link, now. Every way into a share leads through here, and nowhere else."""

from dataclasses import dataclass
from datetime import datetime

from photostore.share_link.audience import share_audience
from photostore.share_link.errors import (
    NotAllowedByShare,
    PasswordRequired,
    ShareExpired,
    ShareNotFound,
    ShareUploadsUsedUp,
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

    def demand_upload(self, *, byte_size: int = 1) -> None:
        """Raise `NotAllowedByShare` where guests add nothing, `ShareUploadsUsedUp` when they added all that they may."""
        if not self.link.allow_upload or self.link.album_id is None or self.link.album_query is not None:
            raise NotAllowedByShare("This share takes no uploads.")
        link = self.link
        demand_room(link.max_uploads, link.max_upload_bytes, link.uploads, link.upload_bytes, byte_size=byte_size)

    def demand_selection(self) -> None:
        """Raise `NotAllowedByShare` where guests choose nothing."""
        if not self.link.allow_selection:
            raise NotAllowedByShare("Nothing is chosen in this share.")


def demand_room(
    max_uploads: int | None, max_bytes: int | None, uploads: int, upload_bytes: int, *, byte_size: int = 1
) -> None:
    """For one more upload of so many bytes. Raise `ShareUploadsUsedUp`, which tells of the limits alone."""
    if max_uploads is not None and uploads >= max_uploads:
        raise ShareUploadsUsedUp(f"At most {max_uploads} photos can be added through this link.")
    if max_bytes is not None and upload_bytes + byte_size > max_bytes:
        raise ShareUploadsUsedUp(f"At most {max_bytes} bytes can be added through this link.")


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
