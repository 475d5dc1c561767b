"""The two long-lived clients of one bucket: one for bytes, one for everything else."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aioboto3  # type: ignore[import-untyped]
import aiohttp
from botocore.config import Config  # type: ignore[import-untyped]
from yarl import URL

from photostore.shared.clock import Clock
from photostore_adapters.s3.settings import S3Settings
from photostore_adapters.s3.sigv4 import Presigner

_URL_SECONDS = 900  # how long the store may take to look at a URL; a transfer may last longer than that
_READ_BUFFER = 128 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Connection:
    """`control` is the SDK's client, which has no types."""

    settings: S3Settings
    clock: Clock
    http: aiohttp.ClientSession
    control: Any
    presigner: Presigner

    def url(
        self,
        method: str,
        key: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> URL:
        """A URL for this process to use at once. `encoded`, or the client would undo what was signed."""
        now = self.clock.now()
        signed = self.presigner.presign(method, key, now=now, expires_in=_URL_SECONDS, query=query, headers=headers)
        return URL(signed, encoded=True)


@asynccontextmanager
async def connected(settings: S3Settings, clock: Clock) -> AsyncIterator[S3Connection]:
    async with _http(settings) as http, _control(settings) as control:
        yield S3Connection(
            settings=settings,
            clock=clock,
            http=http,
            control=control,
            presigner=Presigner(settings, settings.endpoint),
        )


def _http(settings: S3Settings) -> aiohttp.ClientSession:
    """No bound on a whole transfer nor on their number: whoever calls the store bounds those."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(
            total=None, sock_connect=settings.connect_timeout, sock_read=settings.stall_timeout
        ),
        auto_decompress=False,
        read_bufsize=_READ_BUFFER,
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("Content-Type", "Accept-Encoding", "User-Agent"),
        headers={"Accept-Encoding": "identity"},
    )


@asynccontextmanager
async def _control(settings: S3Settings) -> AsyncIterator[Any]:
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": settings.addressing_style},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.stall_timeout,
        retries={"mode": "standard", "total_max_attempts": settings.control_attempts},
        max_pool_connections=64,
    )
    session = aioboto3.Session(
        aws_access_key_id=settings.aws_access_key_id,
        aws_secret_access_key=settings.aws_secret_access_key,
        region_name=settings.region_name,
    )
    async with session.client("s3", endpoint_url=settings.endpoint, config=config) as control:
        yield control
