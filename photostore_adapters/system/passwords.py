"""Passwords by Argon2id (RFC 9106)."""

import asyncio
import secrets
from base64 import b64encode
from functools import partial

import argon2
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from photostore.user.ports import PasswordHasher

# Each takes 64 MiB while it runs: so many at once, and the others wait.
_AT_ONCE = 4


class Argon2PasswordHasher(PasswordHasher):
    """The second recommended parameters of the RFC (64 MiB, 3 passes), in threads beside the event loop."""

    def __init__(self, parameters: argon2.Parameters = RFC_9106_LOW_MEMORY) -> None:
        self._hasher = argon2.PasswordHasher.from_parameters(parameters)
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._decoy = hash_of_nothing(parameters)

    async def hash(self, password: str) -> str:
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password: str, password_hash: str | None) -> bool:
        async with self._turns:
            matches = await asyncio.to_thread(partial(self._matches, password, password_hash or self._decoy))
        return matches and password_hash is not None

    def _matches(self, password: str, password_hash: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


def hash_of_nothing(parameters: argon2.Parameters) -> str:
    """What an unknown address is verified against, so that it takes as long as a known one.

    Random bytes in the form of a hash: no password is known to have it, and no time is spent on making it.
    """
    salt, digest = (_base64(secrets.token_bytes(size)) for size in (parameters.salt_len, parameters.hash_len))
    costs = f"m={parameters.memory_cost},t={parameters.time_cost},p={parameters.parallelism}"
    return f"$argon2id$v={parameters.version}${costs}${salt}${digest}"


def _base64(content: bytes) -> str:
    return b64encode(content).decode().rstrip("=")
