"""What the user room may rely on, whichever identity provider it has."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import cast
from urllib.parse import parse_qsl, urlsplit

import pytest

from photostore_testing import IdentityProviderPromises, IdentityWorld
from tests.adapters.oidc_parties import AUDIENCE, NOWHERE, relying_party, settings_for
from tests.fakes.identity_provider import FakeIdentityProvider, an_identity
from tests.fixtures.oidc import CertifiedProvider

Answer = dict[str, str]


def _fake() -> IdentityWorld:
    fake, down = FakeIdentityProvider(), FakeIdentityProvider()
    down.unavailable = True

    async def sign_in(url: str) -> Answer:
        return fake.sign_in(url)

    async def deny(url: str) -> Answer:
        return fake.deny(url)

    async def access_token() -> str:
        return fake.access_token()

    return IdentityWorld(
        provider=fake,
        unreachable=down,
        redirect_uri=NOWHERE,
        alice=an_identity(),
        sign_in=sign_in,
        deny=deny,
        access_token=access_token,
    )


@pytest.fixture(params=["fake", "certified"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[IdentityWorld]:
    if request.param == "fake":
        yield _fake()
        return
    certified = cast(CertifiedProvider, request.getfixturevalue("oidc_provider"))

    async def sign_in(url: str) -> Answer:
        return _query(await certified.sign_in(url))

    async def deny(url: str) -> Answer:
        return _query(await certified.sign_in(url, deny=True))

    async def access_token() -> str:
        return await certified.access_token(audience=AUDIENCE)

    settings = settings_for(certified, accept_access_tokens=True)
    nobody = "http://127.0.0.1:9/.well-known/openid-configuration"
    async with (
        relying_party(settings) as provider,
        relying_party(replace(settings, server_metadata_url=nobody)) as down,
    ):
        yield IdentityWorld(
            provider=provider,
            unreachable=down,
            redirect_uri=NOWHERE,
            alice=replace(an_identity(), issuer=certified.issuer),
            sign_in=sign_in,
            deny=deny,
            access_token=access_token,
        )


class TestIdentityProvider(IdentityProviderPromises):
    pass


def _query(url: str) -> Answer:
    return dict(parse_qsl(urlsplit(url).query))
