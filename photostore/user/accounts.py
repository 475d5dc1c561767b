"""Accounts as administrators see them, and what they change of one."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from photostore.shared.ids import UserId
from photostore.shared.unset import UNSET, Unset
from photostore.user.errors import QuotaInvalid

# What the columns of the database hold.
MOST = (1 << 62) - 1


@dataclass(slots=True)
class AccountView:
    """`is_local` tells who signs in with a password. `quota_bytes` is the user's own, `quota_in_force` what holds: the
    service's where they have none, `None` where nothing limits it. `sessions` live now; `last_seen_at` is of those that
    are still known."""

    id: UUID
    email: str | None
    display_name: str | None
    is_admin: bool
    is_local: bool
    created_at: datetime
    disabled_at: datetime | None
    version: int
    sessions: int
    last_seen_at: datetime | None
    quota_bytes: int | None
    quota_in_force: int | None
    used_bytes: int
    reserved_bytes: int
    originals_bytes: int
    renditions_bytes: int
    trash_bytes: int
    photo_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilter:
    """All that is given holds. `text` is what the address or the name begins with, whatever the case."""

    text: str | None = None
    disabled: bool | None = None
    is_admin: bool | None = None


class AccountQueries(Protocol):
    """Of all users but those who said goodbye."""

    @abstractmethod
    async def list(self, wanted: AccountFilter, *, after: UserId | None, limit: int) -> Sequence[AccountView]:
        """Newest first; `after` is the last id of the page before."""

    @abstractmethod
    async def get(self, user_id: UserId) -> AccountView:
        """Raise `UserNotFound`."""


def demand_quota(quota_bytes: int | None) -> None:
    """`None` is the service's. Raise `QuotaInvalid`."""
    if quota_bytes is not None and not 0 <= quota_bytes <= MOST:
        raise QuotaInvalid.of(quota_bytes, most=MOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEdit:
    """What to change; whatever is `UNSET` stays. A quota of `None` is the service's. Raise `QuotaInvalid`."""

    quota_bytes: int | None | Unset = UNSET
    is_admin: bool | Unset = UNSET
    disabled: bool | Unset = UNSET

    def __post_init__(self) -> None:
        if not isinstance(self.quota_bytes, Unset):
            demand_quota(self.quota_bytes)
