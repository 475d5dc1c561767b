"""Whether Redis answers."""

from photostore.shared.health import HealthCheck
from photostore_adapters.redis.client import RedisClient


class RedisCheck(HealthCheck):
    """Nothing fails without it: the service is ready all the same."""

    name = "redis"
    vital = False

    def __init__(self, client: RedisClient) -> None:
        self._client = client

    async def check(self) -> None:
        await self._client.ask("PING")
