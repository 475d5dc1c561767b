"""The audit log in memory."""

from collections.abc import Sequence
from datetime import datetime

from photostore.audit.entry import AuditEntry
from photostore.audit.ports import AuditLog
from photostore.audit.queries import AuditFilter, AuditPosition, AuditQueries, AuditView
from tests.fakes.database import FakeUnitOfWork
from tests.fakes.store import FakeStore


class FakeAuditLog(AuditLog):
    def __init__(self, store: FakeStore, unit_of_work: FakeUnitOfWork) -> None:
        self._entries = store.admin.audit_log
        self._unit_of_work = unit_of_work

    async def record(self, entry: AuditEntry) -> None:
        self._unit_of_work.put(self._entries, entry.id, entry)

    async def prune(self, *, before: datetime) -> int:
        old = self._unit_of_work.where(self._entries, lambda entry: entry.at < before)
        for entry in old:
            self._unit_of_work.delete(self._entries, entry.id)
        return len(old)


class FakeAuditQueries(AuditQueries):
    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def list(self, wanted: AuditFilter, *, after: AuditPosition | None, limit: int) -> Sequence[AuditView]:
        self._store.answer_or_not()
        found = self._store.admin.audit_log.where(lambda entry: _is_wanted(entry, wanted))
        newest_first = sorted(found, key=lambda entry: (entry.at, entry.id), reverse=True)
        return [_view(entry) for entry in newest_first if after is None or (entry.at, entry.id) < (after.at, after.id)][
            :limit
        ]


def _is_wanted(entry: AuditEntry, wanted: AuditFilter) -> bool:
    return (
        wanted.actor in (None, entry.by.user_id)
        and wanted.action in (None, entry.action)
        and wanted.target in (None, entry.target.id)
        and (wanted.since is None or entry.at >= wanted.since)
        and (wanted.until is None or entry.at < wanted.until)
    )


def _view(entry: AuditEntry) -> AuditView:
    return AuditView(
        id=entry.id,
        at=entry.at,
        actor_id=entry.by.user_id,
        actor_name=entry.by.name,
        action=entry.action,
        target_kind=entry.target.kind,
        target_id=entry.target.id,
        details=dict(entry.details),
        ip_address=entry.by.ip_address,
        user_agent=entry.by.user_agent,
        request_id=entry.by.request_id,
    )
