"""Connections to Redis, as the URL says."""

import socket
from typing import Any

from redis.asyncio.connection import AbstractConnection, Connection, parse_url
from redis.exceptions import RedisError

from photostore_adapters.redis.settings import RedisSettings

# What an attempt, or a connection that breaks, raises.
FAULTS = (RedisError, OSError, TimeoutError)
# Options of pools and of the library's own clients: here they mean nothing.
_OF_CLIENTS = (
    "max_connections",
    "timeout",
    "retry_on_timeout",
    "health_check_interval",
    "protocol",
    "legacy_responses",
)


def connection_to(settings: RedisSettings) -> AbstractConnection:
    """Not connected yet, and without a timeout on what is read. Raise `ValueError` where the URL asks for what there is not."""
    told: dict[str, Any] = dict(parse_url(settings.url))
    kind: type[AbstractConnection] = told.pop("connection_class", Connection)
    for name in _OF_CLIENTS:
        told.pop(name, None)
    told |= {
        "socket_timeout": None,
        "socket_connect_timeout": settings.connect_timeout,
        "protocol": 2,
        "driver_info": None,
    }
    if issubclass(kind, Connection):
        told |= {"socket_keepalive": True, "socket_type": socket.SOCK_STREAM}
    try:
        return kind(**told)
    except TypeError:
        raise ValueError("It has an option that is not known.") from None
    except RedisError as error:
        raise ValueError(str(error)) from None
