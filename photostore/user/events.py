"""Facts about users."""

from dataclasses import dataclass

from photostore.shared.aggregate import Event
from photostore.shared.ids import AlbumId, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRegistered(Event):
    user_id: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountErased(Event):
    user_id: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDisabled(Event):
    """`memberships` are those of others' albums, each with its number: what was signed for them ends too."""

    user_id: UserId
    memberships: tuple[tuple[AlbumId, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEnabled(Event):
    user_id: UserId
    memberships: tuple[tuple[AlbumId, int], ...]
