"""The relying party against a certified provider."""

import asyncio

import pytest

from photostore.user.identity_provider import ProviderTokenInvalid, SignInRefused
from tests.adapters.oidc_parties import AUDIENCE, MovableClock, relying_party, settings_for, sign_in
from tests.fixtures.oidc import CertifiedProvider


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
async def test_signs_in_with_each_kind_of_client(oidc_provider: CertifiedProvider, method: str, algorithm: str) -> None:
    async with relying_party(settings_for(oidc_provider, method, algorithm)) as party:
        identity = await sign_in(party, oidc_provider)

    assert (identity.issuer, identity.subject) == (oidc_provider.issuer, "alice")
    assert (identity.email, identity.display_name) == ("alice@example.test", "Alice")


async def test_an_algorithm_that_is_not_allowed_here_is_refused(oidc_provider: CertifiedProvider) -> None:
    settings = settings_for(oidc_provider, algorithm="RS256", algorithms=("ES256",))

    async with relying_party(settings) as party:
        with pytest.raises(SignInRefused) as refused:
            await sign_in(party, oidc_provider)

    assert refused.value.code == "invalid_id_token"


async def test_a_wrong_client_secret_is_told_by_the_code_of_the_provider(oidc_provider: CertifiedProvider) -> None:
    async with relying_party(settings_for(oidc_provider, client_secret="wrong")) as party:
        with pytest.raises(SignInRefused) as refused:
            await sign_in(party, oidc_provider)

    assert refused.value.code == "invalid_client"


@pytest.mark.parametrize(("login", "is_admin"), [("admin", True), ("alice", False)])
async def test_a_claim_of_the_provider_makes_administrators(
    oidc_provider: CertifiedProvider, login: str, is_admin: bool
) -> None:
    settings = settings_for(
        oidc_provider, admin_claim="groups", admin_values=("photo-admins",), accept_access_tokens=True
    )
    token = await oidc_provider.access_token(audience=AUDIENCE, login=login)

    async with relying_party(settings) as party:
        assert (await sign_in(party, oidc_provider, login=login)).is_admin is is_admin
        assert (await party.identify(token)).is_admin is is_admin


@pytest.mark.parametrize("withdraw", [False, True])
async def test_sign_ins_go_on_when_the_provider_rotates_its_keys(
    oidc_provider: CertifiedProvider, withdraw: bool
) -> None:
    async with relying_party(settings_for(oidc_provider)) as party:
        await sign_in(party, oidc_provider)
        await oidc_provider.rotate_keys(withdraw=withdraw)

        identities = await asyncio.gather(*(sign_in(party, oidc_provider) for _ in range(5)))

    assert [identity.subject for identity in identities] == ["alice"] * 5


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_identifies_by_an_access_token(oidc_provider: CertifiedProvider, algorithm: str) -> None:
    token = await oidc_provider.access_token(audience=AUDIENCE, login="bob", algorithm=algorithm)

    async with relying_party(settings_for(oidc_provider, algorithm=algorithm, accept_access_tokens=True)) as party:
        identity = await party.identify(token)

    assert (identity.issuer, identity.subject) == (oidc_provider.issuer, "bob")
    assert (identity.email, identity.display_name) == ("bob@example.test", "Bob")


async def test_access_tokens_go_on_when_the_provider_rotates_its_keys(oidc_provider: CertifiedProvider) -> None:
    async with relying_party(settings_for(oidc_provider, accept_access_tokens=True)) as party:
        before = await oidc_provider.access_token(audience=AUDIENCE)
        await party.identify(before)
        await oidc_provider.rotate_keys()
        after = await oidc_provider.access_token(audience=AUDIENCE)

        assert (await party.identify(after)).subject == "alice"
        assert (await party.identify(before)).subject == "alice"


async def test_what_a_withdrawn_key_signed_stops_to_count(oidc_provider: CertifiedProvider) -> None:
    clock = MovableClock()
    settings = settings_for(oidc_provider, accept_access_tokens=True, metadata_max_age_seconds=600)
    token = await oidc_provider.access_token(audience=AUDIENCE)

    async with relying_party(settings, clock) as party:
        await party.identify(token)
        await oidc_provider.rotate_keys(withdraw=True)
        clock.move(seconds=601)

        with pytest.raises(ProviderTokenInvalid):
            await party.identify(token)


async def test_an_access_token_for_another_audience_is_refused(oidc_provider: CertifiedProvider) -> None:
    token = await oidc_provider.access_token(audience="https://other.example.test/api")

    async with relying_party(settings_for(oidc_provider, accept_access_tokens=True)) as party:
        with pytest.raises(ProviderTokenInvalid):
            await party.identify(token)


async def test_access_tokens_are_refused_unless_switched_on(oidc_provider: CertifiedProvider) -> None:
    token = await oidc_provider.access_token(audience=AUDIENCE)

    async with relying_party(settings_for(oidc_provider)) as party:
        with pytest.raises(ProviderTokenInvalid):
            await party.identify(token)
