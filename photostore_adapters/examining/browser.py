"""Whether a web page may upload straight to the bucket: as a browser asks before it does."""

from collections.abc import AsyncIterator, Sequence

import aiohttp
from yarl import URL

from photostore_adapters.examining.finding import Finding, Part

_PART = Part("storage")
_HEADERS = ("content-type", "if-none-match", "x-amz-checksum-sha256")


async def examine_cors(http: aiohttp.ClientSession, url: str, origins: Sequence[str]) -> AsyncIterator[Finding]:
    if not origins:
        yield _PART.skipped("CORS", "No web page is named in CORS__ALLOW_ORIGINS.")
    for origin in origins:
        # Where every origin is allowed, one stands for all.
        yield await _origin(http, url, "https://photostore-doctor.example" if origin == "*" else origin)


async def _origin(http: aiohttp.ClientSession, url: str, origin: str) -> Finding:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": ",".join(_HEADERS),
    }
    check = f"CORS {origin}"
    try:
        async with http.options(URL(url, encoded=True), headers=asked) as answer:
            status, headers = answer.status, answer.headers
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return _PART.failed(check, f"The store does not answer a preflight ({type(error).__name__}).", _fix(origin))
    missing = [
        *([] if headers.get("access-control-allow-origin") in (origin, "*") else ["the origin"]),
        *([] if "PUT" in _listed(headers.get("access-control-allow-methods")) else ["PUT"]),
        *_missing_headers(headers.get("access-control-allow-headers")),
    ]
    if status >= 300 or missing:
        told = f"A browser may not upload from there: the preflight answers {status} without {', '.join(missing) or 'success'}."
        return _PART.failed(check, told, _fix(origin))
    return _PART.ok(check, "Pages from there may upload.")


def _missing_headers(allowed: str | None) -> list[str]:
    known = {each.lower() for each in _listed(allowed)}
    return [] if "*" in known else [each for each in _HEADERS if each not in known]


def _listed(header: str | None) -> list[str]:
    return [each.strip() for each in (header or "").split(",")]


def _fix(origin: str) -> str:
    return (
        "Give the bucket a CORS rule: "
        f'AllowedOrigins ["{origin}"], AllowedMethods ["GET", "HEAD", "PUT"], AllowedHeaders ["*"], ExposeHeaders ["ETag"].'
    )
