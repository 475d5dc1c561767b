"""The hold that one request has on its idempotency key."""

import asyncio
from contextlib import suppress

import structlog

from photostore.shared.errors import Unavailable
from photostore.shared.idempotency import LEASE, IdempotencyKeys, KeptAnswer

RENEWED_EVERY = LEASE.total_seconds() / 3
_log = structlog.get_logger(__name__)


class KeyClaim:
    """The key of one request. `keys` is set while it holds the key."""

    def __init__(self, sent: bytes) -> None:
        self.sent = sent
        self.keys: IdempotencyKeys | None = None
        self._renewing: asyncio.Task[None] | None = None

    def begin(self, keys: IdempotencyKeys) -> None:
        self.keys = keys
        self._renewing = asyncio.create_task(renewing(keys, every=RENEWED_EVERY))

    async def keep(self, answer: KeptAnswer) -> None:
        keys = self._end()
        if keys is not None:
            await keys.keep(answer)

    async def give_up(self) -> None:
        keys = self._end()
        # Where the database does not answer now, the lease runs out.
        with suppress(Unavailable):
            if keys is not None:
                await keys.release()

    def _end(self) -> IdempotencyKeys | None:
        if self._renewing is not None:
            self._renewing.cancel()
        keys, self.keys = self.keys, None
        return keys


async def renewing(keys: IdempotencyKeys, *, every: float) -> None:
    """Hold the claim until cancelled: a large form takes longer than a lease."""
    while True:
        await asyncio.sleep(every)
        try:
            await keys.renew()
        except Unavailable as error:
            _log.warning("the lease of an idempotency key was not renewed", reason=error.detail)
