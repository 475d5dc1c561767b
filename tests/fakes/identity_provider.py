"""An OpenID Connect provider without a network: it vouches for whomever a test says."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from itertools import count
from urllib.parse import parse_qsl, urlencode, urlsplit

from photostore.user.identity_provider import (
    IdentityProvider,
    IdentityProviderUnavailable,
    ProviderIdentity,
    ProviderTokenInvalid,
    SignInAttempt,
    SignInRefused,
)

ISSUER = "https://id.example.test"


def an_identity(
    *,
    subject: str = "alice",
    email: str | None = "alice@example.test",
    display_name: str | None = "Alice",
    is_admin: bool | None = None,
) -> ProviderIdentity:
    return ProviderIdentity(issuer=ISSUER, subject=subject, email=email, display_name=display_name, is_admin=is_admin)


class FakeIdentityProvider(IdentityProvider):
    """While `unavailable` is set, every call fails as when the provider is down."""

    def __init__(self) -> None:
        self.unavailable = False
        self._numbers = count(1)
        self._codes: dict[str, tuple[dict[str, str], ProviderIdentity]] = {}
        self._access_tokens: dict[str, ProviderIdentity] = {}

    def sign_in(self, url: str, identity: ProviderIdentity | None = None) -> dict[str, str]:
        """What the browser brings to the callback after `identity` signed in at `url`."""
        asked = dict(parse_qsl(urlsplit(url).query))
        code = self._made("code")
        self._codes[code] = (asked, identity or an_identity())
        return {"code": code, "state": asked["state"], "iss": ISSUER}

    def deny(self, url: str, *, code: str = "access_denied", description: str = "cancelled") -> dict[str, str]:
        """What the browser brings to the callback after the person, or the provider, said no."""
        state = dict(parse_qsl(urlsplit(url).query))["state"]
        return {"error": code, "error_description": description, "state": state, "iss": ISSUER}

    def access_token(self, identity: ProviderIdentity | None = None) -> str:
        """An access token of the provider's own."""
        token = self._made("access-token")
        self._access_tokens[token] = identity or an_identity()
        return token

    async def begin(self, *, redirect_uri: str) -> tuple[str, SignInAttempt]:
        self._answer_or_not()
        attempt = SignInAttempt(
            state=self._made("state"),
            nonce=self._made("nonce"),
            code_verifier=self._made("verifier"),
            redirect_uri=redirect_uri,
        )
        asked = {
            "response_type": "code",
            "scope": "openid profile email",
            "redirect_uri": redirect_uri,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": _challenge(attempt),
            "code_challenge_method": "S256",
        }
        return f"{ISSUER}/authorize?{urlencode(asked)}", attempt

    async def finish(self, attempt: SignInAttempt, answer: Mapping[str, str]) -> ProviderIdentity:
        self._answer_or_not()
        if answer.get("state") != attempt.state:
            raise SignInRefused("the answer belongs to another sign-in", code="state_mismatch")
        if answer.get("iss") != ISSUER:
            raise SignInRefused("the answer is of another identity provider", code="issuer_mismatch")
        if "error" in answer:
            raise SignInRefused("the identity provider refused", code=answer["error"])
        if "code" not in answer:
            raise SignInRefused("the answer has neither a code nor an error", code="invalid_request")
        asked, identity = self._codes.pop(answer["code"], ({}, None))
        redeemed = (asked.get("code_challenge"), asked.get("redirect_uri"))
        if identity is None or redeemed != (_challenge(attempt), attempt.redirect_uri):
            raise SignInRefused("the code is not valid", code="invalid_grant")
        if asked["nonce"] != attempt.nonce:
            raise SignInRefused("the ID token belongs to another sign-in", code="invalid_id_token")
        return identity

    async def identify(self, access_token: str) -> ProviderIdentity:
        self._answer_or_not()
        if access_token not in self._access_tokens:
            raise ProviderTokenInvalid("the access token was refused")
        return self._access_tokens[access_token]

    def _answer_or_not(self) -> None:
        if self.unavailable:
            raise IdentityProviderUnavailable("the identity provider does not answer as it should", retry_after=5)

    def _made(self, what: str) -> str:
        """Another one each time, the same ones in each run, in the alphabet and length of RFC 7636."""
        return sha256(f"{what} {next(self._numbers)}".encode()).hexdigest()


def _challenge(attempt: SignInAttempt) -> str:
    return urlsafe_b64encode(sha256(attempt.code_verifier.encode()).digest()).rstrip(b"=").decode()
