"""Which provider, and how far it is trusted."""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

WELL_KNOWN = "/.well-known/openid-configuration"

# Signatures that need the provider's private key. HS* would let whoever knows the client secret sign; `none` anyone.
_ASYMMETRIC = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})

TokenEndpointAuthMethod = Literal["client_secret_basic", "client_secret_post", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcSettings:
    """Checked when made: `ValueError` names the setting.

    `algorithms` is what we accept, whatever the provider's metadata lists. A user is an administrator when the claim
    `admin_claim` is true, or is, or is a list with, one of `admin_values`. With `accept_access_tokens` the provider's
    own access tokens (JWTs for `access_token_audience`) are credentials here.
    """

    client_id: str
    server_metadata_url: str
    client_secret: str | None = field(default=None, repr=False)
    token_endpoint_auth_method: TokenEndpointAuthMethod = "client_secret_basic"  # noqa: S105 - the name of a method
    scope: str = "openid profile email"
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    clock_skew_seconds: int = 60
    admin_claim: str | None = None
    admin_values: tuple[str, ...] = ()
    accept_access_tokens: bool = False
    access_token_audience: str | None = None
    timeout_seconds: float = 5
    metadata_max_age_seconds: int = 3600
    jwks_min_refetch_seconds: int = 10

    def __post_init__(self) -> None:
        if not _is_plain(self.client_id):
            raise ValueError("client_id must be printable ASCII (RFC 6749, A.1), and not empty")
        self._check_url()
        self._check_secret()
        if "openid" not in self.scope.split():
            raise ValueError("scope has no 'openid', so that there would be no ID token")
        unfit = [name for name in self.algorithms if name not in _ASYMMETRIC]
        if unfit or not self.algorithms:
            raise ValueError(f"algorithms holds {unfit}, must be some of {sorted(_ASYMMETRIC)}")
        if self.accept_access_tokens and not self.access_token_audience:
            raise ValueError("access_token_audience is needed where accept_access_tokens is true")
        if self.timeout_seconds <= 0:
            raise ValueError(f"timeout_seconds is {self.timeout_seconds}, must be above 0")
        for name in ("clock_skew_seconds", "metadata_max_age_seconds", "jwks_min_refetch_seconds"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is {getattr(self, name)}, must be 0 or more")

    def _check_url(self) -> None:
        url = urlsplit(self.server_metadata_url)
        plain = url.scheme in {"https", "http"} and url.hostname and not (url.query or url.fragment or url.username)
        if not plain or not url.path.endswith(WELL_KNOWN):
            raise ValueError(f"server_metadata_url must be https://HOST[/PATH]{WELL_KNOWN}")

    def _check_secret(self) -> None:
        if self.token_endpoint_auth_method == "none":  # noqa: S105 - the name of a method
            if self.client_secret:
                raise ValueError("client_secret is set, but token_endpoint_auth_method is 'none'")
        elif self.client_secret and not _is_plain(self.client_secret):
            raise ValueError("client_secret must be printable ASCII (RFC 6749, A.2)")
        elif not self.client_secret:
            raise ValueError(
                f"client_secret is needed for token_endpoint_auth_method {self.token_endpoint_auth_method!r}"
            )

    @property
    def issuer_prefix(self) -> str:
        """The issuer as the metadata URL tells it, without the final `/` that an issuer may have or lack."""
        return self.server_metadata_url.removesuffix(WELL_KNOWN)

    @property
    def is_https(self) -> bool:
        return urlsplit(self.server_metadata_url).scheme == "https"


def _is_plain(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable()
