"""Email addresses as the key of a local account."""

import re
import unicodedata
from typing import NewType

from photostore.shared.errors import FieldError
from photostore.user.errors import UserInvalid
from photostore.user.visible import has_invisible

EmailAddress = NewType("EmailAddress", str)

_ADDRESS = re.compile(r"[^\s@\x00-\x1f\x7f\"(),:;<>\[\\\]]+@[^\s@\x00-\x1f\x7f\"(),:;<>\[\\\]_]+")
_DOMAIN_LABEL = re.compile(r"(?!-)[^.\s]{1,63}(?<!-)")


def email_address(text: str) -> EmailAddress:
    """`text` NFKC-normalised and casefolded, so that an address has one account however it is typed.

    Checks the shape only (RFC 5321: 254 characters, 64 before the `@`); whether it receives mail is not asked.
    """
    address = unicodedata.normalize("NFKC", text.strip()).casefold()
    local, _, domain = address.partition("@")
    fits = len(address) <= 254 and 1 <= len(local) <= 64 and _ADDRESS.fullmatch(address) and not has_invisible(address)
    if not fits or not all(_DOMAIN_LABEL.fullmatch(label) for label in domain.split(".")):
        message = "must be an email address of at most 254 characters"
        raise UserInvalid("That is not an email address.", errors=[FieldError("email", message)])
    return EmailAddress(address)
