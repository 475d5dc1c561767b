"""Settings that are allowed, and seldom meant."""

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from photostore_adapters.examining.finding import Finding, Findings, Part
from photostore_adapters.settings import Settings, SettingsError, secret_key_of

_PART = Part("settings")


async def examine_settings(settings: Settings) -> Findings:
    found = [*_secret(settings), *_addresses(settings), *_bucket(settings), *_browsers(settings)]
    for finding in found:
        yield finding
    if not found:
        yield _PART.ok("sense", "Nothing looks odd.")


def _secret(settings: Settings) -> Iterator[Finding]:
    if settings.embedded:
        return  # it makes one at the first start
    try:
        secret_key_of(settings)
    except SettingsError as error:
        yield _PART.failed(
            "secret key", str(error), "Set JWT__SECRET_KEY to 32 random bytes or more: openssl rand -base64 48"
        )


def _addresses(settings: Settings) -> Iterator[Finding]:
    if settings.public_url is None:
        if not is_loopback(settings.server.host):
            told = f"It listens on {settings.server.host}, and tells clients {settings.base_url}."
            yield _PART.warning("public_url", told, "Set PUBLIC_URL to the address that clients use.")
        return
    url = urlsplit(settings.public_url)
    if url.scheme == "http" and not is_loopback(url.hostname or ""):
        told = f"PUBLIC_URL is {settings.public_url}: passwords and tokens travel in the clear."
        yield _PART.warning("https", told, "Put a proxy with TLS in front, and an https:// address into PUBLIC_URL.")
    if url.scheme == "https" and not settings.server.trusted_proxies:
        told = (
            "A proxy stands in front, but none is trusted: every client has its address, and they share one rate limit."
        )
        yield _PART.warning("proxies", told, "Set SERVER__TRUSTED_PROXIES to the proxy's address.")


def _bucket(settings: Settings) -> Iterator[Finding]:
    s3 = settings.s3
    if not settings.s3_enabled:
        return
    public = urlsplit(s3.public_endpoint_url or s3.endpoint_url or "https://s3.amazonaws.com")
    if is_loopback(public.hostname or "") and not is_loopback(urlsplit(settings.base_url).hostname or ""):
        told = f"Clients are sent to {public.geturl()} for bytes, which is their own machine."
        yield _PART.warning("public endpoint", told, "Set S3__PUBLIC_ENDPOINT_URL to the store as clients reach it.")
    if public.scheme == "http" and settings.base_url.startswith("https://"):
        told = "Pages that came by https may not load what the store sends by http."
        yield _PART.warning(
            "store by https", told, "Give the store TLS, and set S3__PUBLIC_ENDPOINT_URL to https://..."
        )


def _browsers(settings: Settings) -> Iterator[Finding]:
    if "*" in settings.cors.allow_origins and settings.cors.allow_credentials:
        told = "Every web page may call the API with the cookies of whoever looks at it."
        yield _PART.warning(
            "cors", told, "Name the origins in CORS__ALLOW_ORIGINS, or set CORS__ALLOW_CREDENTIALS=false."
        )


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
