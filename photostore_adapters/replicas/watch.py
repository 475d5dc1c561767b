"""Whether a store is worth asking: one that does not answer costs each reader little."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context

import structlog

from photostore.shared.blobs import BlobNotFound, BlobStore, BlobStoreUnavailable, blob_key
from photostore_adapters.replicas.opening import within

_log = structlog.get_logger(__name__)
REST_SECONDS = 3.0
_PROBED = blob_key("installation/probe")

Rest = Callable[[float], Awaitable[None]]


class StoreWatch:
    """After a failure the store is `away` until it answers again, which is tried in the background, every few seconds."""

    def __init__(self, name: str, store: BlobStore, *, patience: float, rest: Rest = asyncio.sleep) -> None:
        self.name = name
        self.store = store
        self.away = False
        self._patience = patience
        self._rest = rest
        self._probing: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None

    def failed(self, reason: str) -> None:
        if not self.away:
            _log.warning("a store of originals does not answer; others are read from", store=self.name, reason=reason)
            self.away = True
        if self._probing is None or self._probing.done():
            self._probing = asyncio.get_running_loop().create_task(self._probe(), context=Context())

    def look(self) -> None:
        """Find out beside all else whether it answers, unless that was asked a moment ago: for whoever leads others there, and
        never hears how they fared."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._look(), context=Context())

    async def answers(self) -> bool:
        """Ask it now; a store that hangs does not answer."""
        try:
            await within(self._patience, self.store.head(_PROBED))
        except BlobNotFound:
            return True
        except BlobStoreUnavailable:
            return False
        return True

    async def aclose(self) -> None:
        for task in (self._probing, self._looking):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])

    async def _look(self) -> None:
        if not await self.answers():
            self.failed("it was asked whether it does")
        await self._rest(REST_SECONDS)

    async def _probe(self) -> None:
        while self.away:
            await self._rest(REST_SECONDS)
            if await self.answers():
                self.away = False
                _log.info("a store of originals answers again", store=self.name)
