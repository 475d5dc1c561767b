"""UUIDs of version 7 (RFC 9562, 5.7), for Pythons whose `uuid` has none."""

import os
import threading
import time
from uuid import UUID

from photostore.shared.clock import Ids

_lock = threading.Lock()
_last = 0


def uuid7() -> UUID:
    """48 bits of Unix milliseconds, 12 of their fraction, 62 random. Never smaller than one made before here.

    The fraction of the millisecond (method 3 of 6.2) keeps the order of those that one process makes.
    """
    global _last  # noqa: PLW0603 - the one thing that orders this process's ids
    with _lock:
        _last = max(time.time_ns() * 4096 // 1_000_000, _last + 1)
        stamp = _last
    milliseconds, fraction = stamp >> 12, stamp & 0xFFF
    random = int.from_bytes(os.urandom(8)) & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random)


class SystemIds(Ids):
    def new(self) -> UUID:
        return uuid7()
