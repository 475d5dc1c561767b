"""The identity provider for the container, where one is configured."""

from collections.abc import AsyncIterator

from dishka import Provider, Scope, from_context, provide

from photostore.shared.clock import Clock, Secrets
from photostore.user.identity_provider import IdentityProvider
from photostore_adapters.oidc.provider_client import OidcIdentityProvider
from photostore_adapters.oidc.settings import OidcSettings


class OidcProvider(Provider):
    scope = Scope.APP

    settings = from_context(OidcSettings, scope=Scope.APP)

    @provide
    async def identity_provider(
        self, settings: OidcSettings, clock: Clock, secrets: Secrets
    ) -> AsyncIterator[IdentityProvider]:
        relying_party = OidcIdentityProvider(settings, clock=clock, secrets=secrets)
        yield relying_party
        await relying_party.aclose()
