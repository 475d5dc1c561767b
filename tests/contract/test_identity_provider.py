"""What the user room may rely on, whichever identity provider it has."""

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import cast
from urllib.parse import parse_qsl, urlsplit

import pytest

from photostore.user.identity_provider import (
    IdentityProvider,
    IdentityProviderUnavailable,
    ProviderTokenInvalid,
    SignInRefused,
)
from tests.adapters.oidc_parties import AUDIENCE, NOWHERE, relying_party, settings_for
from tests.fakes.identity_provider import ISSUER, FakeIdentityProvider
from tests.fixtures.oidc import CertifiedProvider

Answer = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class World:
    """An identity provider, and what people do at it. `unreachable` is one that is down."""

    provider: IdentityProvider
    unreachable: IdentityProvider
    issuer: str
    sign_in: Callable[[str], Awaitable[Answer]]
    deny: Callable[[str], Awaitable[Answer]]
    access_token: Callable[[], Awaitable[str]]


def _fake() -> World:
    fake, down = FakeIdentityProvider(), FakeIdentityProvider()
    down.unavailable = True

    async def sign_in(url: str) -> Answer:
        return fake.sign_in(url)

    async def deny(url: str) -> Answer:
        return fake.deny(url)

    async def access_token() -> str:
        return fake.access_token()

    return World(provider=fake, unreachable=down, issuer=ISSUER, sign_in=sign_in, deny=deny, access_token=access_token)


@pytest.fixture(params=["fake", "certified"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
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
        yield World(
            provider=provider,
            unreachable=down,
            issuer=certified.issuer,
            sign_in=sign_in,
            deny=deny,
            access_token=access_token,
        )


async def test_the_url_asks_for_a_code_with_state_nonce_and_pkce(world: World) -> None:
    url, attempt = await world.provider.begin(redirect_uri=NOWHERE)

    asked = _query(url)
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == attempt.redirect_uri == NOWHERE
    assert "openid" in asked["scope"].split()
    assert (asked["state"], asked["nonce"]) == (attempt.state, attempt.nonce)
    assert asked["code_challenge_method"] == "S256"
    digest = sha256(attempt.code_verifier.encode()).digest()
    assert asked["code_challenge"] == urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert 43 <= len(attempt.code_verifier) <= 128


async def test_no_two_attempts_share_a_secret(world: World) -> None:
    _, first = await world.provider.begin(redirect_uri=NOWHERE)
    _, second = await world.provider.begin(redirect_uri=NOWHERE)

    secrets = {first.state, first.nonce, first.code_verifier, second.state, second.nonce, second.code_verifier}
    assert len(secrets) == 6


async def test_a_finished_sign_in_tells_who_it_is(world: World) -> None:
    url, attempt = await world.provider.begin(redirect_uri=NOWHERE)

    identity = await world.provider.finish(attempt, await world.sign_in(url))

    assert (identity.issuer, identity.subject) == (world.issuer, "alice")
    assert (identity.email, identity.display_name) == ("alice@example.test", "Alice")
    assert identity.is_admin is None


async def test_a_cancelled_sign_in_is_refused_with_the_code_of_the_provider(world: World) -> None:
    url, attempt = await world.provider.begin(redirect_uri=NOWHERE)
    answer = await world.deny(url)

    with pytest.raises(SignInRefused) as refused:
        await world.provider.finish(attempt, answer)

    assert refused.value.code == "access_denied"


@pytest.mark.parametrize("state", [None, "", "another", "ünïcode"])
async def test_an_answer_with_another_state_is_refused(world: World, state: str | None) -> None:
    url, attempt = await world.provider.begin(redirect_uri=NOWHERE)
    answer = await world.sign_in(url)
    changed = {name: value for name, value in answer.items() if name != "state"}

    with pytest.raises(SignInRefused) as refused:
        await world.provider.finish(attempt, changed if state is None else {**changed, "state": state})

    assert refused.value.code == "state_mismatch"


async def test_an_answer_without_a_code_is_refused(world: World) -> None:
    _, attempt = await world.provider.begin(redirect_uri=NOWHERE)

    with pytest.raises(SignInRefused) as refused:
        await world.provider.finish(attempt, {"state": attempt.state, "iss": world.issuer})

    assert refused.value.code == "invalid_request"


@pytest.mark.parametrize("issuer", [None, "https://elsewhere.example"])
async def test_an_answer_of_another_provider_is_refused(world: World, issuer: str | None) -> None:
    url, attempt = await world.provider.begin(redirect_uri=NOWHERE)
    answer = await world.sign_in(url)
    changed = {name: value for name, value in answer.items() if name != "iss"}

    with pytest.raises(SignInRefused) as refused:
        await world.provider.finish(attempt, changed if issuer is None else {**changed, "iss": issuer})

    assert refused.value.code == "issuer_mismatch"


async def test_a_code_is_good_once(world: World) -> None:
    url, attempt = await world.provider.begin(redirect_uri=NOWHERE)
    answer = await world.sign_in(url)
    await world.provider.finish(attempt, answer)

    with pytest.raises(SignInRefused) as refused:
        await world.provider.finish(attempt, answer)

    assert refused.value.code == "invalid_grant"


async def test_a_code_of_another_sign_in_is_refused(world: World) -> None:
    url, _ = await world.provider.begin(redirect_uri=NOWHERE)
    stolen = await world.sign_in(url)
    _, attempt = await world.provider.begin(redirect_uri=NOWHERE)

    with pytest.raises(SignInRefused) as refused:
        await world.provider.finish(attempt, {**stolen, "state": attempt.state})

    assert refused.value.code == "invalid_grant"


async def test_an_id_token_of_another_sign_in_is_refused(world: World) -> None:
    url, attempt = await world.provider.begin(redirect_uri=NOWHERE)
    answer = await world.sign_in(url)

    with pytest.raises(SignInRefused) as refused:
        await world.provider.finish(replace(attempt, nonce="another"), answer)

    assert refused.value.code == "invalid_id_token"


async def test_an_access_token_of_the_provider_tells_whose_it_is(world: World) -> None:
    identity = await world.provider.identify(await world.access_token())

    assert (identity.issuer, identity.subject) == (world.issuer, "alice")


async def test_what_is_no_access_token_of_the_provider_is_refused(world: World) -> None:
    with pytest.raises(ProviderTokenInvalid):
        await world.provider.identify("not one")


async def test_a_provider_that_is_down_is_unavailable(world: World) -> None:
    _, attempt = await world.provider.begin(redirect_uri=NOWHERE)

    with pytest.raises(IdentityProviderUnavailable) as unavailable:
        await world.unreachable.begin(redirect_uri=NOWHERE)
    with pytest.raises(IdentityProviderUnavailable):
        await world.unreachable.finish(attempt, {"state": attempt.state, "code": "any", "iss": world.issuer})

    assert unavailable.value.retry_after == 5


def _query(url: str) -> Answer:
    return dict(parse_qsl(urlsplit(url).query))
