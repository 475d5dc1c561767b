"""Trying all that photostore asks of Redis, once."""

from collections.abc import Mapping

from redis.exceptions import ResponseError

from photostore_adapters.redis.connecting import FAULTS, connection_to
from photostore_adapters.redis.link import Command
from photostore_adapters.redis.settings import RedisSettings

_SECONDS = 5.0


async def fault_of(settings: RedisSettings) -> str | None:
    """What keeps this Redis from being used, in words without a secret; `None` where nothing does."""
    connection = connection_to(settings)
    try:
        await connection.connect()  # type: ignore[no-untyped-call]
        for name, command in _tries(settings).items():
            await connection.send_command(*command)
            try:
                answered = await connection.read_response(disable_decoding=True, timeout=_SECONDS)
            except ResponseError as refusal:
                return f"{name} is refused: {refusal}"
            if answered is None:
                return f"{name} is not answered within {_SECONDS:g} s"
    except FAULTS as fault:
        return f"it cannot be reached: {fault}"
    finally:
        await connection.disconnect(nowait=True)
    return None


def _tries(settings: RedisSettings) -> Mapping[str, Command]:
    """In the order in which they are tried; what subscribes comes last, since then nothing else is answered."""
    place, tries = f"{settings.prefix}photostore:trial", "return redis.call('SET', KEYS[1], ARGV[1], 'EX', 1)"
    return {
        "INFO": ("INFO", "server"),
        "PING": ("PING",),
        "SET": ("SET", place, "1", "PX", 1000),
        "GET": ("GET", place),
        "EVAL": ("EVAL", tries, 1, place, "1"),
        "SET of a photo": ("SET", f"{settings.prefix}photo:trial", "null", "PX", 1),
        "SET of tries": ("SET", f"{settings.prefix}tries:trial", "0 0", "PX", 1),
        "PUBSUB NUMSUB": ("PUBSUB", "NUMSUB", settings.channel),
        # Who listens is told of nothing.
        "PUBLISH": ("PUBLISH", settings.revocations_channel, "trial"),
        "SUBSCRIBE": ("SUBSCRIBE", settings.revocations_channel),
        f"SUBSCRIBE to {settings.channel}": ("SUBSCRIBE", settings.channel),
    }
