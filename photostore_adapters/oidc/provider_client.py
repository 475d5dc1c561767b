"""The relying party: the authorization code flow, and the provider's own access tokens."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import timedelta

from photostore.shared.clock import Clock, Secrets
from photostore.user.identity_provider import (
    IdentityProvider,
    IdentityProviderUnavailable,
    ProviderIdentity,
    ProviderTokenInvalid,
    SignInAttempt,
    SignInRefused,
)
from photostore_adapters.oidc.cached import Cached
from photostore_adapters.oidc.checks import check_access_token, check_id_token, precheck_access_token, same
from photostore_adapters.oidc.claims import identity_of, is_complete
from photostore_adapters.oidc.http import Json, ProviderHttp
from photostore_adapters.oidc.keys import AskedFor, SigningKeys, TokenRefusedError, unverified
from photostore_adapters.oidc.metadata import ProviderMetadata, fetch_metadata
from photostore_adapters.oidc.settings import OidcSettings
from photostore_adapters.oidc.text import error_code, printable


class OidcIdentityProvider(IdentityProvider):
    """One for the life of the process; `aclose` it. Discovery and keys are fetched when first needed, so that the
    service starts while the provider is down."""

    def __init__(self, settings: OidcSettings, *, clock: Clock, secrets: Secrets) -> None:
        self._settings = settings
        self._clock = clock
        self._secrets = secrets
        self._http = ProviderHttp(settings)
        max_age = timedelta(seconds=settings.metadata_max_age_seconds)
        self._metadata = Cached("metadata", self._fetch_metadata, clock=clock, max_age=max_age)
        self._keys = SigningKeys(self._http, self._metadata, settings, clock=clock)

    async def begin(self, *, redirect_uri: str) -> tuple[str, SignInAttempt]:
        metadata = await self._metadata.get()
        attempt = SignInAttempt(
            state=self._random(), nonce=self._random(), code_verifier=self._random(), redirect_uri=redirect_uri
        )
        return self._http.authorization_url(metadata.authorization_endpoint, attempt), attempt

    async def finish(self, attempt: SignInAttempt, answer: Mapping[str, str]) -> ProviderIdentity:
        if not same(answer.get("state"), attempt.state):
            raise SignInRefused("the answer belongs to another sign-in", code="state_mismatch")
        metadata = await self._metadata.get()
        code = _code_of(answer, metadata)
        token = await self._http.exchange(metadata.token_endpoint, attempt, code=code)
        access_token, claims = await self._check_token(token, attempt, metadata)
        if metadata.userinfo_endpoint is not None and not is_complete(claims, self._settings):
            told = await self._userinfo(metadata.userinfo_endpoint, access_token, subject=claims["sub"])
            claims = told | {name: value for name, value in claims.items() if value is not None}
        return identity_of(metadata.issuer, claims, self._settings)

    async def identify(self, access_token: str) -> ProviderIdentity:
        audience = self._settings.access_token_audience
        if not self._settings.accept_access_tokens or audience is None:
            raise ProviderTokenInvalid("access tokens of the identity provider are not accepted here")
        try:
            return await self._identify(access_token, audience)
        except TokenRefusedError as error:
            raise ProviderTokenInvalid(f"the access token was refused: {error}") from error

    async def aclose(self) -> None:
        await self._keys.aclose()
        await self._metadata.aclose()
        await self._http.aclose()

    async def _fetch_metadata(self) -> ProviderMetadata:
        return await fetch_metadata(self._http, self._settings)

    async def _identify(self, access_token: str, audience: str) -> ProviderIdentity:
        precheck_access_token(
            unverified(access_token, part=0),
            unverified(access_token, part=1),
            issuer_prefix=self._settings.issuer_prefix,
            audience=audience,
        )
        signed = await self._keys.verify(access_token, asked_for=AskedFor.ACCESS_TOKEN)
        issuer = (await self._metadata.get()).issuer
        check_access_token(
            signed,
            issuer=issuer,
            audience=audience,
            client_id=self._settings.client_id,
            now=self._clock.now(),
            skew=self._settings.clock_skew_seconds,
        )
        return identity_of(issuer, signed.claims, self._settings)

    async def _check_token(self, token: Json, attempt: SignInAttempt, metadata: ProviderMetadata) -> tuple[str, Json]:
        id_token, access_token = token.get("id_token"), token.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str) or not access_token.isascii():
            raise SignInRefused("the identity provider sent no ID token", code="invalid_id_token")
        try:
            signed = await self._keys.verify(id_token, asked_for=AskedFor.SIGN_IN)
            check_id_token(
                signed,
                issuer=metadata.issuer,
                client_id=self._settings.client_id,
                nonce=attempt.nonce,
                access_token=access_token,
                now=self._clock.now(),
                skew=self._settings.clock_skew_seconds,
            )
        except TokenRefusedError as error:
            raise SignInRefused(f"the ID token was refused: {error}", code="invalid_id_token") from error
        return access_token, signed.claims

    async def _userinfo(self, endpoint: str, access_token: str, *, subject: str) -> Json:
        """What else the provider tells of them. They are signed in: no answer is no obstacle, a wrong one is."""
        try:
            claims = await self._http.get_json(endpoint, bearer=access_token)
        except IdentityProviderUnavailable:
            return {}
        if claims.get("sub") != subject:
            raise SignInRefused("userinfo is about somebody else", code="userinfo_mismatch")
        return claims

    def _random(self) -> str:
        return urlsafe_b64encode(self._secrets.token(48)).decode()


def _code_of(answer: Mapping[str, str], metadata: ProviderMetadata) -> str:
    """The authorization code, from an answer that is this provider's (RFC 9207) and no error."""
    issuer = answer.get("iss")
    if issuer != metadata.issuer and (issuer is not None or metadata.answers_name_issuer):
        raise SignInRefused("the answer is of another identity provider", code="issuer_mismatch")
    if "error" in answer:
        code = error_code(answer["error"])
        reason = printable(answer.get("error_description"), at_most=200) or code
        raise SignInRefused(f"the identity provider refused: {reason}", code=code)
    given = answer.get("code", "")
    if not given or not given.isascii() or not given.isprintable():
        raise SignInRefused("the answer has neither a usable code nor an error", code="invalid_request")
    return given
