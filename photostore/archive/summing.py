"""CRC-32 of what is sent, found out while it is sent."""

import asyncio
from collections.abc import Awaitable
from zlib import crc32

# Below this, handing it to a thread takes longer than doing it.
_WORTH_A_THREAD = 1 << 18


class RunningSum:
    """Of one file: `add` returns at once, `value` waits for what was added."""

    def __init__(self) -> None:
        self._value = 0
        self._adding: Awaitable[int] | None = None

    async def add(self, chunk: bytes) -> None:
        before = await self.value()
        if len(chunk) < _WORTH_A_THREAD:
            self._value = crc32(chunk, before)
        else:
            self._adding = asyncio.get_running_loop().run_in_executor(None, crc32, chunk, before)

    async def value(self) -> int:
        if self._adding is not None:
            self._value, self._adding = await self._adding, None
        return self._value
