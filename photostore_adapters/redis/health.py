"""Whether Redis answers."""

from photostore.shared.health import Degraded, HealthCheck
from photostore_adapters.redis.client import RedisClient
from photostore_adapters.redis.link import RedisAway


class RedisCheck(HealthCheck):
    """Nothing fails without it: the service stays ready."""

    name = "redis"

    def __init__(self, client: RedisClient) -> None:
        self._client = client

    async def check(self) -> None:
        try:
            await self._client.ask("PING")
        except RedisAway as away:
            raise Degraded(str(away)) from away
