"""Keeping secrets out of the logs: by the name of a field, and by the look of a text."""

import re
from collections.abc import Mapping
from functools import lru_cache

from structlog.typing import EventDict, WrappedLogger

MASK = "***"
# As a tuple: a union is checked three times as slowly, and this is asked for every field of every line.
_PLAIN = (type(None), int, float)

# A field is secret when one of these is a word of its name, whatever stands beside it: `refresh_token`, `X-Api-Key`.
_SECRET_WORDS = {
    *("password", "passwords", "passwd", "passphrase", "secret", "secrets", "token", "tokens", "jwt", "apikey"),
    *("authorization", "cookie", "cookies", "credential", "credentials", "signature", "verifier", "nonce"),
}
_SECRET_NAMES = {"code", "codes", "sig", "assertion", "psk", "private_key", "client_assertion"}
_SECRET_ENDINGS = ("api_key", "secret_key", "signing_key", "invitation_code", "database_url", "redis_url")

# Parts of longer texts. Short names such as `code` are secret only where a query string has them: `exit code=3` is not.
_LONG = "password|passwd|passphrase|secret|token|signature|credential|api_?key"
_SCHEMES = "bearer|basic|dpop"
_SHORT = "code|state|nonce|sig|key|assertion|code_verifier|code_challenge"
_VALUE = r"""(?:"[^"]*"|'[^']*'|[^\s&;,"'<>\])}]+)"""
_TEXTS = (
    (re.compile(rf"(?i)((?:^|[?&;])(?:{_SHORT})=)[^\s&;\"'<>]+"), rf"\1{MASK}"),
    (re.compile(rf"(?i)((?:{_LONG})[\w.%-]{{0,40}}(?:[\"']\s?:|=)\s?){_VALUE}"), rf"\1{MASK}"),
    (re.compile(rf"(?i)\b({_SCHEMES})\s+[\w.~+/=-]{{8,}}"), rf"\1 {MASK}"),
    (re.compile(rf"(?i)\b((?:cookie|authorization)[\"']?:)(?!\s*[\"']?(?:{_SCHEMES})\b)[^\n\"']+"), rf"\1 {MASK}"),
    (re.compile(r"(://[^\s/:@]*):[^\s/]*@"), rf"\1:{MASK}@"),
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*"), MASK),
    (re.compile(r"\bpsk_[\w-]+"), f"psk_{MASK}"),
)
# Nothing of the above is without one of these characters; what has one is nearly always let through by the second scan.
_MARKED = re.compile(r"[=:\s_J]")
_SUSPICIOUS = re.compile(r"=|://|[\"']\s?:|eyJ|psk_|(?i:bearer|basic|dpop|cookie|authorization)")


def mask_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put stars for whatever is secret, at any depth, and leave only what renders as it is: text, numbers, lists."""
    return {key: _masked_field(key, value) for key, value in event.items()}


def masked_text(text: str) -> str:
    """The text with stars where it holds a token, a password or the signature of a URL."""
    if not text.isascii():
        text = text.encode(errors="backslashreplace").decode()  # lone surrogates cannot be written anywhere
    if _MARKED.search(text) and _SUSPICIOUS.search(text):
        for pattern, replacement in _TEXTS:
            text = pattern.sub(replacement, text)
    return text


@lru_cache(maxsize=2048)
def is_secret_name(name: str) -> bool:
    """True for the name of a field, header or parameter whose value is never logged."""
    plain = name.casefold().replace("-", "_")
    return plain in _SECRET_NAMES or plain.endswith(_SECRET_ENDINGS) or not _SECRET_WORDS.isdisjoint(plain.split("_"))


def _masked_field(name: str, value: object) -> object:
    if value is None or value is True or value is False or not is_secret_name(name):
        return _masked(value)
    return MASK


def _masked(value: object) -> object:
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, bytes):
        return masked_text(value.decode(errors="backslashreplace"))
    if isinstance(value, Mapping):
        return {(name := _name(key)): _masked_field(name, inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return _masked_items(value)
    return masked_text(str(value))


def _masked_items(value: list[object] | tuple[object, ...] | set[object] | frozenset[object]) -> object:
    items = list(value)
    if isinstance(value, tuple) and len(items) == 2 and isinstance(items[0], str | bytes):
        return [_masked(items[0]), _masked_field(_name(items[0]), items[1])]  # a header, as ASGI has it
    return [_masked(item) for item in items]


def _name(key: object) -> str:
    return key.decode("latin-1") if isinstance(key, bytes) else str(key)
