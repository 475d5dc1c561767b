"""The kinds of value that a setting may hold, each with the words that tell what it should have been."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Annotated, Any
from urllib.parse import urlsplit

from .secret import Secret, SecretUrl


@dataclass(frozen=True, slots=True)
class Rule:
    """What a value must satisfy beyond its type, and how to say so to the operator."""

    expected: str
    accepts: Callable[[Any], bool]


def between(low: int, high: int) -> Rule:
    """A whole number within both bounds."""
    return Rule(f"from {low} to {high}", lambda value: low <= value <= high)


def at_least(low: int) -> Rule:
    """A whole number with no upper bound of its own."""
    return Rule(f"of at least {low}", lambda value: bool(value >= low))


def _is_web_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return bool(parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0)
    except ValueError:
        return False


def _is_plain_web_url(text: str) -> bool:
    return _is_web_url(text) and not urlsplit(text).query and not urlsplit(text).fragment and "@" not in text


def _is_origin(text: str) -> bool:
    return text == "*" or (_is_plain_web_url(text) and not urlsplit(text).path)


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _is_postgres_url(url: SecretUrl) -> bool:
    try:
        parts = urlsplit(url.reveal())
        return parts.scheme in {"postgres", "postgresql", "postgresql+asyncpg"} and parts.port != 0
    except ValueError:
        return False


def _is_redis_url(url: SecretUrl) -> bool:
    try:
        parts = urlsplit(url.reveal())
        if parts.scheme == "unix":
            return bool(parts.path.strip("/"))
        return parts.scheme in {"redis", "rediss"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


_SIZE_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}:([0-9]{2,4})", re.ASCII)


def _is_size_name(text: str) -> bool:
    found = _SIZE_NAME.fullmatch(text)
    return found is not None and 16 <= int(found[1]) <= 4096


# RFC 9110: a name is a token; what else would stand in a value breaks the message.
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+=[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?", re.ASCII)
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,127}=\S(?:.*\S)?")

_REPLICA_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}", re.ASCII)


Count = Annotated[int, at_least(1)]
Bytes = Annotated[int, at_least(1)]
Seconds = Annotated[int, between(1, 366 * 86400)]
SecondsOrZero = Annotated[int, between(0, 366 * 86400)]
Tries = Annotated[int, between(1, 1_000_000)]
Port = Annotated[int, between(1, 65535)]
Text = Annotated[str, Rule("that is not empty", lambda text: bool(text.strip()))]
Password = Annotated[Secret, Rule("that is not empty", lambda secret: bool(secret.reveal().strip()))]
BaseUrl = Annotated[str, Rule("that is an http:// or https:// URL without query or user", _is_plain_web_url)]
MetadataUrl = Annotated[
    str,
    Rule(
        "like https://id.example.org/.well-known/openid-configuration, without query or user",
        lambda text: _is_plain_web_url(text) and text.endswith("/.well-known/openid-configuration"),
    ),
]
Origin = Annotated[str, Rule("like https://app.example.org, without a path, or *", _is_origin)]
Network = Annotated[str, Rule("that is an IP address or CIDR block", _is_network)]
PostgresUrl = Annotated[SecretUrl, Rule("that is a postgresql:// URL", _is_postgres_url)]
RedisUrl = Annotated[SecretUrl, Rule("that is a redis://, rediss:// or unix:// URL", _is_redis_url)]
AdapterPath = Annotated[
    str,
    Rule("like package.module:Name", lambda text: bool(re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*", text))),
]
Fraction = Annotated[float, between(0, 1)]
SecretHeader = Annotated[Secret, Rule("like api-key=...", lambda text: bool(_HEADER.fullmatch(text.reveal())))]
Attribute = Annotated[
    str, Rule("like deployment.environment.name=production", lambda text: bool(_ATTRIBUTE.fullmatch(text)))
]
KeyPrefix = Annotated[str, Rule("without spaces", lambda text: not re.search(r"\s", text))]
SizeName = Annotated[str, Rule("like thumb:320, a name and the longest side of 16 to 4096 pixels", _is_size_name)]
ReplicaName = Annotated[
    str,
    Rule(
        "of 1 to 32 small letters, digits, - and _ that is not primary",
        lambda text: text != "primary" and bool(_REPLICA_NAME.fullmatch(text)),
    ),
]
UrlPath = Annotated[str, Rule("that begins and ends with /", lambda text: bool(re.fullmatch(r"/([\w.-]+/)*", text)))]
