"""Those who wait for changes are told of them, in whatever process they wait."""

import asyncio
from collections.abc import Iterable
from contextvars import Context

import structlog

from photostore.shared.ids import UserId
from photostore_adapters.postgres.errors import DatabaseUnavailable
from photostore_adapters.postgres.reading import Reader, Statement

_log = structlog.get_logger(__name__)

# Nobody notices, and changes that follow each other cost one statement.
_GATHERING_SECONDS = 0.02
_LAST_SECONDS = 1.0
# On which owners' ids are told, so that whoever waits looks again. The name stands in the statement below, too.
CHANNEL = "photostore_changes"
_TELL = Statement(
    "SELECT pg_notify('photostore_changes', CAST(owner AS text)) FROM unnest($1::uuid[]) AS owner", ("owners",)
)


class ChangeAnnouncer:
    """After the commit and apart from it: transactions that NOTIFY commit one after the other, all of the database server.

    What is committed meanwhile goes with the same statement, or the next. If the process dies before it told, nothing is
    lost: who waits looks again at the end of the time.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._owners = set[UserId]()
        self._telling: asyncio.Task[None] | None = None

    def announce(self, owners: Iterable[UserId]) -> None:
        self._owners.update(owners)
        if self._telling is None or self._telling.done():
            # Nobody's request, and in nobody's transaction.
            self._telling = asyncio.get_running_loop().create_task(self._tell(), context=Context())

    async def aclose(self) -> None:
        """What was announced is told, unless the database takes its time."""
        if self._telling is not None:
            await asyncio.wait([self._telling], timeout=_LAST_SECONDS)
            self._telling.cancel()

    async def _tell(self) -> None:
        while self._owners:
            await asyncio.sleep(_GATHERING_SECONDS)
            owners, self._owners = self._owners, set()
            try:
                await self._reader.fetch(_TELL, owners=list(owners))
            except DatabaseUnavailable as error:
                _log.warning("those who wait for changes could not be told", error=str(error))
