"""What is told of commands to Redis in traces."""

from functools import partial

from photostore_adapters.observability.tracing.redis import TracedLink
from photostore_adapters.redis.client import RedisClient
from photostore_adapters.redis.settings import RedisSettings
from tests.adapters.tracing.traced import Traced


async def test_commands_are_told_by_their_names_alone(redis_url: str) -> None:
    traced = Traced()
    client = RedisClient(RedisSettings(url=redis_url, command_timeout=2.0))
    client.link_by(partial(TracedLink, traced.leaves))
    await client.ask("SET", "of nobody's request", "1", "PX", 1)

    with traced.work.turn("turn"):
        await client.ask("SET", "planted key", "planted value", "PX", 1)
        await client.ask_all([("GET", "planted key"), ("GET", "planted key")])

    await client.aclose()
    told = [(span.name, dict(span.attributes or {})) for span in traced.spans[:-1]]
    assert told == [(name, {"db.system.name": "redis", "db.operation.name": name}) for name in ("SET", "PIPELINE")]
