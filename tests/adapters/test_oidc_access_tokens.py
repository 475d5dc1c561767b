"""Access tokens that prove nothing, and what they may cost the provider."""

import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from photostore.user.identity_provider import IdentityProviderUnavailable, ProviderTokenInvalid
from tests.adapters.hostile_oidc import CLIENT_ID, FromNow, HostileProvider, answering, forged, hostile_provider
from tests.adapters.oidc_parties import AUDIENCE, MovableClock, relying_party


@pytest.fixture
async def hostile() -> AsyncIterator[HostileProvider]:
    async with hostile_provider() as provider:
        yield provider


async def refused(hostile: HostileProvider, token: str, **settings: Any) -> None:
    async with relying_party(hostile.settings(accept_access_tokens=True, **settings)) as party:
        with pytest.raises(ProviderTokenInvalid):
            await party.identify(token)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://other.example.test"},
        {"aud": None},
        {"aud": []},
        {"aud": {"a": AUDIENCE}},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"iss": ["x"]},
        {"exp": FromNow(-120)},
        {"exp": None},
        {"nbf": FromNow(600)},
        {"iat": FromNow(600)},
        {"sub": None},
        {"sub": ""},
        {"nonce": "n"},
        {"at_hash": "h"},
        {"events": {}},
        {"typ": "ID"},
        {"typ": ["Bearer"]},
        {"token_use": "id"},
    ],
    ids=str,
)
async def test_an_access_token_with_wrong_claims_is_refused(hostile: HostileProvider, claims: dict[str, Any]) -> None:
    await refused(hostile, hostile.access_token(**claims))


@pytest.mark.parametrize("kind", ["at+jwt", "application/at+jwt", "AT+JWT", "JWT", None])
@pytest.mark.parametrize("audience", [AUDIENCE, [AUDIENCE, "https://other.example.test"]])
async def test_an_access_token_of_either_type_is_taken(
    hostile: HostileProvider, kind: str | None, audience: object
) -> None:
    hostile.header = {"typ": kind}
    token = hostile.access_token(aud=audience, exp=FromNow(-20), email="alice@example.test")

    async with relying_party(hostile.settings(accept_access_tokens=True)) as party:
        identity = await party.identify(token)

    assert (identity.subject, identity.email, identity.display_name) == ("alice", "alice@example.test", None)
    # A little longer than it says, since clocks differ.
    assert identity.expires_at is not None
    assert identity.expires_at.timestamp() == pytest.approx(time.time() + 40, abs=20)


@pytest.mark.parametrize("kind", ["logout+jwt", "secevent+jwt", "dpop+jwt", "id_token", 7])
async def test_a_token_of_another_type_is_refused(hostile: HostileProvider, kind: object) -> None:
    if isinstance(kind, str):
        hostile.header = {"typ": kind}
        await refused(hostile, hostile.access_token())
        return
    claims = {"iss": hostile.issuer, "aud": AUDIENCE, "sub": "alice", "exp": int(time.time()) + 300}
    await refused(hostile, forged({"alg": "RS256", "typ": kind}, claims, secret=b"any"))


async def test_an_id_token_is_no_access_token(hostile: HostileProvider) -> None:
    hostile.claims = {"aud": [CLIENT_ID, AUDIENCE], "azp": CLIENT_ID}
    await refused(hostile, hostile.id_token())

    hostile.claims = {"aud": CLIENT_ID}
    await refused(hostile, hostile.id_token(), access_token_audience=CLIENT_ID)


async def test_where_both_are_for_the_client_an_access_token_says_that_it_is_one(hostile: HostileProvider) -> None:
    hostile.header = {"typ": "JWT"}
    token = hostile.access_token(aud=CLIENT_ID)

    async with relying_party(hostile.settings(accept_access_tokens=True, access_token_audience=CLIENT_ID)) as party:
        assert (await party.identify(token)).subject == "alice"


@pytest.mark.parametrize("key", [None, b"any", "the public key"])
async def test_an_access_token_that_the_provider_did_not_sign_is_refused(
    hostile: HostileProvider, key: bytes | str | None
) -> None:
    secret = hostile.key.as_pem(private=False) if isinstance(key, str) else key
    claims = {"iss": hostile.issuer, "aud": AUDIENCE, "sub": "alice", "exp": int(time.time()) + 300}
    for algorithm in ("none", "HS256", "RS256", "ES256", "", None, ["RS256"]):
        await refused(hostile, forged({"alg": algorithm, "kid": "first"}, claims, secret=secret))


@pytest.mark.parametrize(
    "junk",
    [
        "",
        "junk",
        "a.b.c",
        "..",
        "ü.ü.ü",
        "\ud800.a.b",
        "W10.W10.x",
        "x" * 100_000,
        urlsafe_b64encode(b"[" * 20_000).decode() + ".e30.x",
        forged({"alg": "RS256"}, {"iss": "https://elsewhere.example", "aud": AUDIENCE}, secret=b"x"),
        forged({"alg": "RS256"}, {}, secret=b"x"),
    ],
    ids=range(11),
)
async def test_junk_never_reaches_the_provider(hostile: HostileProvider, junk: str) -> None:
    await refused(hostile, junk)

    assert not hostile.asked


async def test_nothing_reaches_the_provider_unless_access_tokens_are_accepted(hostile: HostileProvider) -> None:
    async with relying_party(hostile.settings()) as party:
        with pytest.raises(ProviderTokenInvalid):
            await party.identify(hostile.access_token())

    assert not hostile.asked


async def test_made_up_keys_cost_the_provider_little_and_sign_ins_nothing(hostile: HostileProvider) -> None:
    clock = MovableClock()
    settings = hostile.settings(accept_access_tokens=True, jwks_min_refetch_seconds=30)
    async with relying_party(settings, clock) as party:
        await party.identify(hostile.access_token())
        hostile.key = ECKey.generate_key("P-256", {"kid": "made up"})
        for _ in range(10):
            with pytest.raises(ProviderTokenInvalid):
                await party.identify(hostile.access_token())
        assert hostile.asked["/keys"] == 2

        hostile.publish(RSAKey.generate_key(2048, {"kid": "rotated"}))
        assert (await hostile.sign_in(party)).subject == "alice"
        assert hostile.asked["/keys"] == 3

        hostile.publish(RSAKey.generate_key(2048, {"kid": "rotated again"}))
        with pytest.raises(ProviderTokenInvalid):
            await party.identify(hostile.access_token())
        clock.move(seconds=31)
        assert (await party.identify(hostile.access_token())).subject == "alice"


async def test_an_unknown_key_while_the_provider_is_down_is_an_outage(hostile: HostileProvider) -> None:
    async with relying_party(hostile.settings(accept_access_tokens=True)) as party:
        await party.identify(hostile.access_token())
        hostile.key = RSAKey.generate_key(2048, {"kid": "unknown"})
        hostile.handlers["/keys"] = answering(b"", status=503)

        with pytest.raises(IdentityProviderUnavailable):
            await party.identify(hostile.access_token())
