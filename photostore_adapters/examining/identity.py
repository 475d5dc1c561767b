"""Whether the identity provider is who it should be, and knows us."""

from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus, urlsplit

import aiohttp

from photostore.shared.clock import Clock
from photostore_adapters.examining.finding import Finding, Findings, Part
from photostore_adapters.examining.skew import date_of, skew_found
from photostore_adapters.oidc.settings import WELL_KNOWN, OidcSettings

_PART = Part("oidc")
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_WRONG = (aiohttp.ClientError, TimeoutError, OSError, ValueError)


async def examine_identity_provider(settings: OidcSettings, redirect_uri: str, clock: Clock) -> Findings:
    timeout = aiohttp.ClientTimeout(total=settings.timeout_seconds)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        try:
            answer = await http.get(settings.server_metadata_url)
            received_at = clock.now()
            document = await _json(answer)
        except _WRONG as error:
            yield _unreachable(settings, error)
            return
        date = date_of(answer.headers.get("date"))
        if date is not None:
            at_most = timedelta(seconds=max(2, settings.clock_skew_seconds))
            yield skew_found(_PART, "the identity provider", date, received_at, at_most=at_most)
        async for finding in _document(document, settings):
            yield finding
        yield await _keys(http, document, settings)
        yield await _client(http, document, settings, redirect_uri)


async def _json(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    async with answer:
        if answer.status != 200:
            raise ValueError(f"it answers {answer.status}")
        told = await answer.json(content_type=None)
    if not isinstance(told, dict):
        raise ValueError("it answers no JSON object")
    return told


def _unreachable(settings: OidcSettings, error: Exception) -> Finding:
    said = str(error) if isinstance(error, ValueError) and not isinstance(error, UnicodeError) else type(error).__name__
    told = f"{settings.server_metadata_url} tells nothing of itself ({said})."
    return _PART.failed("discovery", told, "Mend OIDC__SERVER_METADATA_URL, or open the way to the provider.")


async def _document(document: dict[str, Any], settings: OidcSettings) -> AsyncIterator[Finding]:
    issuer = document.get("issuer")
    if issuer in (settings.issuer_prefix, f"{settings.issuer_prefix}/"):
        yield _PART.ok("issuer", f"It is {issuer}.")
    else:
        own = f"{str(issuer).rstrip('/')}{WELL_KNOWN}"
        fix = f"Set OIDC__SERVER_METADATA_URL to {own}, if that is whom you mean."
        yield _PART.failed("issuer", f"It says that it is {issuer!r}, which the URL of its metadata does not.", fix)
    for name in _ENDPOINTS:
        yield _endpoint(document, name, settings)
    yield _listed(document, "id_token_signing_alg_values_supported", settings.algorithms, "OIDC__ALGORITHMS")
    method = (settings.token_endpoint_auth_method,)
    yield _listed(document, "token_endpoint_auth_methods_supported", method, "OIDC__TOKEN_ENDPOINT_AUTH_METHOD")
    if "S256" not in document.get("code_challenge_methods_supported", ["S256"]):
        yield _PART.warning("PKCE", "It knows no PKCE with S256.", "Allow it at the provider's (RFC 9700, 2.1.1).")


def _endpoint(document: dict[str, Any], name: str, settings: OidcSettings) -> Finding:
    url = document.get(name)
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts is None or parts.scheme not in ("https", "http") or not parts.hostname:
        return _PART.failed(name, f"Its metadata names none: {url!r}.", "Mend the provider's configuration.")
    if settings.is_https and parts.scheme != "https":
        return _PART.failed(
            name, f"{url} is not encrypted.", "Have the provider name https:// endpoints (its proxy settings)."
        )
    return _PART.ok(name, url if isinstance(url, str) else "")


def _listed(document: dict[str, Any], name: str, ours: tuple[str, ...], variable: str) -> Finding:
    """What the provider does not list it may know all the same."""
    theirs = document.get(name)
    check = name.removesuffix("_values_supported").removesuffix("_supported")
    if not isinstance(theirs, list):
        return _PART.skipped(check, "It does not tell.")
    common = [each for each in ours if each in theirs]
    if not common:
        return _PART.failed(
            check,
            f"It knows {', '.join(map(str, theirs))}; we use {', '.join(ours)}.",
            f"Set {variable} to one of its own.",
        )
    return _PART.ok(check, ", ".join(common))


async def _keys(http: aiohttp.ClientSession, document: dict[str, Any], settings: OidcSettings) -> Finding:
    try:
        keys = (await _json(await http.get(str(document.get("jwks_uri"))))).get("keys")
    except _WRONG as error:
        fix = "Open the way to the provider's jwks_uri."
        return _PART.failed("keys", f"Its keys cannot be read ({type(error).__name__}).", fix)
    kinds = {"RS": "RSA", "PS": "RSA", "ES": "EC"}
    wanted = {kinds[name[:2]] for name in settings.algorithms}
    fit = [key for key in keys or [] if isinstance(key, dict) and key.get("kty") in wanted and key.get("use") != "enc"]
    if not fit:
        told = f"None of its keys signs with {', '.join(settings.algorithms)}."
        return _PART.failed("keys", told, "Set OIDC__ALGORITHMS to what the provider signs with.")
    return _PART.ok("keys", f"{len(fit)} of its keys are of use.")


async def _client(
    http: aiohttp.ClientSession, document: dict[str, Any], settings: OidcSettings, redirect_uri: str
) -> Finding:
    """A code that nobody was given: who is known is told that it is wrong, who is not, that they are not."""
    form = {"grant_type": "authorization_code", "code": "none", "redirect_uri": redirect_uri, "code_verifier": "x" * 43}
    headers: dict[str, str] = {}
    if settings.token_endpoint_auth_method == "client_secret_basic":  # noqa: S105 - the name of a method
        said = f"{quote_plus(settings.client_id)}:{quote_plus(settings.client_secret or '')}"
        headers["Authorization"] = f"Basic {b64encode(said.encode()).decode()}"
    else:
        form["client_id"] = settings.client_id
        if settings.client_secret:
            form["client_secret"] = settings.client_secret
    try:
        async with http.post(str(document.get("token_endpoint")), data=form, headers=headers) as answer:
            told = await answer.json(content_type=None)
    except _WRONG as error:
        fix = "Open the way to the provider's token_endpoint."
        return _PART.failed("client", f"Its token endpoint does not answer ({type(error).__name__}).", fix)
    code = told.get("error") if isinstance(told, dict) else None
    if code in ("invalid_client", "unauthorized_client"):
        fix = "Mend OIDC__CLIENT_ID, OIDC__CLIENT_SECRET or OIDC__TOKEN_ENDPOINT_AUTH_METHOD."
        return _PART.failed("client", f"It does not know us as {settings.client_id} with this secret ({code}).", fix)
    if code == "invalid_grant":
        return _PART.ok("client", f"It knows us. {redirect_uri} must be among the redirect URIs that it allows.")
    return _PART.skipped("client", f"It does not tell whether it knows us ({answer.status}).")
