"""Clients of servers on this machine."""

import ssl

import httpx2

# Nobody here speaks TLS, and reading all the authorities that one could trust takes longer than most tests.
WITHOUT_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
# Others use the machine, too: patience, not speed, is what tests need.
_PATIENCE_SECONDS = 60


def caller(url: str = "", *, timeout: float = _PATIENCE_SECONDS) -> httpx2.AsyncClient:
    """A client that keeps cookies, and follows no redirect by itself."""
    return httpx2.AsyncClient(base_url=url, timeout=timeout, verify=WITHOUT_AUTHORITIES)


def answers(url: str) -> bool:
    """Whether someone is there, and well."""
    try:
        return httpx2.get(url, timeout=5, verify=WITHOUT_AUTHORITIES).status_code == 200
    except httpx2.TransportError:
        return False
