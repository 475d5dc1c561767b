"""The rules of accounts that whoever runs the service chooses."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hmac import compare_digest

from photostore.shared.rate_limits import RateLimit
from photostore.user.errors import InvitationRequired, LocalAccountsDisabled, RegistrationClosed


class Registration(StrEnum):
    OPEN = "open"
    INVITATION = "invitation"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPolicy:
    local_accounts: bool
    accept_provider_tokens: bool
    registration: Registration
    invitation_codes: tuple[str, ...]
    first_account_is_admin: bool
    session_lifetime: timedelta
    failed_sign_ins_per_account: RateLimit
    failed_sign_ins_per_address: RateLimit
    sign_ins_per_address: RateLimit
    refreshes_per_address: RateLimit
    refreshes_per_account: RateLimit

    def demand_local_accounts(self) -> None:
        if not self.local_accounts:
            raise LocalAccountsDisabled("This service has no accounts of its own; sign in with the identity provider.")

    def demand_may_register(self, invitation_code: str | None) -> None:
        """Raise when this service takes no new local account, or not without a code that it knows."""
        self.demand_local_accounts()
        if self.registration is Registration.CLOSED:
            raise RegistrationClosed("This service takes no new accounts.")
        if self.registration is Registration.INVITATION:
            given = (invitation_code or "").encode()
            known = [compare_digest(given, code.encode()) for code in self.invitation_codes]
            if not any(known):
                raise InvitationRequired("Send the invitation code that you were given as invitation_code.")
