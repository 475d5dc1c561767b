"""What guests may add through a link: counted by one guarded update, which holds the link until the transaction's end."""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.share_link.errors import (
    NotAllowedByShare,
    ShareExpired,
    ShareNotFound,
    ShareUploadsUsedUp,
    ShareViewsUsedUp,
)
from photostore.share_link.gate import demand_room
from photostore.share_link.ports import ShareAllowance
from photostore.shared.ids import ShareLinkId, UserId

_TAKE = text("""
    UPDATE share_links SET uploads = uploads + 1, upload_bytes = upload_bytes + :size
    WHERE owner_id = :owner AND id = :link AND NOT disabled AND allow_upload AND used_up_at IS NULL
        AND (expires_at IS NULL OR expires_at > :now) AND (max_uploads IS NULL OR uploads < max_uploads)
        AND (max_upload_bytes IS NULL OR upload_bytes + :size <= max_upload_bytes)
        AND EXISTS (SELECT FROM users WHERE users.id = owner_id AND disabled_at IS NULL AND erased_at IS NULL)
    RETURNING review
""")
_LOOK = text("""
    SELECT share_links.*, users.disabled_at IS NOT NULL OR users.erased_at IS NOT NULL AS is_closed
    FROM share_links JOIN users ON users.id = owner_id WHERE owner_id = :owner AND share_links.id = :link
""")


class PostgresShareAllowance(ShareAllowance):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def take(self, link_id: ShareLinkId, *, owner: UserId, byte_size: int, now: datetime) -> bool:
        asked = {"owner": owner, "link": link_id, "size": byte_size, "now": now}
        taken = (await self._session.execute(_TAKE, asked)).one_or_none()
        if taken is not None:
            return bool(taken.review)
        link = (await self._session.execute(_LOOK, {"owner": owner, "link": link_id})).one_or_none()
        raise _refusal(link, byte_size, now)


def _refusal(link: Any, byte_size: int, now: datetime) -> Exception:
    """Why nothing was taken; of what changed in between, as it is now."""
    if link is None or link.disabled or link.is_closed:
        return ShareNotFound("There is no such share.")
    if link.expires_at is not None and link.expires_at <= now:
        return ShareExpired("The share has ended.")
    if link.used_up_at is not None:
        return ShareViewsUsedUp("The share was opened as often as it may be.")
    if not link.allow_upload:
        return NotAllowedByShare("This share takes no uploads.")
    try:
        demand_room(link.max_uploads, link.max_upload_bytes, link.uploads, link.upload_bytes, byte_size=byte_size)
    except ShareUploadsUsedUp as error:
        return error
    return ShareUploadsUsedUp("The share takes no more uploads.")
