"""`/admin/audit`: what administrators did."""

from collections.abc import AsyncIterator

import httpx
import pytest

from photostore.audit.commands.record_action import RecordAction
from photostore.audit.entry import Origin, Target
from photostore.shared.ids import UserId
from tests.builders import a_user_id
from tests.fakes.store import FakeStore
from tests.http.listing import pages
from tests.http.world import World
from tests.using import transaction

AUDIT = "/api/v1/admin/audit"
SOMEONE, GRACE = a_user_id(), a_user_id()


@pytest.fixture
async def as_admin(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """After three actions, an hour apart."""
    await record(world, Origin(name="root on a-host"), "user.created", GRACE)
    await record(world, Origin(user_id=SOMEONE, ip_address="192.0.2.1"), "user.disabled", GRACE)
    await record(world, Origin(user_id=SOMEONE), "user.enabled", SOMEONE)
    async with await world.as_user(await world.user(is_admin=True)) as http:
        yield http


async def record(world: World, by: Origin, action: str, target: UserId) -> None:
    world.store.clock.advance(hours=1)
    async with transaction(world.container, RecordAction) as record_action:
        await record_action(by=by, action=action, target=Target(kind="user", id=str(target)), details={"after": 1})


async def test_an_entry_tells_who_did_what_to_whom_when_and_from_where(as_admin: httpx.AsyncClient) -> None:
    entry = (await as_admin.get(AUDIT)).json()["items"][1]

    assert {**entry, "id": None} == {
        "id": None,
        "at": "2026-06-01T14:00:00Z",
        "actor": {"id": str(SOMEONE), "name": None},
        "action": "user.disabled",
        "target": {"kind": "user", "id": str(GRACE)},
        "details": {"after": 1},
        "ip_address": "192.0.2.1",
        "user_agent": None,
        "request_id": None,
    }


async def test_entries_are_listed_page_by_page_newest_first(as_admin: httpx.AsyncClient) -> None:
    listed = [[item["action"] for item in page["items"]] for page in await pages(as_admin, f"{AUDIT}?limit=2")]

    assert listed == [["user.enabled", "user.disabled"], ["user.created"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"actor={SOMEONE}", ["user.enabled", "user.disabled"]),
        ("action=user.created", ["user.created"]),
        (f"target={GRACE}", ["user.disabled", "user.created"]),
        ("since=2026-06-01T14:00:00Z", ["user.enabled", "user.disabled"]),
        ("until=2026-06-01T14:00:00Z", ["user.created"]),
        (f"actor={SOMEONE}&target={GRACE}&since=2026-06-01T16:00:00%2B02:00", ["user.disabled"]),
    ],
)
async def test_entries_are_found_by_what_they_tell(as_admin: httpx.AsyncClient, query: str, found: list[str]) -> None:
    answer = await as_admin.get(f"{AUDIT}?{query}")

    assert [item["action"] for item in answer.json()["items"]] == found


@pytest.mark.parametrize("query", ["actor=x", "since=yesterday", "cursor=x", "who=me"])
async def test_a_bad_query_is_refused(as_admin: httpx.AsyncClient, query: str) -> None:
    assert (await as_admin.get(f"{AUDIT}?{query}")).status_code == 400


async def test_a_refused_action_is_not_recorded(store: FakeStore, world: World, as_admin: httpx.AsyncClient) -> None:
    recorded = len(store.admin.audit_log.rows)

    await as_admin.patch(f"/api/v1/admin/users/{a_user_id()}", json={"disabled": True})

    assert len(store.admin.audit_log.rows) == recorded
