"""Relying parties for the tests of OpenID Connect, with a clock that a test can move."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from photostore.shared.clock import Clock, Secrets
from photostore.user.identity_provider import ProviderIdentity
from photostore_adapters.oidc.provider_client import OidcIdentityProvider
from photostore_adapters.oidc.settings import OidcSettings
from tests.fixtures.oidc import CertifiedProvider

AUDIENCE = "https://photos.example.test/api"
NOWHERE = "http://127.0.0.1/callback"


class MovableClock(Clock):
    """The real time, since real providers sign with it, and what a test adds to it."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def move(self, *, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


class RandomSecrets(Secrets):
    def token(self, size: int) -> bytes:
        return secrets.token_bytes(size)


@asynccontextmanager
async def relying_party(settings: OidcSettings, clock: Clock | None = None) -> AsyncIterator[OidcIdentityProvider]:
    party = OidcIdentityProvider(settings, clock=clock or MovableClock(), secrets=RandomSecrets())
    try:
        yield party
    finally:
        await party.aclose()


def settings_for(
    provider: CertifiedProvider, method: str = "client_secret_basic", algorithm: str = "RS256", **others: Any
) -> OidcSettings:
    client = provider.client(method, algorithm)
    asked: dict[str, Any] = {
        "server_metadata_url": provider.metadata_url,
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "token_endpoint_auth_method": client.token_endpoint_auth_method,
        "algorithms": (algorithm,),
        "access_token_audience": AUDIENCE,
        **others,
    }
    return OidcSettings(**asked)


async def sign_in(
    party: OidcIdentityProvider, provider: CertifiedProvider, *, login: str = "alice"
) -> ProviderIdentity:
    url, attempt = await party.begin(redirect_uri=NOWHERE)
    callback = await provider.sign_in(url, login=login)
    return await party.finish(attempt, dict(parse_qsl(urlsplit(callback).query)))
