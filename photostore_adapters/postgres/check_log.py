"""The last check: how far it has come, what it found, and that there is one at a time."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.check.errors import CheckRunning
from photostore.check.finding import Finding, Kind, NotedFinding, Outcome
from photostore.check.ports import CheckRuns, Findings, OneCheck
from photostore.check.run import CheckRun, CheckScope, Step
from photostore.shared.ids import UserId
from photostore_adapters.postgres.errors import translated
from photostore_adapters.postgres.settings import PostgresSettings

# Any number does, as long as nothing else in this database takes the same advisory lock.
_CHECK_LOCK = 0x66_73_63_6B
_COLUMNS = ("owner_id", "checksums", "started_at", "moved_at", "step", "place", "photos", "bytes_read", "mended")
_LAST = text(f"SELECT {', '.join(_COLUMNS)} FROM checks")  # noqa: S608 - the names above
_SAVE = text(f"""
    INSERT INTO checks ({", ".join(_COLUMNS)}) VALUES ({", ".join(f":{each}" for each in _COLUMNS)})
    ON CONFLICT (is_last) DO UPDATE SET {", ".join(f"{each} = excluded.{each}" for each in _COLUMNS)}
""")  # noqa: S608 - the names above
_FORGET = text("DELETE FROM check_findings")
_NOTE = text("""
    INSERT INTO check_findings (kind, owner_id, thing_id, key, expected, found)
    SELECT kind, owner_id, thing_id, key, expected, found FROM unnest(
        CAST(:kinds AS text[]), CAST(:owners AS uuid[]), CAST(:things AS uuid[]), CAST(:keys AS text[]),
        CAST(:expected AS text[]), CAST(:found AS text[])
    ) WITH ORDINALITY AS told (kind, owner_id, thing_id, key, expected, found, place)
    ORDER BY place ON CONFLICT DO NOTHING
""")
_PAGE = text("""
    SELECT number, outcome, kind, owner_id, thing_id, key, expected, found
    FROM check_findings WHERE number > :after ORDER BY number LIMIT :limit
""")
_CONCLUDE = text("UPDATE check_findings SET outcome = :outcome WHERE number = :number")
_COUNTED = text("SELECT kind, outcome, count(*) AS findings FROM check_findings GROUP BY kind, outcome")


class PostgresCheckRuns(CheckRuns):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def last(self) -> CheckRun | None:
        row = (await self._session.execute(_LAST)).one_or_none()
        if row is None:
            return None
        told = dict(row._mapping)
        owner = told.pop("owner_id")
        scope = CheckScope(owner=None if owner is None else UserId(owner), checksums=told.pop("checksums"))
        return CheckRun(scope=scope, step=Step(told.pop("step")), **told)

    async def begin(self, run: CheckRun) -> None:
        await self._session.execute(_FORGET)
        await self.save(run)

    async def save(self, run: CheckRun) -> None:
        told: dict[str, Any] = {name: getattr(run, name) for name in _COLUMNS[2:]}
        told |= {"owner_id": run.scope.owner, "checksums": run.scope.checksums, "step": run.step.value}
        await self._session.execute(_SAVE, told)


class PostgresFindings(Findings):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def note(self, findings: Sequence[Finding]) -> None:
        columns = {
            "kinds": [each.kind.value for each in findings],
            "owners": [each.owner_id for each in findings],
            "things": [each.id for each in findings],
            "keys": [each.key for each in findings],
            "expected": [each.expected for each in findings],
            "found": [each.found for each in findings],
        }
        await self._session.execute(_NOTE, columns)

    async def page(self, *, after: int, limit: int) -> Sequence[NotedFinding]:
        rows = await self._session.execute(_PAGE, {"after": after, "limit": limit})
        return [_noted(row) for row in rows]

    async def conclude(self, number: int, outcome: Outcome) -> None:
        await self._session.execute(_CONCLUDE, {"number": number, "outcome": outcome.value})

    async def counted(self) -> Mapping[tuple[Kind, Outcome | None], int]:
        rows = await self._session.execute(_COUNTED)
        return {(Kind(row.kind), _outcome(row.outcome)): row.findings for row in rows}


class AdvisoryOneCheck(OneCheck):
    """A lock of a connection of its own, which a process that dies lets go."""

    def __init__(self, settings: PostgresSettings) -> None:
        self._settings = settings

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        with translated():
            connection = await asyncpg.connect(self._settings.url, timeout=self._settings.connect_timeout)
        try:
            with translated():
                mine = await connection.fetchval("SELECT pg_try_advisory_lock($1::bigint)", _CHECK_LOCK)
            if not mine:
                raise CheckRunning("Another process checks the library. Wait for it to end.")
            yield
        finally:
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.close(timeout=self._settings.connect_timeout)


def _noted(row: Any) -> NotedFinding:
    finding = Finding(
        kind=Kind(row.kind),
        owner_id=row.owner_id,
        id=row.thing_id,
        key=row.key,
        expected=row.expected,
        found=row.found,
    )
    return NotedFinding(number=row.number, finding=finding, outcome=_outcome(row.outcome))


def _outcome(told: str | None) -> Outcome | None:
    return None if told is None else Outcome(told)
