"""What is written down of what administrators do: who, what, to what, when and from where."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from photostore.shared.ids import UserId

_ACTION = re.compile(r"[a-z]+(?:_[a-z]+)*(?:\.[a-z]+(?:_[a-z]+)*)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who acts, and from where: a user by id, or whoever has the command line, by the name that the system knows."""

    user_id: UserId | None = None
    name: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None
    request_id: str | None = None

    def __post_init__(self) -> None:
        if (self.user_id is None) == (self.name is None):
            raise ValueError("an action is a user's, or a named person's at the command line")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What something was done to: `kind` is `user`, `job` and so on, `id` its id as text."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One action. It is written once, and never changed. `details` are JSON values: what was before and is now, no secrets."""

    id: UUID
    at: datetime
    by: Origin
    action: str
    target: Target
    details: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _ACTION.fullmatch(self.action):
            raise ValueError(f"{self.action!r} is no dotted name such as user.disabled")
