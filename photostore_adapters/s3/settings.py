"""Which bucket, with which credentials, and how patiently."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Settings:
    """`public_endpoint_url` is the store as clients reach it, where that differs from how this process does.

    Times are seconds. `stall_timeout` bounds a silence, never a whole transfer. `conditional_writes` sends
    `If-None-Match: *`; turn it off for a store that refuses the header.
    """

    bucket_name: str
    aws_access_key_id: str
    aws_secret_access_key: str = field(repr=False)
    region_name: str = "us-east-1"
    endpoint_url: str | None = None
    public_endpoint_url: str | None = None
    addressing_style: Literal["path", "virtual"] = "path"
    conditional_writes: bool = True
    connect_timeout: float = 5.0
    stall_timeout: float = 30.0
    health_timeout: float = 2.0
    control_attempts: int = 3

    @property
    def endpoint(self) -> str:
        return (self.endpoint_url or f"https://s3.{self.region_name}.amazonaws.com").rstrip("/")

    @property
    def public_endpoint(self) -> str:
        return (self.public_endpoint_url or self.endpoint).rstrip("/")
