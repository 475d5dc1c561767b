"""The provider over HTTP: one client for the life of the process, bounded in time and size."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar
from urllib.parse import quote_plus

import httpx2
import structlog
from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]
from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]

from photostore.user.identity_provider import IdentityProviderUnavailable, SignInAttempt, SignInRefused
from photostore_adapters.oidc.settings import OidcSettings
from photostore_adapters.oidc.text import error_code, printable

T = TypeVar("T")
Json = dict[str, Any]

MAX_BODY_BYTES = 1024 * 1024
_RETRY_AFTER_SECONDS = 5

_log = structlog.get_logger(__name__)


class ProviderHttp:
    """Whatever goes wrong on the way is `IdentityProviderUnavailable`; an OAuth error that the provider answers is
    `SignInRefused` with its code."""

    def __init__(self, settings: OidcSettings) -> None:
        self._timeout = settings.timeout_seconds
        self._client: Any = AsyncOAuth2Client(
            settings.client_id,
            settings.client_secret,
            token_endpoint_auth_method=settings.token_endpoint_auth_method,
            scope=settings.scope,
            code_challenge_method="S256",
            timeout=settings.timeout_seconds,
            # A compressed answer could unfold to any size past the bound below.
            headers={"Accept-Encoding": "identity"},
            # One client serves everybody: no cookie of one user's request may ride on another's.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            event_hooks={"response": [_bound_body]},
        )
        self._client.register_client_auth_method(("client_secret_basic", _basic))
        self._client.register_compliance_hook("access_token_response", _only_a_token_or_an_error)

    def authorization_url(self, endpoint: str, attempt: SignInAttempt) -> str:
        url, _ = self._client.create_authorization_url(
            endpoint,
            state=attempt.state,
            nonce=attempt.nonce,
            code_verifier=attempt.code_verifier,
            redirect_uri=attempt.redirect_uri,
        )
        return str(url)

    async def get_json(self, url: str, *, bearer: str | None = None) -> Json:
        headers = {"Accept": "application/json"}
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        return await self._within_limits(self._get(url, headers))

    async def exchange(self, endpoint: str, attempt: SignInAttempt, *, code: str) -> Json:
        """The token endpoint's answer to an authorization code."""
        try:
            return await self._within_limits(self._fetch_token(endpoint, attempt, code))
        except OAuthError as error:
            refusal = error_code(error.error)
            reason = printable(error.description, at_most=200) or refusal
            raise SignInRefused(f"the identity provider refused: {reason}", code=refusal) from error

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _get(self, url: str, headers: dict[str, str]) -> Json:
        response: httpx2.Response = await self._client.request("GET", url, headers=headers, withhold_token=True)
        answer = response.raise_for_status().json()
        if not isinstance(answer, dict):
            raise ValueError(f"{url} answered no JSON object")
        return answer

    async def _fetch_token(self, endpoint: str, attempt: SignInAttempt, code: str) -> Json:
        token: Json = await self._client.fetch_token(
            endpoint,
            grant_type="authorization_code",
            code=code,
            code_verifier=attempt.code_verifier,
            redirect_uri=attempt.redirect_uri,
        )
        self._client.token = None  # Authlib keeps the last one in the client, which is everybody's
        return dict(token)

    async def _within_limits(self, request: Awaitable[T]) -> T:
        try:
            # The client's own timeout starts anew with each byte; this one bounds the whole.
            async with asyncio.timeout(self._timeout):
                return await request
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValueError, RecursionError) as error:
            # Callers are not told the inside of it; whoever runs the server needs it.
            reason = printable(f"{type(error).__name__}: {error}", at_most=300)
            _log.warning("identity_provider_unavailable", reason=reason)
            raise IdentityProviderUnavailable(
                "the identity provider does not answer as it should", retry_after=_RETRY_AFTER_SECONDS
            ) from error


class _BoundedBody(httpx2.AsyncByteStream):
    def __init__(self, body: httpx2.AsyncByteStream) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._body:
            size += len(chunk)
            if size > MAX_BODY_BYTES:
                raise httpx2.DecodingError(f"the answer is longer than {MAX_BODY_BYTES} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._body.aclose()


async def _bound_body(response: httpx2.Response) -> None:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise httpx2.DecodingError("the answer is compressed, though that was not asked for")
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _BoundedBody(response.stream)


def _basic(client: Any, _method: str, uri: str, headers: Any, body: Any) -> tuple[str, Any, Any]:
    """HTTP Basic as RFC 6749 (2.3.1) has it: both parts form-encoded first, which Authlib leaves out."""
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    return uri, headers, body


def _only_a_token_or_an_error(response: httpx2.Response) -> httpx2.Response:
    """Authlib takes any JSON object without `error` for a token, whatever the status."""
    if not response.is_success:
        answer = response.json()
        if not isinstance(answer, dict) or "error" not in answer:
            response.raise_for_status()
    return response
