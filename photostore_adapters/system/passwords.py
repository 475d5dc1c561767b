"""Passwords by Argon2id (RFC 9106)."""

import asyncio
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
        # What an unknown address is verified against, so that it takes as long as a known one.
        self._decoy = self._hasher.hash("nobody's password")

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
