"""Send a browser to the identity provider."""

from dataclasses import dataclass

from photostore.user.identity_provider import IdentityProvider, SignInAttempt


@dataclass(frozen=True, slots=True)
class BeginProviderSignIn:
    """Raise `IdentityProviderAbsent` or `IdentityProviderUnavailable`."""

    provider: IdentityProvider

    async def __call__(self, *, redirect_uri: str) -> tuple[str, SignInAttempt]:
        return await self.provider.begin(redirect_uri=redirect_uri)
