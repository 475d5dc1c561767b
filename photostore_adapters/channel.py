"""Redis as the settings say, and what is told on its channel."""

from collections.abc import AsyncIterator, Callable

from photostore_adapters.redis.connecting import connection_to
from photostore_adapters.redis.messages import Message, message_in
from photostore_adapters.redis.settings import RedisSettings
from photostore_adapters.redis.subscribing import Subscription, published
from photostore_adapters.settings import Settings, SettingsError

__all__ = ["Message", "RedisSettings", "messages", "redis_settings"]


def redis_settings(settings: Settings) -> RedisSettings:
    """Raise `SettingsError` where there is no URL, or it asks for what there is not."""
    redis = settings.redis
    if redis.url is None:
        raise SettingsError(["redis.url (REDIS__URL) is missing; it should be a redis://, rediss:// or unix:// URL"])
    told = RedisSettings(
        url=redis.url.reveal(),
        channel=redis.channel,
        prefix=redis.key_prefix,
        connect_timeout=redis.connect_timeout_ms / 1000,
        command_timeout=redis.command_timeout_ms / 1000,
    )
    try:
        connection_to(told)
    except ValueError as error:
        raise SettingsError([f"redis.url (REDIS__URL) cannot be used: {error}"]) from None
    return told


class _Told(Subscription):
    """Tells of each outage once."""

    def __init__(self, channel: str, told: Callable[[str], None]) -> None:
        self._channel = channel
        self._told = told
        self._away = False

    def lost(self, fault: Exception) -> None:
        if not self._away:
            self._told(f"Redis is away, and what is published meanwhile is missed; trying again: {fault}")
        self._away = True

    def heard_again(self) -> None:
        self._told(f"Listening on {self._channel}.")
        self._away = False


async def messages(redis: RedisSettings, told: Callable[[str], None]) -> AsyncIterator[tuple[bytes, Message]]:
    """What is published from now on, as it came and as what it is, for ever; `told` hears how the connection is."""
    async for payload in published(redis, redis.channel, _Told(redis.channel, told)):
        try:
            message = message_in(payload)
        except ValueError:
            told("Something else was published on the channel.")
            continue
        yield payload, message
