"""What the HTTP door itself can be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class MediaDelivery(StrEnum):
    """Who sends the bytes of a media URL: the server, the blob store (after a redirect), or the proxy in front."""

    STREAM = "stream"
    REDIRECT = "redirect"
    ACCEL = "accel"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """`base_url` is how clients reach the service; download URLs live for so many seconds; bodies in bytes.

    A client whose body stops coming for `stall_seconds` is refused. Below `accel_prefix` the proxy in front finds blobs.
    """

    base_url: str
    redirect_uri: str
    max_json_bytes: int
    download_seconds: int
    stall_seconds: float
    media_delivery: MediaDelivery
    accel_prefix: str
    cors_origins: Sequence[str]
    cors_credentials: bool
    version: str
    build: str

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https:")
