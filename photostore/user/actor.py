"""Who asks."""

from dataclasses import dataclass

from photostore.shared.ids import ApiKeyId, SessionId, UserId
from photostore.user.errors import InsufficientScope
from photostore.user.scopes import ALL_SCOPES, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The authenticated caller of a request: a session holds every scope, an API key those that it was given."""

    user_id: UserId
    is_admin: bool
    scopes: frozenset[Scope] = ALL_SCOPES
    session_id: SessionId | None = None
    api_key_id: ApiKeyId | None = None

    def demand(self, scope: Scope) -> None:
        """Raise `InsufficientScope` when the token does not hold `scope`."""
        if scope not in self.scopes:
            raise InsufficientScope(f"This needs the scope {scope}, which the token does not hold.")

    def demand_interactive(self) -> None:
        """Raise `InsufficientScope` for API keys: they cannot manage credentials."""
        if self.api_key_id is not None:
            raise InsufficientScope("Sessions, API keys and the account are open to access tokens only.")

    def demand_administrator(self) -> None:
        """Raise `InsufficientScope` for whoever is none, and for keys that do not hold the scope `admin`."""
        if not self.is_admin:
            raise InsufficientScope("This is open to administrators only.")
        self.demand(Scope.ADMIN)
