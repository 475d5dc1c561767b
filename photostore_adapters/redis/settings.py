"""Which Redis, and how patiently."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisSettings:
    """`url` may hold a password: it is never shown. `prefix` stands before every key. Times are seconds; a request waits for
    `command_timeout` at most, and for no connection attempt."""

    url: str = field(repr=False)
    channel: str = "photostore.events"
    prefix: str = ""
    connect_timeout: float = 0.5
    command_timeout: float = 0.05
    # After an outage nothing is read from the cache for so long: until the others, too, have told what they could not.
    settling: float = 3.0

    @property
    def revocations_channel(self) -> str:
        return f"{self.channel}.revoked"
