"""Telling of what readers found damaged, beside their reading."""

import asyncio
from contextvars import Context

import structlog

from photostore.replica.ports import DamageReports
from photostore.replica.task import Original
from photostore.shared.errors import Unavailable

_log = structlog.get_logger(__name__)
_LAST_SECONDS = 1.0


class Damage:
    """What cannot be told now, since the database is away, the next reader finds."""

    def __init__(self, reports: DamageReports) -> None:
        self._reports = reports
        self._telling = set[asyncio.Task[None]]()

    def found(self, original: Original, store: str, what: str) -> None:
        _log.error("an original is damaged, and will be mended", store=store, what=what, key=original.key)
        # Nobody's request, and in nobody's transaction.
        telling = asyncio.get_running_loop().create_task(self._tell(original, store), context=Context())
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)

    async def aclose(self) -> None:
        if self._telling:
            await asyncio.wait(self._telling, timeout=_LAST_SECONDS)

    async def _tell(self, original: Original, store: str) -> None:
        try:
            await self._reports.report(original, store)
        except Unavailable as error:
            _log.warning("damage could not be told", store=store, key=original.key, error=error.detail)
