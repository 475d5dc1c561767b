"""The selection: what guests choose of a link's photos. Each link has one, however many follow it."""

from dataclasses import dataclass
from datetime import datetime

from photostore.selection.errors import SelectionInvalid, SelectionSubmitted
from photostore.shared.aggregate import Aggregate
from photostore.shared.errors import FieldError
from photostore.shared.ids import ShareLinkId, UserId
from photostore.shared.unset import Unset

COMMENT_LIMIT = 2000
NOTE_LIMIT = 2000
NAME_LIMIT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What is said of one photo."""

    favorite: bool = False
    comment: str | None = None

    def changed(self, *, favorite: bool | Unset, comment: str | None | Unset) -> "Mark":
        """Whatever is `UNSET` stays. Raise `SelectionInvalid`."""
        return Mark(
            favorite=self.favorite if isinstance(favorite, Unset) else favorite,
            comment=self.comment if isinstance(comment, Unset) else checked_text("comment", comment, COMMENT_LIMIT),
        )


@dataclass(slots=True, kw_only=True, eq=False)
class Selection(Aggregate[ShareLinkId]):
    """Open until somebody sends it; then it stays as it is, unless the owner opens it again."""

    owner_id: UserId
    submitted_at: datetime | None = None
    guest_name: str | None = None
    note: str | None = None

    def demand_open(self) -> None:
        """Raise `SelectionSubmitted`."""
        if self.submitted_at is not None:
            raise SelectionSubmitted("The selection was sent, and changes no more.")

    def submit(self, *, guest_name: str | None, note: str | None, now: datetime) -> None:
        """Raise `SelectionSubmitted` or `SelectionInvalid`."""
        self.demand_open()
        self.guest_name = checked_text("guest_name", guest_name, NAME_LIMIT)
        self.note = checked_text("note", note, NOTE_LIMIT)
        self.submitted_at = now

    def reopen(self) -> None:
        """Open is fine. What was chosen stays; who sent it, and their note, do not."""
        self.submitted_at = self.guest_name = self.note = None


def checked_text(field: str, text: str | None, limit: int) -> str | None:
    """Without NULs; blank is none. Raise `SelectionInvalid`."""
    clean = (text or "").replace("\x00", "").strip()
    if len(clean) > limit:
        raise SelectionInvalid("A text is too long.", errors=[FieldError(field, f"at most {limit} characters")])
    return clean or None
