"""Trying all that photostore asks of Redis, once."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ResponseError

from photostore_adapters.redis.connecting import FAULTS, connection_to
from photostore_adapters.redis.link import Command
from photostore_adapters.redis.settings import RedisSettings

_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Tried:
    """Which Redis it is, and how long the slowest answer took."""

    version: str
    slowest_seconds: float


class Unreachable(Exception):
    """In words without a secret."""


class Refused(Exception):
    """Of `command`, by a server that can be reached."""

    def __init__(self, command: str, told: str) -> None:
        super().__init__(told)
        self.command = command


async def tried(settings: RedisSettings) -> Tried:
    """Raise `Unreachable`, or `Refused` of the first command that is."""
    connection, version, slowest = connection_to(settings), "", 0.0
    try:
        await connection.connect()  # type: ignore[no-untyped-call]
        for name, command in _tries(settings).items():
            started = time.perf_counter()
            answer = await _answered(connection, name, command)
            slowest = max(slowest, time.perf_counter() - started)
            version = version or _version(answer)
    except FAULTS as fault:
        raise Unreachable(str(fault) or repr(fault)) from None
    finally:
        await connection.disconnect(nowait=True)
    return Tried(version, slowest)


async def _answered(connection: AbstractConnection, name: str, command: Command) -> object:
    await connection.send_command(*command)
    try:
        answer = await connection.read_response(disable_decoding=True, timeout=_SECONDS)
    except ResponseError as refusal:
        raise Refused(name, str(refusal)) from None
    if answer is None:
        raise Unreachable(f"{name} is not answered within {_SECONDS:g} s")
    return answer


def _version(info: object) -> str:
    told = dict(line.split(":", 1) for line in bytes(info).decode().splitlines() if ":" in line)  # type: ignore[call-overload]
    name, number = ("Valkey", told["valkey_version"]) if "valkey_version" in told else ("Redis", told["redis_version"])
    return f"{name} {number}"


def _tries(settings: RedisSettings) -> Mapping[str, Command]:
    """In the order in which they are tried; what subscribes comes last, since then nothing else is answered."""
    place, tries = f"{settings.prefix}photostore:trial", "return redis.call('SET', KEYS[1], ARGV[1], 'EX', 1)"
    return {
        "INFO": ("INFO", "server"),
        "PING": ("PING",),
        "SET": ("SET", place, "1", "PX", 10_000),
        "GET": ("GET", place),
        "EVAL": ("EVAL", tries, 1, place, "1"),
        "DEL": ("DEL", place),
        "SET of a photo": ("SET", f"{settings.prefix}photo:trial", "null", "PX", 1),
        "SET of tries": ("SET", f"{settings.prefix}tries:trial", "0 0", "PX", 1),
        "PUBSUB NUMSUB": ("PUBSUB", "NUMSUB", settings.channel),
        # Who listens is told of nothing.
        "PUBLISH": ("PUBLISH", settings.revocations_channel, "trial"),
        "SUBSCRIBE": ("SUBSCRIBE", settings.revocations_channel),
        f"SUBSCRIBE to {settings.channel}": ("SUBSCRIBE", settings.channel),
    }
