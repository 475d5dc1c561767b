"""Where no provider is configured."""

from collections.abc import Mapping
from typing import NoReturn

from dishka import Provider, Scope, provide

from photostore.user.identity_provider import IdentityProvider, IdentityProviderAbsent, SignInAttempt


class AbsentIdentityProvider(IdentityProvider):
    async def begin(self, *, redirect_uri: str) -> NoReturn:
        _refuse()

    async def finish(self, attempt: SignInAttempt, answer: Mapping[str, str]) -> NoReturn:
        _refuse()

    async def identify(self, access_token: str) -> NoReturn:
        _refuse()


class AbsentOidcProvider(Provider):
    scope = Scope.APP

    identity_provider = provide(AbsentIdentityProvider, provides=IdentityProvider)


def _refuse() -> NoReturn:
    raise IdentityProviderAbsent("no identity provider is configured here")
