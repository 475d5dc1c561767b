"""What the user room may rely on, whichever identity provider it has."""

from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from urllib.parse import parse_qsl, urlsplit

import pytest

from photostore.user.identity_provider import (
    IdentityProvider,
    IdentityProviderUnavailable,
    ProviderIdentity,
    ProviderTokenInvalid,
    SignInRefused,
)

Answer = dict[str, str]
"""The query of the callback, by name."""


@dataclass(frozen=True, kw_only=True)
class IdentityWorld:
    """An identity provider, and what Alice does at it.

    `unreachable` is one that is down. `sign_in` and `deny` follow the URL that `begin` gave, as a browser and a person do, to
    what is brought back to `redirect_uri`. `access_token` is one of Alice's that is meant for photostore.
    """

    provider: IdentityProvider
    unreachable: IdentityProvider
    redirect_uri: str
    alice: ProviderIdentity
    sign_in: Callable[[str], Awaitable[Answer]]
    deny: Callable[[str], Awaitable[Answer]]
    access_token: Callable[[], Awaitable[str]]


@pytest.mark.asyncio
class IdentityProviderPromises:
    """Wants the fixture `world`, an `IdentityWorld`."""

    async def test_the_url_asks_for_a_code_with_state_nonce_and_pkce(self, world: IdentityWorld) -> None:
        url, attempt = await world.provider.begin(redirect_uri=world.redirect_uri)

        asked = _query(url)
        assert asked["response_type"] == "code"
        assert asked["redirect_uri"] == attempt.redirect_uri == world.redirect_uri
        assert "openid" in asked["scope"].split()
        assert (asked["state"], asked["nonce"]) == (attempt.state, attempt.nonce)
        assert asked["code_challenge_method"] == "S256"
        digest = sha256(attempt.code_verifier.encode()).digest()
        assert asked["code_challenge"] == urlsafe_b64encode(digest).rstrip(b"=").decode()
        assert 43 <= len(attempt.code_verifier) <= 128

    async def test_no_two_attempts_share_a_secret(self, world: IdentityWorld) -> None:
        _, first = await world.provider.begin(redirect_uri=world.redirect_uri)
        _, second = await world.provider.begin(redirect_uri=world.redirect_uri)

        secrets = {first.state, first.nonce, first.code_verifier, second.state, second.nonce, second.code_verifier}
        assert len(secrets) == 6

    async def test_a_finished_sign_in_tells_who_it_is(self, world: IdentityWorld) -> None:
        url, attempt = await world.provider.begin(redirect_uri=world.redirect_uri)

        identity = await world.provider.finish(attempt, await world.sign_in(url))

        assert identity == world.alice

    async def test_a_cancelled_sign_in_is_refused_with_the_code_of_the_provider(self, world: IdentityWorld) -> None:
        url, attempt = await world.provider.begin(redirect_uri=world.redirect_uri)
        answer = await world.deny(url)

        with pytest.raises(SignInRefused) as refused:
            await world.provider.finish(attempt, answer)

        assert refused.value.code == "access_denied"

    @pytest.mark.parametrize("state", [None, "", "another", "ünïcode"])
    async def test_an_answer_with_another_state_is_refused(self, world: IdentityWorld, state: str | None) -> None:
        url, attempt = await world.provider.begin(redirect_uri=world.redirect_uri)
        answer = await world.sign_in(url)
        changed = {name: value for name, value in answer.items() if name != "state"}

        with pytest.raises(SignInRefused) as refused:
            await world.provider.finish(attempt, changed if state is None else {**changed, "state": state})

        assert refused.value.code == "state_mismatch"

    async def test_an_answer_without_a_code_is_refused(self, world: IdentityWorld) -> None:
        _, attempt = await world.provider.begin(redirect_uri=world.redirect_uri)

        with pytest.raises(SignInRefused) as refused:
            await world.provider.finish(attempt, {"state": attempt.state, "iss": world.alice.issuer})

        assert refused.value.code == "invalid_request"

    @pytest.mark.parametrize("issuer", [None, "https://elsewhere.example"])
    async def test_an_answer_of_another_provider_is_refused(self, world: IdentityWorld, issuer: str | None) -> None:
        url, attempt = await world.provider.begin(redirect_uri=world.redirect_uri)
        answer = await world.sign_in(url)
        changed = {name: value for name, value in answer.items() if name != "iss"}

        with pytest.raises(SignInRefused) as refused:
            await world.provider.finish(attempt, changed if issuer is None else {**changed, "iss": issuer})

        assert refused.value.code == "issuer_mismatch"

    async def test_a_code_is_good_once(self, world: IdentityWorld) -> None:
        url, attempt = await world.provider.begin(redirect_uri=world.redirect_uri)
        answer = await world.sign_in(url)
        await world.provider.finish(attempt, answer)

        with pytest.raises(SignInRefused) as refused:
            await world.provider.finish(attempt, answer)

        assert refused.value.code == "invalid_grant"

    async def test_a_code_of_another_sign_in_is_refused(self, world: IdentityWorld) -> None:
        url, _ = await world.provider.begin(redirect_uri=world.redirect_uri)
        stolen = await world.sign_in(url)
        _, attempt = await world.provider.begin(redirect_uri=world.redirect_uri)

        with pytest.raises(SignInRefused) as refused:
            await world.provider.finish(attempt, {**stolen, "state": attempt.state})

        assert refused.value.code == "invalid_grant"

    async def test_an_id_token_of_another_sign_in_is_refused(self, world: IdentityWorld) -> None:
        url, attempt = await world.provider.begin(redirect_uri=world.redirect_uri)
        answer = await world.sign_in(url)

        with pytest.raises(SignInRefused) as refused:
            await world.provider.finish(replace(attempt, nonce="another"), answer)

        assert refused.value.code == "invalid_id_token"

    async def test_an_access_token_of_the_provider_tells_whose_it_is(self, world: IdentityWorld) -> None:
        identity = await world.provider.identify(await world.access_token())

        assert (identity.issuer, identity.subject) == (world.alice.issuer, world.alice.subject)

    async def test_what_is_no_access_token_of_the_provider_is_refused(self, world: IdentityWorld) -> None:
        with pytest.raises(ProviderTokenInvalid):
            await world.provider.identify("not one")

    async def test_a_provider_that_is_down_is_unavailable(self, world: IdentityWorld) -> None:
        _, attempt = await world.provider.begin(redirect_uri=world.redirect_uri)

        with pytest.raises(IdentityProviderUnavailable) as unavailable:
            await world.unreachable.begin(redirect_uri=world.redirect_uri)
        with pytest.raises(IdentityProviderUnavailable):
            await world.unreachable.finish(attempt, {"state": attempt.state, "code": "any", "iss": world.alice.issuer})

        assert unavailable.value.retry_after == 5


def _query(url: str) -> Answer:
    return dict(parse_qsl(urlsplit(url).query))
