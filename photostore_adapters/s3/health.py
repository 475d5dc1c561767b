"""Whether the bucket answers."""

import asyncio

from photostore.shared.health import HealthCheck
from photostore_adapters.s3.connection import S3Connection
from photostore_adapters.s3.errors import store_errors


class S3HealthCheck(HealthCheck):
    name = "storage"

    def __init__(self, connection: S3Connection) -> None:
        self._connection = connection

    async def check(self) -> None:
        settings = self._connection.settings
        with store_errors("show its bucket"):
            async with asyncio.timeout(settings.health_timeout):
                await self._connection.control.head_bucket(Bucket=settings.bucket_name)
