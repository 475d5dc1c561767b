"""Where traces go, and which."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Incoming(StrEnum):
    """What becomes of the trace that a request names."""

    IGNORE = "ignore"
    LINK = "link"
    CONTINUE = "continue"


@dataclass(frozen=True, slots=True, kw_only=True)
class TracingSettings:
    """`headers` are secret. `timeout` is in seconds. `server` and `store` are what spans tell of this server, as clients reach
    it, and of the blob store."""

    endpoint: str
    resource: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    sample_ratio: float = 1.0
    incoming: Incoming = Incoming.LINK
    timeout: float = 5.0
    server: Mapping[str, str | int] = field(default_factory=dict)
    store: Mapping[str, str] = field(default_factory=dict)
