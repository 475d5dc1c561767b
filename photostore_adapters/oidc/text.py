"""What others wrote, made fit to be repeated."""

import re

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,253}")


def printable(text: object, *, at_most: int) -> str | None:
    """`text` without control characters and surrounding space, cut; `None` when nothing is left or it is no text."""
    if not isinstance(text, str):
        return None
    kept = "".join(character for character in text[: 4 * at_most] if character.isprintable())
    return kept[:at_most].strip() or None


def error_code(code: object) -> str:
    """An error code of RFC 6749, or `unknown_error` for what does not look like one."""
    return code if isinstance(code, str) and _CODE.fullmatch(code) else "unknown_error"


def email_address(text: object) -> str | None:
    if not isinstance(text, str) or len(text) > 254 or not text.isprintable() or not _EMAIL.fullmatch(text):
        return None
    return text
