"""What the user room asks of an OpenID Connect provider."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from photostore.shared.errors import Malformed, NotFound, Unauthenticated, Unavailable


class IdentityProviderAbsent(NotFound):
    title = "No identity provider is configured."


class IdentityProviderUnavailable(Unavailable):
    title = "The identity provider does not answer."


class SignInRefused(Malformed):
    """The provider, or our check of its answer, refused the sign-in; `code` is the error's code (RFC 6749, 4.1.2.1)."""

    title = "The identity provider's answer was refused."

    def __init__(self, detail: str, *, code: str) -> None:
        super().__init__(detail)
        self.code = code


class ProviderTokenInvalid(Unauthenticated):
    title = "The access token of the identity provider is not valid here."


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInAttempt:
    """What must be remembered between sending a browser to the provider and its return. Never shown to anyone else."""

    state: str
    nonce: str
    code_verifier: str
    redirect_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderIdentity:
    """Whom the provider vouches for. (`issuer`, `subject`) is the identity; the rest is only what it says of them.

    `is_admin` is `None` when no claim is mapped to it, `expires_at` when the token that tells this is taken for ever.
    """

    issuer: str
    subject: str
    email: str | None
    display_name: str | None
    is_admin: bool | None
    expires_at: datetime | None = field(default=None, compare=False)


class IdentityProvider(Protocol):
    """An OpenID Connect provider, as its relying party sees it (OpenID Connect Core 1.0, RFC 7636, RFC 9207).

    Any method may raise `IdentityProviderUnavailable`, which clients are told as 503, and `IdentityProviderAbsent` when none is
    configured. An adapter keeps nothing of an attempt: whoever finishes it may be another process.
    """

    @abstractmethod
    async def begin(self, *, redirect_uri: str) -> tuple[str, SignInAttempt]:
        """The provider's URL to send the browser to, and what must be remembered until it is back at `redirect_uri`: code flow
        with state, nonce and PKCE S256, each another one each time."""

    @abstractmethod
    async def finish(self, attempt: SignInAttempt, answer: Mapping[str, str]) -> ProviderIdentity:
        """Check the query of the callback, exchange the code, check the ID token. `answer` is as hostile as its sender.

        Raise `SignInRefused` with the provider's own code of an error, `state_mismatch`, `issuer_mismatch`, `invalid_request`
        (no code), `invalid_grant` (a code of another attempt, or one that was used) or `invalid_id_token`.
        """

    @abstractmethod
    async def identify(self, access_token: str) -> ProviderIdentity:
        """Whose access token of the provider's own this is (a JWT, RFC 9068). Raise `ProviderTokenInvalid`."""
