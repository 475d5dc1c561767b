"""The audit log, as rows. That nothing in it changes is held by a trigger of the table's."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from photostore.audit.entry import AuditEntry
from photostore.audit.ports import AuditLog
from photostore.audit.queries import AuditFilter, AuditPosition, AuditQueries, AuditView
from photostore_adapters.postgres.reading import Reader, Statement
from photostore_adapters.postgres.writing import json, run

_COLUMNS = "id, at, actor_id, actor_name, action, target_kind, target_id, details, ip_address, user_agent, request_id"
_RECORD = Statement(
    f"INSERT INTO audit_log ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11)",  # noqa: S608 - made of constants
    tuple(_COLUMNS.split(", ")),
)
# The trigger lets go what is older than this, in this transaction alone.
_SAY_BEFORE = text("SELECT set_config('photostore.audit_prune_before', :before, true)")
_PRUNE = text("DELETE FROM audit_log WHERE at < CAST(:before AS timestamptz) RETURNING id")
_WANTED = {
    "actor": "actor_id = {}",
    "action": "action = {}",
    "target": "target_id = {}",
    "since": "at >= {}",
    "until": "at < {}",
}


class PostgresAuditLog(AuditLog):
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def record(self, entry: AuditEntry) -> None:
        by = entry.by
        await run(
            self._session,
            _RECORD,
            id=entry.id,
            at=entry.at,
            actor_id=by.user_id,
            actor_name=by.name,
            action=entry.action,
            target_kind=entry.target.kind,
            target_id=entry.target.id,
            details=json(entry.details),
            ip_address=by.ip_address,
            user_agent=by.user_agent,
            request_id=by.request_id,
        )

    async def prune(self, *, before: datetime) -> int:
        await self._session.execute(_SAY_BEFORE, {"before": before.isoformat()})
        return len((await self._session.execute(_PRUNE, {"before": before})).all())


@lru_cache(64)
def _list(wanted: tuple[str, ...], *, goes_on: bool) -> Statement:
    """One statement a shape of the question, so that each is planned for what it asks."""
    names = [*wanted, *(("after_at", "after_id") if goes_on else ())]
    asked = [_WANTED[name].format(f"${number}") for number, name in enumerate(wanted, 1)]
    if goes_on:
        asked.append(f"(at, id) < (${len(wanted) + 1}, ${len(wanted) + 2})")
    where = f"WHERE {' AND '.join(asked)}" if asked else ""
    sql = f"SELECT {_COLUMNS} FROM audit_log {where} ORDER BY at DESC, id DESC LIMIT ${len(names) + 1}"  # noqa: S608 - made of constants
    return Statement(sql, (*names, "limit"))


class PostgresAuditQueries(AuditQueries):
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def list(self, wanted: AuditFilter, *, after: AuditPosition | None, limit: int) -> Sequence[AuditView]:
        asked = {name: value for name in _WANTED if (value := getattr(wanted, name)) is not None}
        position = {} if after is None else {"after_at": after.at, "after_id": after.id}
        statement = _list(tuple(asked), goes_on=after is not None)
        return [AuditView(*row) for row in await self._reader.fetch(statement, **asked, **position, limit=limit)]
