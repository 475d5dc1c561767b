"""`/admin/users`: every account, and what administrators change of one."""

from collections.abc import AsyncIterator

import httpx
import pytest

from photostore.shared.media import audience_of
from photostore.user.scopes import Scope
from photostore.user.user import User
from tests.builders import PASSWORD, a_session, a_share_link
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW
from tests.http.listing import pages
from tests.http.world import World
from tests.using import stored

USERS = "/api/v1/admin/users"


@pytest.fixture
async def admin(world: World) -> User:
    return await world.user(email="root@example.test", display_name="Root", is_admin=True)


@pytest.fixture
async def as_admin(world: World, admin: User) -> AsyncIterator[httpx.AsyncClient]:
    async with await world.as_user(admin) as http:
        yield http


async def test_an_account_is_told_with_what_it_keeps(
    world: World, store: FakeStore, ada: User, as_admin: httpx.AsyncClient
) -> None:
    await stored(world.container, a_session(user_id=ada.id))
    store.quotas.rows[ada.id].used, store.quotas.rows[ada.id].photos = 10, 2

    answer = await as_admin.get(f"{USERS}/{ada.id}")

    assert answer.json() == {
        "id": str(ada.id),
        "email": "ada@example.test",
        "display_name": "Ada",
        "is_admin": False,
        "is_local": True,
        "quota_bytes": None,
        "storage": {
            "quota_bytes": None,
            "used_bytes": 10,
            "reserved_bytes": 0,
            "originals_bytes": 10,
            "renditions_bytes": 0,
            "trash_bytes": 0,
            "photo_count": 2,
        },
        "sessions": 1,
        "last_seen_at": "2026-06-01T12:00:00Z",
        "disabled": False,
        "disabled_at": None,
        "version": 1,
        "created_at": "2026-06-01T12:00:00Z",
    }


async def test_the_tag_is_another_when_they_keep_more(store: FakeStore, ada: User, as_admin: httpx.AsyncClient) -> None:
    before = (await as_admin.get(f"{USERS}/{ada.id}")).headers["etag"]
    unchanged = await as_admin.get(f"{USERS}/{ada.id}", headers={"if-none-match": before})
    store.quotas.rows[ada.id].used = 10
    changed = await as_admin.get(f"{USERS}/{ada.id}", headers={"if-none-match": before})

    assert (unchanged.status_code, changed.status_code) == (304, 200)


async def test_accounts_are_listed_page_by_page_newest_first(
    world: World, admin: User, ada: User, as_admin: httpx.AsyncClient
) -> None:
    grace = await world.user()

    listed = [item["id"] for page in await pages(as_admin, f"{USERS}?limit=2") for item in page["items"]]

    assert listed == sorted([str(user.id) for user in (admin, ada, grace)], reverse=True)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=ADA", ["Ada"]),
        ("q=root@", ["Root"]),
        ("q=da", []),
        ("is_admin=true", ["Root"]),
        ("is_admin=false&disabled=false", ["Ada"]),
        ("disabled=true", ["Gone"]),
    ],
)
async def test_accounts_are_found_by_how_they_begin_and_by_what_they_are(
    world: World, ada: User, as_admin: httpx.AsyncClient, query: str, found: list[str]
) -> None:
    await world.user(display_name="Gone", disabled_at=NOW)

    answer = await as_admin.get(f"{USERS}?{query}")

    assert [item["display_name"] for item in answer.json()["items"]] == found


@pytest.mark.parametrize("query", ["q=", "disabled=perhaps", "wat=1", "limit=0", "cursor=x"])
async def test_a_bad_query_is_refused(as_admin: httpx.AsyncClient, query: str) -> None:
    assert (await as_admin.get(f"{USERS}?{query}")).status_code == 400


async def test_a_quota_is_given_and_taken_back(store: FakeStore, ada: User, as_admin: httpx.AsyncClient) -> None:
    given = await as_admin.patch(f"{USERS}/{ada.id}", json={"quota_bytes": 1000})
    taken = await as_admin.patch(f"{USERS}/{ada.id}", json={"quota_bytes": None})

    assert (given.json()["quota_bytes"], given.json()["storage"]["quota_bytes"]) == (1000, 1000)
    assert (taken.json()["quota_bytes"], taken.json()["storage"]["quota_bytes"]) == (None, None)
    assert [entry.details for entry in store.admin.audit_log.rows.values()] == [
        {"before": None, "after": 1000},
        {"before": 1000, "after": None},
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"quota_bytes": -1}, "quota_bytes"),
        ({"quota_bytes": 1 << 62}, "quota_bytes"),
        ({"quota_bytes": "much"}, "quota_bytes"),
        ({"is_admin": None}, "is_admin"),
        ({"disabled": 1}, "disabled"),
        ({"email": "x@example.test"}, "email"),
    ],
)
async def test_an_edit_that_does_not_validate_is_refused(
    store: FakeStore, ada: User, as_admin: httpx.AsyncClient, body: dict[str, object], field: str
) -> None:
    answer = await as_admin.patch(f"{USERS}/{ada.id}", json=body)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert store.admin.audit_log.rows == {}


async def test_only_what_was_seen_is_edited(ada: User, as_admin: httpx.AsyncClient) -> None:
    seen = (await as_admin.get(f"{USERS}/{ada.id}")).headers["etag"]

    first = await as_admin.patch(f"{USERS}/{ada.id}", json={"quota_bytes": 1}, headers={"if-match": seen})
    stale = await as_admin.patch(f"{USERS}/{ada.id}", json={"quota_bytes": 2}, headers={"if-match": seen})

    assert (first.status_code, stale.status_code) == (200, 412)


async def test_an_edit_that_changes_nothing_leaves_no_trace(
    store: FakeStore, ada: User, as_admin: httpx.AsyncClient
) -> None:
    answer = await as_admin.patch(f"{USERS}/{ada.id}", json={"quota_bytes": None, "is_admin": False, "disabled": False})

    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert store.admin.audit_log.rows == {}


async def test_administrators_neither_take_their_own_right_nor_disable_themselves(
    world: World, admin: User, as_admin: httpx.AsyncClient
) -> None:
    await world.user(is_admin=True)

    answers = [
        await as_admin.patch(f"{USERS}/{admin.id}", json=body) for body in ({"is_admin": False}, {"disabled": True})
    ]

    assert [(each.status_code, each.json()["type"]) for each in answers] == [
        (409, "/problems/own-account-kept"),
        (409, "/problems/own-account-kept"),
    ]


async def test_someone_whose_right_was_just_taken_changes_nothing(
    store: FakeStore, admin: User, ada: User, as_admin: httpx.AsyncClient
) -> None:
    """Also where the request was let in by what is remembered of them."""
    store.users.rows[admin.id].is_admin = False

    answer = await as_admin.patch(f"{USERS}/{ada.id}", json={"is_admin": True})

    assert answer.status_code == 403
    assert not store.users.rows[ada.id].is_admin


async def test_who_is_disabled_is_out_at_once(
    world: World, store: FakeStore, ada: User, as_admin: httpx.AsyncClient
) -> None:
    tokens = await world.http.post("/api/v1/auth/login", json={"email": ada.email, "password": PASSWORD})
    session, key = await world.as_user(ada), await world.with_key(ada.id, Scope.PHOTOS_READ)
    link = await stored(world.container, a_share_link(owner_id=ada.id))

    answer = await as_admin.patch(f"{USERS}/{ada.id}", json={"disabled": True})

    assert (answer.json()["disabled"], answer.json()["disabled_at"]) == (True, "2026-06-01T12:00:00Z")
    assert answer.json()["sessions"] == 0
    refresh = {"refresh_token": tokens.json()["refresh_token"]}
    tried = [
        await session.get("/api/v1/photos"),
        await key.get("/api/v1/photos"),
        await world.http.post("/api/v1/auth/refresh", json=refresh),
        await world.http.post("/api/v1/auth/login", json={"email": ada.email, "password": PASSWORD}),
    ]
    assert [each.status_code for each in tried] == [401, 401, 401, 401]
    assert (await world.http.get(f"/api/v1/public/{link.id}")).status_code == 404
    assert store.revoked.rows[audience_of(ada.id)]
    assert store.share_links.rows[link.id].generation == 2


async def test_who_is_enabled_again_signs_in_anew(
    world: World, store: FakeStore, ada: User, as_admin: httpx.AsyncClient
) -> None:
    session, key = await world.as_user(ada), await world.with_key(ada.id, Scope.PHOTOS_READ)
    link = await stored(world.container, a_share_link(owner_id=ada.id))
    await as_admin.patch(f"{USERS}/{ada.id}", json={"disabled": True})

    answer = await as_admin.patch(f"{USERS}/{ada.id}", json={"disabled": False})

    assert answer.json()["disabled_at"] is None
    assert (await session.get("/api/v1/photos")).status_code == 401
    assert (await key.get("/api/v1/photos")).status_code == 200
    signed_in = await world.http.post("/api/v1/auth/login", json={"email": ada.email, "password": PASSWORD})
    assert signed_in.status_code == 200
    assert (await world.http.get(f"/api/v1/public/{link.id}")).status_code == 200
    assert not store.revoked.rows[audience_of(ada.id)]


async def test_what_is_done_is_recorded_with_who_and_from_where(
    store: FakeStore, admin: User, ada: User, as_admin: httpx.AsyncClient
) -> None:
    headers = {"x-request-id": "a-request", "user-agent": "a browser"}

    await as_admin.patch(f"{USERS}/{ada.id}", json={"is_admin": True, "disabled": True}, headers=headers)

    entries = list(store.admin.audit_log.rows.values())
    assert [(entry.action, entry.target.id) for entry in entries] == [
        ("user.made_admin", str(ada.id)),
        ("user.disabled", str(ada.id)),
    ]
    assert {(entry.by.user_id, entry.by.user_agent, entry.by.request_id) for entry in entries} == {
        (admin.id, "a browser", "a-request")
    }
