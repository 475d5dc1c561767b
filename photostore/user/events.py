"""Facts about users."""

from dataclasses import dataclass

from photostore.shared.aggregate import Event
from photostore.shared.ids import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRegistered(Event):
    user_id: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountErased(Event):
    user_id: UserId
