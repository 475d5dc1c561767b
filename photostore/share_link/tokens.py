"""The token of a link: random, and kept as a digest, so that a stolen database opens none."""

from base64 import urlsafe_b64encode
from hashlib import sha256

TOKEN_SIZE = 24


def share_token(secret: bytes) -> str:
    """As it stands in the link's URL."""
    return urlsafe_b64encode(secret).decode()


def token_digest(token: str) -> bytes:
    """What is stored of a token. Enough for 192 random bits, which nobody can enumerate."""
    return sha256(token.encode(errors="replace")).digest()
