"""The account of one person: local (an address and a password) or vouched for by an OpenID Connect provider."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from photostore.shared.aggregate import Aggregate
from photostore.shared.errors import FieldError
from photostore.shared.ids import AlbumId, UserId
from photostore.user.email import EmailAddress
from photostore.user.errors import NoPassword, UserInvalid
from photostore.user.events import AccountErased, UserDisabled, UserEnabled, UserRegistered
from photostore.user.visible import is_visible

DISPLAY_NAME_LIMIT = 200
# Of others' albums: which, and the number of the membership.
Memberships = Sequence[tuple[AlbumId, int]]


@dataclass(slots=True, kw_only=True, eq=False)
class User(Aggregate[UserId]):
    """A user. `issuer` and `subject` together are who the provider says it is; a local account has neither.

    Erased once `erased_at` is set: nobody can sign in, and a job removes everything of it.
    """

    email: str | None
    display_name: str | None
    is_admin: bool
    created_at: datetime
    password_hash: str | None = None
    issuer: str | None = None
    subject: str | None = None
    disabled_at: datetime | None = None
    erased_at: datetime | None = None

    def __post_init__(self) -> None:
        if (self.issuer is None) != (self.subject is None):
            raise UserInvalid(f"user {self.id} has an issuer without a subject, or a subject without an issuer")
        name = self.display_name
        if name is not None and not (1 <= len(name) <= DISPLAY_NAME_LIMIT and "\x00" not in name):
            message = f"must have 1 to {DISPLAY_NAME_LIMIT} characters, none of them NUL"
            raise UserInvalid("The display name is too long or empty.", errors=[FieldError("display_name", message)])

    def _demand_visible_name(self) -> None:
        """For names that are given, not for those that are kept: what Python takes for visible changes with it."""
        if self.display_name is not None and not is_visible(self.display_name):
            message = "must not be blank or hold invisible characters"
            raise UserInvalid("The display name cannot be seen.", errors=[FieldError("display_name", message)])

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None and self.erased_at is None

    @classmethod
    def register_local(
        cls,
        *,
        id: UserId,
        email: EmailAddress,
        password_hash: str,
        display_name: str | None,
        now: datetime,
    ) -> "User":
        user = cls(
            id=id,
            email=email,
            display_name=display_name,
            is_admin=False,
            created_at=now,
            password_hash=password_hash,
        )
        user._demand_visible_name()
        user.record(UserRegistered(at=now, user_id=id))
        return user

    @classmethod
    def register_from_provider(cls, *, id: UserId, issuer: str, subject: str, now: datetime) -> "User":
        user = cls(
            id=id,
            email=None,
            display_name=None,
            is_admin=False,
            created_at=now,
            issuer=issuer,
            subject=subject,
        )
        user.record(UserRegistered(at=now, user_id=id))
        return user

    def rename(self, display_name: str | None) -> None:
        self.display_name = display_name
        self.__post_init__()
        self._demand_visible_name()

    def take_from_provider(self, *, email: str | None, display_name: str | None, is_admin: bool | None) -> bool:
        """Keep what the provider says now; tell whether anything changed. What it does not say stays as it was."""
        said_name = display_name[:DISPLAY_NAME_LIMIT] if display_name else None
        before = (self.email, self.display_name, self.is_admin)
        self.email = email or self.email
        # The user's own choice of a name outlives the provider's.
        self.display_name = self.display_name or said_name
        self.is_admin = self.is_admin if is_admin is None else is_admin
        return before != (self.email, self.display_name, self.is_admin)

    def make_admin(self) -> None:
        self.is_admin = True

    def take_admin(self) -> None:
        self.is_admin = False

    def disable(self, *, memberships: Memberships, now: datetime) -> None:
        """Nobody signs in any more, nor sees anything that was signed for them. What they have stays."""
        if self.disabled_at is None:
            self.disabled_at = now
            self.record(UserDisabled(at=now, user_id=self.id, memberships=tuple(memberships)))

    def enable(self, *, memberships: Memberships, now: datetime) -> None:
        if self.disabled_at is not None:
            self.disabled_at = None
            self.record(UserEnabled(at=now, user_id=self.id, memberships=tuple(memberships)))

    def change_password(self, password_hash: str) -> None:
        """Raise `NoPassword` for whoever signs in with an identity provider."""
        if self.password_hash is None:
            raise NoPassword("The account has no password.")
        self.password_hash = password_hash

    def erase(self, *, now: datetime) -> None:
        """Say goodbye: personal data goes at once, the rest with the job that this causes."""
        if self.erased_at is not None:
            return
        self.erased_at = now
        self.email = self.display_name = self.password_hash = self.issuer = self.subject = None
        self.is_admin = False
        self.record(AccountErased(at=now, user_id=self.id))
