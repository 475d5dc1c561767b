"""Checking the library, and mending it, from the command line."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from dishka import AsyncContainer

from photostore.check.commands.check_library import CheckLibrary
from photostore.check.commands.mend_library import MendLibrary
from photostore.check.finding import Finding, Kind, NotedFinding, Outcome
from photostore.check.ports import Findings, OneCheck
from photostore.check.run import CheckRun, CheckScope
from photostore.photo.queries import LibraryQueries
from photostore.shared.unit_of_work import UnitOfWork
from photostore.user.accounts import AccountQueries
from photostore_adapters.pacing import BoundedPace
from photostore_adapters.settings import Settings
from photostore_adapters.system.operator import at_the_command_line
from photostore_adapters.wiring import make_container

_PAGE = 500
# Counting anew what a large owner has takes longer than anything that a client waits for.
_STATEMENT_SECONDS = 3600
Counts = Mapping[tuple[Kind, Outcome | None], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`repair` is whether mending follows, `all_lost` whether originals are known to be lost, however many. The pace is bounded
    by bytes of originals, and by photos, a second."""

    scope: CheckScope
    repair: bool = False
    restart: bool = False
    all_lost: bool = False
    bytes_per_second: float | None = None
    photos_per_second: float | None = None


class Checking:
    def __init__(self, container: AsyncContainer) -> None:
        self._container = container

    async def photos(self, scope: CheckScope) -> int:
        """How many there are to be looked at. Raise `UserNotFound` for an owner who is nobody: nothing is wrong with theirs."""
        if scope.owner is not None:
            accounts: AccountQueries = await self._container.get(AccountQueries)
            await accounts.get(scope.owner)
        library: LibraryQueries = await self._container.get(LibraryQueries)
        return await library.count(scope.owner)

    async def check(self, wanted: Wanted, told: Callable[[CheckRun], None]) -> CheckRun:
        pace = BoundedPace(photos=wanted.photos_per_second, bytes=wanted.bytes_per_second)
        async with self._container() as scope:
            check = await scope.get(CheckLibrary)
            return await check(scope=wanted.scope, repair=wanted.repair, restart=wanted.restart, pace=pace, told=told)

    async def findings(self) -> AsyncIterator[NotedFinding]:
        last = 0
        while True:
            async with self._container() as scope, await scope.get(UnitOfWork):
                findings: Findings = await scope.get(Findings)
                page = await findings.page(after=last, limit=_PAGE)
            for noted in page:
                yield noted
            if not page:
                return
            last = page[-1].number

    async def counted(self) -> Counts:
        async with self._container() as scope, await scope.get(UnitOfWork):
            findings: Findings = await scope.get(Findings)
            return await findings.counted()

    async def mend(self, wanted: Wanted, told: Callable[[Finding, Outcome], None]) -> None:
        async with self._container() as scope:
            mend = await scope.get(MendLibrary)
            await mend(by=at_the_command_line(), told=told, all_lost=wanted.all_lost)


@asynccontextmanager
async def checking(settings: Settings, url: str) -> AsyncIterator[Checking]:
    """Raise `CheckRunning` while another process checks the same library."""
    patient = replace(settings.database, statement_timeout_seconds=_STATEMENT_SECONDS)
    container = make_container(replace(settings, database=patient), url)
    try:
        one: OneCheck = await container.get(OneCheck)
        async with one.alone():
            yield Checking(container)
    finally:
        await container.close()
