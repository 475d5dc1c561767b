"""The provider's metadata (OpenID Connect Discovery 1.0), as far as the relying party believes it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from photostore.user.identity_provider import IdentityProviderUnavailable
from photostore_adapters.oidc.http import Json, ProviderHttp
from photostore_adapters.oidc.settings import OidcSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderMetadata:
    """`answers_name_issuer`: the provider says that its answers carry `iss` (RFC 9207): one without it is forged."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    answers_name_issuer: bool


async def fetch_metadata(http: ProviderHttp, settings: OidcSettings) -> ProviderMetadata:
    document = await http.get_json(settings.server_metadata_url)
    return ProviderMetadata(
        issuer=_issuer(document, settings),
        authorization_endpoint=_endpoint(document, "authorization_endpoint", settings),
        token_endpoint=_endpoint(document, "token_endpoint", settings),
        jwks_uri=_endpoint(document, "jwks_uri", settings),
        userinfo_endpoint=(
            _endpoint(document, "userinfo_endpoint", settings) if document.get("userinfo_endpoint") else None
        ),
        answers_name_issuer=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _issuer(document: Json, settings: OidcSettings) -> str:
    """Exactly what the metadata URL begins with (Discovery 4.3), or another provider could speak for this one.

    An issuer may end in `/`, which the metadata URL then does not repeat (4.1).
    """
    issuer = document.get("issuer")
    if not isinstance(issuer, str) or issuer not in {settings.issuer_prefix, settings.issuer_prefix + "/"}:
        raise IdentityProviderUnavailable("the identity provider's metadata is of another issuer")
    return issuer


def _endpoint(document: Json, name: str, settings: OidcSettings) -> str:
    url = document.get(name)
    if not isinstance(url, str) or not _is_usable(url, settings):
        raise IdentityProviderUnavailable(f"the identity provider's metadata has no usable {name}")
    return url


def _is_usable(url: str, settings: OidcSettings) -> bool:
    """Absolute, and encrypted where the metadata came encrypted: it may not lead the secret or the keys out of TLS."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    schemes = {"https"} if settings.is_https else {"https", "http"}
    return url.isprintable() and parts.scheme in schemes and bool(parts.hostname)
