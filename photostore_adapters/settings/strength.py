"""Telling a secret from a placeholder."""

from .secret import Secret

LEAST_BYTES = 32
LEAST_DIFFERENT = 8
LEAST_PERIOD = 12
_PLACEHOLDERS = ("changeme", "changethis", "changeit", "replaceme", "replacethis", "placeholder", "yoursecret")


def weakness(secret: Secret) -> str | None:
    """Why the secret could be guessed, in words that do not show it; `None` when it looks random enough."""
    text = secret.reveal()
    letters = "".join(filter(str.isalnum, text)).casefold()
    if len(text.encode()) < LEAST_BYTES:
        return "it is short"
    if any(word in letters for word in _PLACEHOLDERS):
        return "it is a placeholder from an example"
    if len(set(text)) < LEAST_DIFFERENT or _period(text) < LEAST_PERIOD:
        return "it repeats itself"
    return None


def _period(text: str) -> int:
    return next(length for length in range(1, len(text) + 1) if text.startswith(text[length:]))
