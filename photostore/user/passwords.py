"""What is asked of a password (NIST SP 800-63B: length, not composition)."""

from photostore.shared.errors import FieldError
from photostore.user.errors import UserInvalid

SHORTEST = 8
LONGEST = 1024


def checked_password(password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        message = f"must have {SHORTEST} to {LONGEST} characters"
        raise UserInvalid("The password is too short or too long.", errors=[FieldError("password", message)])
    return password
