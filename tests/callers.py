"""Clients of servers on this machine."""

import ssl

import httpx2

# Nobody here speaks TLS, and reading all the authorities that one could trust takes longer than most tests.
WITHOUT_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
# Others use the machine, too: patience, not speed, is what tests need.
_PATIENCE_SECONDS = 60
# Less than servers keep connections that nobody uses, and than they go on when they are told to stop: a request on one that is
# just being closed fails.
_KEPT_SECONDS = 3
_LIMITS = httpx2.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=_KEPT_SECONDS)


def caller(url: str = "", *, timeout: float = _PATIENCE_SECONDS) -> httpx2.AsyncClient:
    """A client that keeps cookies, and follows no redirect by itself."""
    return httpx2.AsyncClient(base_url=url, timeout=timeout, verify=WITHOUT_AUTHORITIES, limits=_LIMITS)


def answers(url: str) -> bool:
    """Whether someone is there, and well."""
    try:
        return httpx2.get(url, timeout=5, verify=WITHOUT_AUTHORITIES).status_code == 200
    except httpx2.TransportError:
        return False
