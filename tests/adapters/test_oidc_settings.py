"""Settings that cannot work stop at the start, by name."""

from typing import Any

import pytest

from photostore.user.identity_provider import IdentityProviderUnavailable
from photostore_adapters.oidc.http import Json, ProviderHttp
from photostore_adapters.oidc.metadata import fetch_metadata
from photostore_adapters.oidc.settings import OidcSettings

GOOD: dict[str, Any] = {
    "client_id": "photos",
    "client_secret": "top-secret",
    "server_metadata_url": "https://id.example.test/realms/photos/.well-known/openid-configuration",
}


def test_the_secret_never_shows() -> None:
    assert "top-secret" not in repr(OidcSettings(**GOOD))


def test_the_issuer_is_what_the_metadata_url_begins_with() -> None:
    assert OidcSettings(**GOOD).issuer_prefix == "https://id.example.test/realms/photos"


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"client_id": ""}, "client_id"),
        ({"client_secret": None}, "client_secret"),
        ({"client_secret": "top-secret\n"}, "client_secret"),
        ({"client_secret": "top-secret-ü"}, "client_secret"),
        ({"token_endpoint_auth_method": "none"}, "client_secret"),
        ({"server_metadata_url": "https://id.example.test"}, "server_metadata_url"),
        ({"server_metadata_url": "ftp://id.example.test/.well-known/openid-configuration"}, "server_metadata_url"),
        ({"server_metadata_url": "https:///.well-known/openid-configuration"}, "server_metadata_url"),
        ({"scope": "profile"}, "scope"),
        ({"algorithms": ()}, "algorithms"),
        ({"algorithms": ("RS256", "none")}, "algorithms"),
        ({"algorithms": ("HS256",)}, "algorithms"),
        ({"accept_access_tokens": True}, "access_token_audience"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
        ({"clock_skew_seconds": -1}, "clock_skew_seconds"),
    ],
    ids=str,
)
def test_a_setting_that_cannot_work_is_named(changed: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named) as refused:
        OidcSettings(**{**GOOD, **changed})

    assert "top-secret" not in str(refused.value)


class _Answering(ProviderHttp):
    def __init__(self, settings: OidcSettings, document: Json) -> None:
        super().__init__(settings)
        self._document = document

    async def get_json(self, url: str, *, bearer: str | None = None) -> Json:
        return self._document


@pytest.mark.parametrize("endpoint", ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"])
async def test_metadata_that_came_encrypted_may_not_lead_out_of_it(endpoint: str) -> None:
    settings = OidcSettings(**GOOD)
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
    document = {"issuer": settings.issuer_prefix, **{name: f"https://id.example.test/{name}" for name in names}}
    http = _Answering(settings, document)
    assert (await fetch_metadata(http, settings)).token_endpoint == "https://id.example.test/token_endpoint"
    document[endpoint] = f"http://id.example.test/{endpoint}"

    with pytest.raises(IdentityProviderUnavailable, match=endpoint):
        await fetch_metadata(http, settings)

    await http.aclose()
