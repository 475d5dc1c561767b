"""What whoever records actions, and whoever reads of them, may rely on."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg
import pytest
from dishka import AsyncContainer

from photostore.audit.commands.prune_audit_log import PruneAuditLog
from photostore.audit.entry import AuditEntry, Origin, Target
from photostore.audit.ports import AuditLog
from photostore.audit.queries import AuditFilter, AuditPosition, AuditQueries, AuditView
from photostore.audit.retention import AuditPolicy
from photostore.shared.ids import UserId
from tests.builders import a_user_id
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW, new_id
from tests.using import get, transaction, use

ADA, GRACE = a_user_id(), a_user_id()


def an_entry(by: Origin, *, action: str = "user.disabled", target: str = "1", at: datetime = NOW) -> AuditEntry:
    to = Target(kind="user", id=target)
    return AuditEntry(id=new_id(), at=at, by=by, action=action, target=to, details={"after": [1, None]})


async def record(
    adapters: AsyncContainer,
    *,
    by: UserId | None = None,
    action: str = "user.disabled",
    target: str = "1",
    at: datetime = NOW,
) -> AuditEntry:
    origin = Origin(name="root") if by is None else Origin(user_id=by, ip_address="192.0.2.1", request_id="r")
    entry = an_entry(origin, action=action, target=target, at=at)
    async with transaction(adapters, AuditLog) as audit_log:
        await audit_log.record(entry)
    return entry


async def read(
    adapters: AsyncContainer, wanted: AuditFilter | None = None, *, after: AuditPosition | None = None, limit: int = 10
) -> Sequence[AuditView]:
    queries = await get(adapters, AuditQueries)
    return await queries.list(wanted or AuditFilter(), after=after, limit=limit)


async def test_what_was_recorded_is_told(adapters: AsyncContainer) -> None:
    entry = await record(adapters, by=ADA)

    (view,) = await read(adapters)

    assert (view.id, view.at, view.action, view.details) == (entry.id, NOW, "user.disabled", {"after": [1, None]})
    assert (view.actor_id, view.actor_name, view.ip_address, view.request_id) == (ADA, None, "192.0.2.1", "r")
    assert (view.target_kind, view.target_id) == ("user", "1")


async def test_what_did_not_happen_was_not_recorded(adapters: AsyncContainer) -> None:
    async def break_off() -> None:
        async with transaction(adapters, AuditLog) as audit_log:
            await audit_log.record(an_entry(Origin(name="root")))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await break_off()

    assert await read(adapters) == []


async def test_entries_come_newest_first_page_by_page(adapters: AsyncContainer) -> None:
    """Also those of one moment, and those that were recorded late."""
    first, second = await record(adapters, by=ADA), await record(adapters)
    oldest = await record(adapters, at=NOW - timedelta(hours=1))

    page = await read(adapters, limit=2)
    rest = await read(adapters, after=AuditPosition(at=page[-1].at, id=page[-1].id))

    assert [view.id for view in page] == [second.id, first.id]
    assert [view.id for view in rest] == [oldest.id]


async def test_entries_are_found_by_all_that_is_asked(adapters: AsyncContainer) -> None:
    later = NOW + timedelta(hours=1)
    by_ada = await record(adapters, by=ADA, action="user.enabled", target="1")
    by_grace = await record(adapters, by=GRACE, target="2", at=later)

    async def found(wanted: AuditFilter) -> list[AuditEntry]:
        ids = {view.id for view in await read(adapters, wanted)}
        return [entry for entry in (by_ada, by_grace) if entry.id in ids]

    assert await found(AuditFilter(actor=ADA)) == [by_ada]
    assert await found(AuditFilter(action="user.disabled")) == [by_grace]
    assert await found(AuditFilter(target="1")) == [by_ada]
    assert await found(AuditFilter(since=later)) == [by_grace]
    assert await found(AuditFilter(until=later)) == [by_ada]
    assert await found(AuditFilter(actor=ADA, target="2")) == []


async def test_without_a_retention_nothing_goes(adapters: AsyncContainer) -> None:
    await record(adapters, at=NOW - timedelta(days=10_000))

    assert await use(adapters, PruneAuditLog)() == 0
    assert len(await read(adapters)) == 1


async def test_with_one_what_is_older_goes(adapters: AsyncContainer, store: FakeStore) -> None:
    store.admin.audit_policy = AuditPolicy(retention=timedelta(days=365))
    kept = await record(adapters, at=NOW - timedelta(days=365))
    await record(adapters, at=NOW - timedelta(days=365, seconds=1))

    assert await use(adapters, PruneAuditLog)() == 1
    assert [view.id for view in await read(adapters)] == [kept.id]


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    "statement", ["UPDATE audit_log SET action = 'nothing'", "DELETE FROM audit_log", "TRUNCATE audit_log"]
)
async def test_the_table_itself_refuses_to_forget(adapters: AsyncContainer, database: str, statement: str) -> None:
    await record(adapters)
    connection = await asyncpg.connect(database)

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await connection.execute(statement)

    await connection.close()
    assert len(await read(adapters)) == 1
