"""What is asked of a link's password. It is told to others anyway, so shorter ones will do than for an account."""

from photostore.share_link.errors import ShareLinkInvalid
from photostore.shared.errors import FieldError
from photostore.user.passwords import LONGEST

SHORTEST = 4


def link_password(password: str) -> str:
    """Raise `ShareLinkInvalid`."""
    if not SHORTEST <= len(password) <= LONGEST:
        message = f"must have {SHORTEST} to {LONGEST} characters"
        raise ShareLinkInvalid("The password is too short or too long.", errors=[FieldError("password", message)])
    return password
