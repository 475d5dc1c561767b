"""The webhook: where its owner wants to be told which changes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from photostore.shared.aggregate import Aggregate
from photostore.shared.errors import FieldError
from photostore.shared.ids import UserId, WebhookId
from photostore.shared.unset import UNSET, Unset
from photostore.webhook.errors import WebhookInvalid
from photostore.webhook.signing import OVERLAP

DESCRIPTION_LIMIT = 500
# What an attempt takes besides, until it is written down.
_MARGIN = timedelta(seconds=5)


class DisabledReason(StrEnum):
    """Why a webhook is told nothing."""

    OWNER = "by_owner"
    FAILING = "failing"
    GONE = "gone"
    SECRET_LOST = "secret_lost"  # noqa: S105 - a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookPolicy:
    """Chosen by whoever runs the service: how many an owner may have, and how long one attempt takes at most."""

    max_per_owner: int
    attempt: timedelta = timedelta(seconds=10)

    @property
    def lease(self) -> timedelta:
        """For how long who delivers holds on with each step. When they die, another one may in their place."""
        return self.attempt + _MARGIN


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEdit:
    """What to change; whatever is `UNSET` stays. `topics` are names of events; `None` is all."""

    url: str | Unset = UNSET
    topics: tuple[str, ...] | None | Unset = UNSET
    description: str | None | Unset = UNSET
    disabled: bool | Unset = UNSET


@dataclass(slots=True, kw_only=True, eq=False)
class Webhook(Aggregate[WebhookId]):
    """`topics` are the names of the events that it is told, `None` is all. How far it has been told is counted apart from it:
    telling changes nothing that its owner edits.

    Secrets are sealed with a key that is not in the database. The one before signs, too, until `previous_until`.
    """

    owner_id: UserId
    url: str
    topics: tuple[str, ...] | None
    description: str | None
    sealed_secret: str
    created_at: datetime
    previous_sealed_secret: str | None = None
    previous_until: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: DisabledReason | None = None

    def __post_init__(self) -> None:
        said = self.description
        if said is not None and not (1 <= len(said) <= DESCRIPTION_LIMIT and "\x00" not in said):
            message = f"must have 1 to {DESCRIPTION_LIMIT} characters, none of them NUL"
            raise WebhookInvalid("The description does not validate.", errors=[FieldError("description", message)])

    @property
    def is_disabled(self) -> bool:
        return self.disabled_at is not None

    def edit(self, edit: WebhookEdit, *, now: datetime) -> bool:
        """Change it, and tell whether anything changed."""
        before = (self.url, self.topics, self.description, self.is_disabled)
        if not isinstance(edit.url, Unset):
            self.url = edit.url
        if not isinstance(edit.topics, Unset):
            self.topics = edit.topics
        if not isinstance(edit.description, Unset):
            self.description = edit.description
        self.__post_init__()
        if edit.disabled is True and not self.is_disabled:
            self.disable(DisabledReason.OWNER, now=now)
        elif edit.disabled is False:
            self.disabled_at = self.disabled_reason = None
        return before != (self.url, self.topics, self.description, self.is_disabled)

    def disable(self, reason: DisabledReason, *, now: datetime) -> None:
        self.disabled_at, self.disabled_reason = now, reason

    def rotate_secret(self, sealed: str, *, now: datetime) -> None:
        """Of the secrets before, the last one signs for a day more."""
        self.previous_sealed_secret, self.previous_until = self.sealed_secret, now + OVERLAP
        self.sealed_secret = sealed
