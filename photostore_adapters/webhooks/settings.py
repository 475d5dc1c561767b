"""How webhooks are delivered."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderSettings:
    """`timeout` is how many seconds one attempt takes at most, from the name to the answer."""

    timeout: float
    user_agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierSettings:
    """To how many endpoints one process delivers side by side; to those that fail or are slow it is a quarter of that, beside
    them.
    After `look_seconds` at most it looks for itself what there is to deliver."""

    concurrency: int
    look_seconds: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSecretSettings:
    """`keys` of 32 bytes: the first seals, all open."""

    keys: Sequence[bytes] = field(repr=False)
