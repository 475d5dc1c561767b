"""The relying party against a provider that lies about who signed in."""

import time
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote_plus

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

from photostore.user.identity_provider import SignInRefused
from photostore_adapters.oidc.checks import half_hash
from tests.adapters.hostile_oidc import (
    ACCESS_TOKEN,
    CLIENT_ID,
    CLIENT_SECRET,
    FromNow,
    HostileProvider,
    answering,
    forged,
    hostile_provider,
    without_none,
)
from tests.adapters.oidc_parties import NOWHERE, relying_party


@pytest.fixture
async def hostile() -> AsyncIterator[HostileProvider]:
    async with hostile_provider() as provider:
        yield provider


async def refusal(hostile: HostileProvider, **settings: Any) -> SignInRefused:
    async with relying_party(hostile.settings(**settings)) as party:
        with pytest.raises(SignInRefused) as refused:
            await hostile.sign_in(party)
    return refused.value


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": "https://elsewhere.example"}, "'iss'"),
        ({"iss": None}, "iss"),
        ({"aud": "another-client"}, "'aud'"),
        ({"aud": None}, "aud"),
        ({"aud": ["another-client"], "azp": CLIENT_ID}, "'aud'"),
        ({"aud": [CLIENT_ID, "another-client"], "azp": "another-client"}, "another client"),
        ({"aud": [CLIENT_ID, "another-client"]}, "several audiences"),
        ({"azp": "another-client"}, "another client"),
        ({"exp": FromNow(-120)}, "expired"),
        ({"exp": None}, "exp"),
        ({"exp": "tomorrow"}, "'exp'"),
        ({"exp": float("nan")}, "'exp'"),
        ({"iat": FromNow(600)}, "'iat'"),
        ({"iat": None}, "iat"),
        ({"nbf": FromNow(600)}, "'nbf'"),
        ({"nonce": "of-another-sign-in"}, "another sign-in"),
        ({"nonce": None}, "another sign-in"),
        ({"nonce": ["a", "list"]}, "another sign-in"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "'sub'"),
        ({"sub": "nul\0"}, "'sub'"),
        ({"sub": "x" * 256}, "'sub'"),
        ({"at_hash": half_hash("another-token", "RS256")}, "another access token"),
        ({"at_hash": 1}, "another access token"),
    ],
    ids=lambda value: str(value)[:50] if isinstance(value, dict) else "",
)
async def test_an_id_token_with_wrong_claims_is_refused(
    hostile: HostileProvider, claims: dict[str, Any], reason: str
) -> None:
    hostile.claims = claims

    refused = await refusal(hostile)

    assert refused.code == "invalid_id_token"
    assert reason in refused.detail


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": FromNow(-20)},
        {"iat": FromNow(40), "nbf": FromNow(40)},
        {"aud": [CLIENT_ID]},
        {"aud": [CLIENT_ID, "another-client"], "azp": CLIENT_ID},
        {"at_hash": half_hash(ACCESS_TOKEN, "RS256")},
    ],
    ids=["expired within the skew", "ahead within the skew", "list", "list and azp", "at_hash"],
)
async def test_an_id_token_that_is_only_unusual_is_taken(hostile: HostileProvider, claims: dict[str, Any]) -> None:
    hostile.claims = claims

    async with relying_party(hostile.settings()) as party:
        identity = await hostile.sign_in(party)

    assert identity.subject == "alice"


@pytest.mark.parametrize("secret", [None, CLIENT_SECRET.encode(), "the public key"])
async def test_an_id_token_that_the_provider_did_not_sign_is_refused(
    hostile: HostileProvider, secret: bytes | str | None
) -> None:
    key = hostile.key.as_pem(private=False) if isinstance(secret, str) else secret
    claims = {
        "iss": hostile.issuer,
        "aud": CLIENT_ID,
        "sub": "alice",
        "iat": int(time.time()),
        "exp": int(time.time()) + 300,
    }
    header = {"alg": "none" if key is None else "HS256", "typ": "JWT"}
    hostile.token = {"id_token": forged(header, claims, secret=key)}

    refused = await refusal(hostile)

    assert refused.code == "invalid_id_token"
    assert "algorithm" in refused.detail


async def test_an_id_token_signed_by_a_strangers_key_of_the_same_name_is_refused(hostile: HostileProvider) -> None:
    hostile.key = RSAKey.generate_key(2048, {"kid": "first"})

    refused = await refusal(hostile)

    assert refused.code == "invalid_id_token"
    assert hostile.asked["/keys"] == 1


@pytest.mark.parametrize("id_token", [None, 7, "", "a.b", "a.b.c", "e30.e30.", "ü.ü.ü", "W10.e30.e30", "x" * 40_000])
async def test_what_is_no_id_token_is_refused(hostile: HostileProvider, id_token: object) -> None:
    hostile.token = {"id_token": id_token}

    assert (await refusal(hostile)).code == "invalid_id_token"


async def test_tokens_and_keys_without_kid_work_through_a_rotation(hostile: HostileProvider) -> None:
    keys: list[RSAKey | ECKey] = [RSAKey.generate_key(2048), ECKey.generate_key("P-256"), RSAKey.generate_key(2048)]
    hostile.header = {"kid": None}
    hostile.published = [without_none({**key.as_dict(private=False), "kid": None}) for key in keys]
    hostile.key = keys[2]

    async with relying_party(hostile.settings()) as party:
        await hostile.sign_in(party)
        hostile.publish(RSAKey.generate_key(2048, {"kid": "second"}))
        hostile.claims = {}
        identity = await hostile.sign_in(party)

    assert identity.subject == "alice"
    assert hostile.asked["/keys"] == 2


async def test_keys_that_cannot_be_used_do_not_take_the_others_with_them(hostile: HostileProvider) -> None:
    good = hostile.published[0]
    odd = [None, 7, {}, {"kty": "oct", "k": "c2VjcmV0"}, {"kty": ["RSA"]}, {"kty": "RSA", "n": "!", "e": 1}]
    odd += [{"kty": "EC", "crv": "P-0", "x": "", "y": ""}, {**good, "use": "enc"}, {"kty": "AKP", "alg": "ML-DSA-44"}]
    hostile.published = [*odd, good]

    async with relying_party(hostile.settings()) as party:
        assert (await hostile.sign_in(party)).subject == "alice"


async def test_a_long_header_with_parameters_of_its_own_is_no_obstacle(hostile: HostileProvider) -> None:
    async with relying_party(hostile.settings()) as party:
        _, attempt = await party.begin(redirect_uri=NOWHERE)
        now = int(time.time())
        claims = {"iss": hostile.issuer, "aud": CLIENT_ID, "sub": "alice", "iat": now, "exp": now + 300}
        header = {"alg": "RS256", "kid": hostile.key.kid, "x5c": ["A" * 2000], "x-odd": True}
        registry = JWSRegistry(algorithms=["RS256"], strict_check_header=False)
        token = jwt.encode(header, {**claims, "nonce": attempt.nonce}, hostile.key, registry=registry)
        hostile.token = {"id_token": token}

        identity = await party.finish(attempt, {"code": "any", "state": attempt.state})

    assert identity.subject == "alice"


@pytest.mark.parametrize(
    ("answer", "code", "detail"),
    [
        ({"error": "access_denied", "error_description": "No, thank you"}, "access_denied", "No, thank you"),
        ({"error": "access_denied"}, "access_denied", "access_denied"),
        ({"error": "login_required", "error_description": "a\r\nb\x1b[31m\u202e"}, "login_required", "ab[31m"),
        ({"error": "<script>", "error_description": "x" * 5000}, "unknown_error", "x" * 200),
        ({"error": ""}, "unknown_error", "unknown_error"),
        ({"code": None}, "invalid_request", "neither"),
        ({"code": ""}, "invalid_request", "neither"),
        ({"code": "ünïcode"}, "invalid_request", "neither"),
        ({"code": "a\nb"}, "invalid_request", "neither"),
        ({"state": None}, "state_mismatch", "another sign-in"),
        ({"state": "\ud800"}, "state_mismatch", "another sign-in"),
        ({"iss": "https://elsewhere.example"}, "issuer_mismatch", "another identity provider"),
        ({"iss": "https://elsewhere.example", "error": "access_denied"}, "issuer_mismatch", "another"),
    ],
)
async def test_a_callback_that_is_no_success_is_refused(
    hostile: HostileProvider, answer: dict[str, Any], code: str, detail: str
) -> None:
    hostile.answer = answer

    refused = await refusal(hostile)

    assert refused.code == code
    assert refused.detail.endswith(detail) or detail in refused.detail
    assert len(refused.detail) < 300
    assert hostile.asked["/token"] == 0


@pytest.mark.parametrize("promised", [True, False])
async def test_a_missing_issuer_is_refused_where_the_provider_promises_it(
    hostile: HostileProvider, promised: bool
) -> None:
    hostile.metadata = {"authorization_response_iss_parameter_supported": promised}
    hostile.answer = {"iss": None}

    if promised:
        assert (await refusal(hostile)).code == "issuer_mismatch"
        return
    async with relying_party(hostile.settings()) as party:
        assert (await hostile.sign_in(party)).subject == "alice"


async def test_the_token_endpoints_refusal_keeps_its_code(hostile: HostileProvider) -> None:
    body = b'{"error": "invalid_grant", "error_description": "The code\\u0000 has expired"}'
    hostile.handlers["/token"] = answering(body, status=400)

    refused = await refusal(hostile)

    assert refused.code == "invalid_grant"
    assert refused.detail.endswith("The code has expired")


@pytest.mark.parametrize("client_id", [CLIENT_ID, "an id: with/odd+characters%"])
async def test_each_way_to_prove_the_client_is_written_as_the_rfc_has_it(
    hostile: HostileProvider, client_id: str
) -> None:
    hostile.claims = {"aud": client_id}
    hostile.answer = {"code": "a+code/with odd&characters=%"}
    secret = "a secret: with/odd+characters%"

    for method in ("client_secret_basic", "client_secret_post", "none"):
        chosen = None if method == "none" else secret
        settings = hostile.settings(client_id=client_id, client_secret=chosen, token_endpoint_auth_method=method)
        hostile.claims.pop("nonce", None)
        async with relying_party(settings) as party:
            await hostile.sign_in(party)

    basic, post, none = hostile.forms
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()
    assert basic["authorization"] == f"Basic {b64encode(pair).decode()}"
    assert "client_secret" not in basic
    assert (post["client_id"], post["client_secret"], post["authorization"]) == (client_id, secret, None)
    assert (none["client_id"], none.get("client_secret"), none["authorization"]) == (client_id, None, None)
    assert {form["code"] for form in hostile.forms} == {"a+code/with odd&characters=%"}
    assert all(len(form["code_verifier"]) == 64 for form in hostile.forms)
