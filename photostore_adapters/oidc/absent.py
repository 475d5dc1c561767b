"""Where no provider is configured."""

from collections.abc import Mapping
from typing import NoReturn

from photostore.user.identity_provider import IdentityProvider, IdentityProviderAbsent, SignInAttempt


class AbsentIdentityProvider(IdentityProvider):
    async def begin(self, *, redirect_uri: str) -> NoReturn:
        _refuse()

    async def finish(self, attempt: SignInAttempt, answer: Mapping[str, str]) -> NoReturn:
        _refuse()

    async def identify(self, access_token: str) -> NoReturn:
        _refuse()


def _refuse() -> NoReturn:
    raise IdentityProviderAbsent("no identity provider is configured here")
