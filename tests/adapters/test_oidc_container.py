"""The dishka providers of the two kinds of installation, validated as strictly as in production."""

from dishka import STRICT_VALIDATION, Provider, Scope, make_async_container, provide

from photostore.shared.clock import Clock, Secrets
from photostore.user.identity_provider import IdentityProvider
from photostore_adapters.oidc.absent import AbsentIdentityProvider, AbsentOidcProvider
from photostore_adapters.oidc.provider import OidcProvider
from photostore_adapters.oidc.provider_client import OidcIdentityProvider
from photostore_adapters.oidc.settings import OidcSettings
from tests.adapters.oidc_parties import MovableClock, RandomSecrets


class _System(Provider):
    scope = Scope.APP

    clock = provide(MovableClock, provides=Clock)
    secrets = provide(RandomSecrets, provides=Secrets)


async def test_a_configured_provider_is_one_for_the_life_of_the_process() -> None:
    settings = OidcSettings(
        client_id="photos",
        client_secret="secret",
        server_metadata_url="https://id.example.test/.well-known/openid-configuration",
    )
    container = make_async_container(
        OidcProvider(), _System(), context={OidcSettings: settings}, validation_settings=STRICT_VALIDATION
    )

    first, second = await container.get(IdentityProvider), await container.get(IdentityProvider)

    assert isinstance(first, OidcIdentityProvider)
    assert first is second
    await container.close()


async def test_without_one_there_is_the_absent_one() -> None:
    container = make_async_container(AbsentOidcProvider(), validation_settings=STRICT_VALIDATION)

    assert isinstance(await container.get(IdentityProvider), AbsentIdentityProvider)
    await container.close()
