"""`photostore doctor`: the identity provider, as it should be and with each fault."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from photostore_adapters.examining.finding import Finding, State
from photostore_adapters.examining.identity import examine_identity_provider
from photostore_adapters.oidc.settings import WELL_KNOWN, OidcSettings
from tests.adapters.examining import found_by, wrong
from tests.fakes.system import FakeClock
from tests.fixtures.s3 import WallClock

KEY = {"kty": "RSA", "use": "sig", "kid": "1", "n": "AQAB", "e": "AQAB"}


@asynccontextmanager
async def provider(
    said: Mapping[str, Any], *, keys: list[Any], error: str = "invalid_grant", status: int = 200
) -> AsyncIterator[OidcSettings]:
    """One that says of itself what a test wants it to say."""
    address = ""

    async def metadata(_: web.Request) -> web.Response:
        document = {
            "issuer": address,
            "authorization_endpoint": f"{address}/auth",
            "token_endpoint": f"{address}/token",
            "jwks_uri": f"{address}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }
        return web.json_response({**document, **said}, status=status)

    async def jwks(_: web.Request) -> web.Response:
        return web.json_response({"keys": keys})

    async def token(request: web.Request) -> web.Response:
        assert request.headers["authorization"].startswith("Basic ")
        return web.json_response({"error": error}, status=400)

    application = web.Application()
    application.add_routes([web.get(WELL_KNOWN, metadata), web.get("/keys", jwks), web.post("/token", token)])
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield settings_of(address)
    finally:
        await runner.cleanup()


def settings_of(address: str) -> OidcSettings:
    return OidcSettings(client_id="photos", client_secret="hush", server_metadata_url=f"{address}{WELL_KNOWN}")


async def examined(settings: OidcSettings, ahead: timedelta = timedelta(0)) -> dict[str, Finding]:
    clock = FakeClock(WallClock().now() + ahead)
    return await found_by(examine_identity_provider(settings, "https://photos.example/callback", clock))


async def test_a_provider_that_is_as_it_should_be() -> None:
    async with provider({}, keys=[KEY]) as settings:
        found = await examined(settings)

    assert {each.state for each in found.values()} == {State.OK}
    assert "https://photos.example/callback" in found["client"].told


@pytest.mark.parametrize(
    ("said", "keys", "error", "check", "fix"),
    [
        ({"issuer": "https://other.example/"}, [KEY], "invalid_grant", "issuer", "https://other.example/.well-known"),
        ({}, [], "invalid_grant", "keys", "OIDC__ALGORITHMS"),
        ({}, [{**KEY, "use": "enc"}], "invalid_grant", "keys", "OIDC__ALGORITHMS"),
        (
            {"id_token_signing_alg_values_supported": ["EdDSA"]},
            [KEY],
            "invalid_grant",
            "id_token_signing_alg",
            "OIDC__ALGORITHMS",
        ),
        (
            {"token_endpoint_auth_methods_supported": ["private_key_jwt"]},
            [KEY],
            "invalid_grant",
            "token_endpoint_auth_methods",
            "OIDC__TOKEN_ENDPOINT_AUTH_METHOD",
        ),
        ({"authorization_endpoint": None}, [KEY], "invalid_grant", "authorization_endpoint", "provider"),
        ({}, [KEY], "invalid_client", "client", "OIDC__CLIENT_SECRET"),
    ],
)
async def test_what_does_not_fit_is_named(
    said: Mapping[str, Any], keys: list[Any], error: str, check: str, fix: str
) -> None:
    async with provider(said, keys=keys, error=error) as settings:
        found = await examined(settings)

    assert wrong(found) == {check: State.FAILED}
    assert fix in (found[check].fix or "")


async def test_a_clock_that_is_wrong_is_found() -> None:
    async with provider({}, keys=[KEY]) as settings:
        found = await examined(settings, ahead=timedelta(minutes=5))

    assert wrong(found) == {"clock": State.FAILED}
    assert "behind" in found["clock"].told


async def test_one_that_is_down_is_found() -> None:
    found = await examined(settings_of("http://127.0.0.1:1"))

    assert wrong(found) == {"discovery": State.FAILED}
    assert "OIDC__SERVER_METADATA_URL" in (found["discovery"].fix or "")


async def test_one_that_tells_nothing_of_itself_is_found() -> None:
    async with provider({}, keys=[], status=404) as settings:
        found = await examined(settings)

    assert wrong(found) == {"discovery": State.FAILED}
    assert "404" in found["discovery"].told
