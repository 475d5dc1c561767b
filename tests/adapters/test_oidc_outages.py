"""The relying party when the provider is down, slow, or answers nonsense; and what is asked of it how often."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from photostore.user.identity_provider import IdentityProviderAbsent, IdentityProviderUnavailable, SignInAttempt
from photostore_adapters.oidc.absent import AbsentIdentityProvider
from tests.adapters.hostile_oidc import METADATA, Handler, HostileProvider, answering, hostile_provider
from tests.adapters.oidc_parties import NOWHERE, MovableClock, relying_party

HUGE = b'{"a": "' + b"x" * 2_000_000 + b'"}'

NONSENSE: dict[str, Handler] = {
    "500": answering(b"{}", status=500),
    "404": answering(b"{}", status=404),
    "redirect": answering(b"", status=302, Location="/keys"),
    "no JSON": answering(b"<html>"),
    "no UTF-8": answering(b'{"a": "\xff"}'),
    "no object": answering(b"[1, 2]"),
    "empty": answering(b""),
    "deep": answering(b"[" * 500_000),
    "huge": answering(HUGE),
    "compressed": answering(gzip.compress(HUGE), Content_Encoding="gzip"),
}


@pytest.fixture
async def hostile() -> AsyncIterator[HostileProvider]:
    async with hostile_provider() as provider:
        yield provider


@pytest.mark.parametrize("answer", NONSENSE)
@pytest.mark.parametrize("path", [METADATA, "/keys", "/token"])
async def test_nonsense_is_an_outage(hostile: HostileProvider, path: str, answer: str) -> None:
    hostile.handlers[path] = NONSENSE[answer]

    async with relying_party(hostile.settings()) as party:
        with pytest.raises(IdentityProviderUnavailable) as unavailable:
            await hostile.sign_in(party)

    assert unavailable.value.retry_after == 5


@pytest.mark.parametrize("how", ["hang", "drip"])
@pytest.mark.parametrize("path", [METADATA, "/keys", "/token"])
async def test_an_answer_that_does_not_come_is_an_outage(hostile: HostileProvider, path: str, how: str) -> None:
    hostile.handlers[path] = hostile.hang if how == "hang" else hostile.drip

    async with relying_party(hostile.settings(timeout_seconds=0.1)) as party:
        with pytest.raises(IdentityProviderUnavailable):
            await hostile.sign_in(party)


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://elsewhere.example"},
        {"issuer": None},
        {"issuer": ["http://127.0.0.1"]},
        {"token_endpoint": None},
        {"token_endpoint": "/token"},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": "http://[bad"},
        {"authorization_endpoint": 7},
        {"userinfo_endpoint": "javascript:alert(1)"},
    ],
    ids=str,
)
async def test_metadata_that_cannot_be_trusted_is_an_outage(hostile: HostileProvider, metadata: dict[str, Any]) -> None:
    hostile.metadata = metadata

    async with relying_party(hostile.settings()) as party:
        with pytest.raises(IdentityProviderUnavailable):
            await hostile.sign_in(party)


async def test_an_issuer_may_end_in_a_slash_that_then_belongs_to_it(hostile: HostileProvider) -> None:
    issuer = hostile.issuer + "/"
    hostile.metadata, hostile.claims, hostile.answer = {"issuer": issuer}, {"iss": issuer}, {"iss": issuer}

    async with relying_party(hostile.settings()) as party:
        assert (await hostile.sign_in(party)).issuer == issuer


async def test_keys_of_which_none_can_be_used_are_an_outage(hostile: HostileProvider) -> None:
    hostile.published = [{"kty": "oct", "k": "c2VjcmV0"}]

    async with relying_party(hostile.settings()) as party:
        with pytest.raises(IdentityProviderUnavailable):
            await hostile.sign_in(party)


async def test_many_at_once_ask_the_provider_once(hostile: HostileProvider) -> None:
    async with relying_party(hostile.settings()) as party:
        await asyncio.gather(*(party.begin(redirect_uri=NOWHERE) for _ in range(20)))

    assert hostile.asked[METADATA] == 1


async def test_many_at_once_wait_for_one_timeout(hostile: HostileProvider) -> None:
    hostile.handlers[METADATA] = hostile.hang

    async with relying_party(hostile.settings(timeout_seconds=0.1)) as party:
        outcomes = await asyncio.gather(*(party.begin(redirect_uri=NOWHERE) for _ in range(20)), return_exceptions=True)

    assert all(isinstance(outcome, IdentityProviderUnavailable) for outcome in outcomes)
    assert hostile.asked[METADATA] == 1


async def test_one_who_hangs_up_does_not_take_the_others_with_them(hostile: HostileProvider) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()
    body = json.dumps(hostile._metadata()).encode()

    async def later(request: Any) -> Any:
        asked.set()
        await go_on.wait()
        return await answering(body)(request)

    hostile.handlers[METADATA] = later
    async with relying_party(hostile.settings()) as party:
        first = asyncio.create_task(party.begin(redirect_uri=NOWHERE))
        await asked.wait()
        second = asyncio.create_task(party.begin(redirect_uri=NOWHERE))
        first.cancel()
        go_on.set()

        url, _ = await second

    assert url.startswith(hostile.issuer)
    assert hostile.asked[METADATA] == 1


async def test_closing_ends_a_fetch_that_is_under_way(hostile: HostileProvider) -> None:
    asked = asyncio.Event()

    async def hang(request: Any) -> Any:
        asked.set()
        return await hostile.hang(request)

    hostile.handlers[METADATA] = hang
    async with relying_party(hostile.settings()) as party:
        waiting = asyncio.create_task(party.begin(redirect_uri=NOWHERE))
        await asked.wait()
        waiting.cancel()

    outcome = await asyncio.gather(waiting, return_exceptions=True)
    assert isinstance(outcome[0], asyncio.CancelledError)


async def test_metadata_and_keys_are_kept_for_their_age_and_no_longer(hostile: HostileProvider) -> None:
    clock = MovableClock()
    async with relying_party(hostile.settings(metadata_max_age_seconds=40, clock_skew_seconds=300), clock) as party:
        for _ in range(3):
            hostile.claims = {}
            await hostile.sign_in(party)
        assert (hostile.asked[METADATA], hostile.asked["/keys"]) == (1, 1)

        clock.move(seconds=41)
        hostile.claims = {}
        await hostile.sign_in(party)
        assert (hostile.asked[METADATA], hostile.asked["/keys"]) == (2, 2)


async def test_what_is_known_is_used_on_while_it_cannot_be_fetched_anew(hostile: HostileProvider) -> None:
    clock = MovableClock()
    async with relying_party(hostile.settings(metadata_max_age_seconds=40, clock_skew_seconds=300), clock) as party:
        await hostile.sign_in(party)
        hostile.handlers = {METADATA: NONSENSE["500"], "/keys": NONSENSE["no JSON"]}
        clock.move(seconds=41)

        for _ in range(3):
            hostile.claims = {}
            assert (await hostile.sign_in(party)).subject == "alice"

        # Asked again once, then left alone for a while.
        assert (hostile.asked[METADATA], hostile.asked["/keys"]) == (2, 2)


async def test_a_provider_that_comes_back_is_noticed(hostile: HostileProvider) -> None:
    clock = MovableClock()
    hostile.handlers[METADATA] = NONSENSE["500"]
    async with relying_party(hostile.settings(), clock) as party:
        for _ in range(3):
            with pytest.raises(IdentityProviderUnavailable):
                await party.begin(redirect_uri=NOWHERE)
        assert hostile.asked[METADATA] == 1
        hostile.handlers.clear()
        clock.move(seconds=2)

        assert (await hostile.sign_in(party)).subject == "alice"


async def test_nobody_listening_is_an_outage(hostile: HostileProvider) -> None:
    settings = replace(hostile.settings(), server_metadata_url="http://127.0.0.1:9/.well-known/openid-configuration")

    async with relying_party(settings) as party:
        with pytest.raises(IdentityProviderUnavailable):
            await party.begin(redirect_uri=NOWHERE)


async def test_without_a_provider_every_call_says_so() -> None:
    absent = AbsentIdentityProvider()
    attempt = SignInAttempt(state="s", nonce="n", code_verifier="v", redirect_uri=NOWHERE)

    with pytest.raises(IdentityProviderAbsent):
        await absent.begin(redirect_uri=NOWHERE)
    with pytest.raises(IdentityProviderAbsent):
        await absent.finish(attempt, {})
    with pytest.raises(IdentityProviderAbsent):
        await absent.identify("token")
