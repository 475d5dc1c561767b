"""Where webhooks may lead."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from photostore.shared.errors import FieldError
from photostore.webhook.addresses import Address, Network, is_permitted
from photostore.webhook.errors import WebhookInvalid

LONGEST_URL = 2048
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
# What resolvers take for a number: a name that ends so is an address in disguise (0x7f.1, 2130706433, 127.1).
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+", re.ASCII)
_PRINTABLE = re.compile(r"[\x21-\x7e]+", re.ASCII)
# Mail, shells and whatever else listens below does not speak HTTP, and may believe what it is sent.
_WEB_PORTS, _FIRST_FREE_PORT = (80, 443), 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTargets:
    """What whoever runs the service allows: plain http, and addresses that are not the internet's."""

    allow_http: bool = False
    allowed: Sequence[Network] = ()

    def demand(self, url: str) -> None:
        """Raise `WebhookInvalid`. What a name resolves to is looked at when it is connected to, each time."""
        wrong = self._wrong(url)
        if wrong is not None:
            raise WebhookInvalid("The URL cannot be delivered to.", errors=[FieldError("url", wrong)])

    def permits(self, address: Address) -> bool:
        return is_permitted(address, self.allowed)

    def permits_host(self, host: str) -> bool:
        """Of a URL that was demanded: a name, which is looked up later, or an address that may be connected to."""
        address = _literal(host)
        return address is None or self.permits(address)

    def _wrong(self, url: str) -> str | None:
        if len(url) > LONGEST_URL or not _PRINTABLE.fullmatch(url) or "\\" in url:
            return f"must have at most {LONGEST_URL} visible ASCII characters; names of other alphabets as xn--"
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return "must be a URL"
        if parts.scheme != "https" and not (parts.scheme == "http" and self.allow_http):
            return "must begin with https://"
        if "@" in parts.netloc or parts.fragment or "#" in url:
            return "must hold neither user nor password, and no fragment"
        if port is not None and port not in _WEB_PORTS and port < _FIRST_FREE_PORT:
            return "must name no port but 80, 443 or one from 1024 up"
        return self._wrong_host(host, bracketed="[" in parts.netloc)

    def _wrong_host(self, host: str, *, bracketed: bool) -> str | None:
        if not _is_host(host, bracketed=bracketed):
            return "must name a host by its full name, or by its address in the usual form"
        return None if self.permits_host(host) else "must not lead into a private network"


def _is_host(host: str, *, bracketed: bool) -> bool:
    if bracketed:
        return ":" in host and _literal(host) is not None
    if _literal(host) is not None:
        return True
    labels = host.split(".")
    plain = len(host) <= 253 and all(_LABEL.fullmatch(each) for each in labels)
    return plain and not _NUMBER.fullmatch(labels[-1])


def _literal(host: str) -> Address | None:
    try:
        return None if "%" in host else ip_address(host)
    except ValueError:
        return None
