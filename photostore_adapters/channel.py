"""Redis as the settings say, and what is told on its channel."""

from photostore_adapters.redis.connecting import connection_to
from photostore_adapters.redis.settings import RedisSettings
from photostore_adapters.settings import Settings, SettingsError


def redis_settings(settings: Settings) -> RedisSettings:
    """Raise `SettingsError` where the URL asks for what there is not."""
    redis = settings.redis
    assert redis.url is not None, "asked only where it is set"
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
