"""What the HTTP door itself can be told."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """`base_url` is how clients reach the service; download URLs live for so many seconds; bodies in bytes.

    A client whose body stops coming for `stall_seconds` is refused.
    """

    base_url: str
    redirect_uri: str
    max_json_bytes: int
    download_seconds: int
    stall_seconds: float
    cors_origins: Sequence[str]
    cors_credentials: bool
    version: str
    build: str

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https:")
