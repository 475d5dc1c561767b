"""Secrets and signatures as Standard Webhooks 1.0 has them."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta

from photostore.shared.errors import FieldError
from photostore.webhook.errors import WebhookInvalid

SECRET_SIZE = 32
# For how long the secret before signs, too.
OVERLAP = timedelta(hours=24)
_PREFIX = "whsec_"
_FEWEST, _MOST = 24, 64


def secret_of(key: bytes) -> str:
    return _PREFIX + b64encode(key).decode()


def demand_secret(secret: str) -> None:
    """Of one that the owner brings along. Raise `WebhookInvalid`, which never holds it."""
    try:
        size = len(_key_of(secret)) if secret.startswith(_PREFIX) else 0
    except ValueError:
        size = 0
    if not _FEWEST <= size <= _MOST:
        message = f"must be {_PREFIX} and {_FEWEST} to {_MOST} random bytes in base64"
        raise WebhookInvalid("The secret does not validate.", errors=[FieldError("secret", message)])


def signatures(secrets: Sequence[str], *, message_id: str, at: datetime, body: bytes) -> str:
    """One by each secret; whoever knows one of them can verify."""
    signed = f"{message_id}.{timestamp(at)}.".encode() + body
    made = (hmac.digest(_key_of(secret), signed, "sha256") for secret in secrets)
    return " ".join(f"v1,{b64encode(each).decode()}" for each in made)


def timestamp(at: datetime) -> int:
    return int(at.timestamp())


def _key_of(secret: str) -> bytes:
    return b64decode(secret.removeprefix(_PREFIX), validate=True)
