"""Local accounts: registering, signing in and out, sessions, one's own data."""

from typing import Any

import httpx
import pytest

from photostore.shared.clock import Clock
from photostore.user.policy import Registration
from photostore.user.user import User
from tests.builders import PASSWORD, a_photo, a_policy
from tests.fakes.jobs import run_jobs
from tests.fakes.store import FakeStore
from tests.http.test_problems import problem
from tests.http.world import World, client_of, world_of
from tests.using import stored

AUTH = "/api/v1/auth"
GRACE = {"email": "grace@example.test", "password": PASSWORD, "display_name": "Grace"}


async def signed_in(http: httpx.AsyncClient, **told: str) -> dict[str, Any]:
    answer = await http.post(f"{AUTH}/login", json={"email": "ada@example.test", "password": PASSWORD, **told})
    assert answer.status_code == 200
    tokens: dict[str, Any] = answer.json()
    return tokens


async def test_a_new_account_can_sign_in(world: World, http: httpx.AsyncClient) -> None:
    registered = await http.post(f"{AUTH}/register", json=GRACE)
    tokens = await http.post(f"{AUTH}/login", json={"email": " GRACE@example.test", "password": PASSWORD})

    assert registered.status_code == 201
    async with client_of(world.app, bearer=tokens.json()["access_token"]) as signed:
        assert registered.headers["etag"] == (await signed.get(f"{AUTH}/me")).headers["etag"] == '"1"'
    assert set(registered.json()) == {"id", "email", "display_name", "is_admin", "created_at"}
    assert (registered.json()["email"], registered.json()["display_name"]) == ("grace@example.test", "Grace")
    assert set(tokens.json()) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert (tokens.json()["token_type"], tokens.json()["expires_in"]) == ("bearer", 900)
    assert tokens.headers["cache-control"] == "no-store"


async def test_an_address_has_one_account(http: httpx.AsyncClient, ada: User) -> None:
    answer = await http.post(f"{AUTH}/register", json={**GRACE, "email": "Ada@EXAMPLE.test"})

    assert problem(answer) == (409, "email-taken")


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"email": "grace"}, "email"),
        ({"email": ""}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 1025}, "password"),
        ({"display_name": ""}, "display_name"),
        ({"display_name": "x" * 201}, "display_name"),
        ({"display_name": "a\0b"}, "display_name"),
        ({"is_admin": True}, "is_admin"),
        ({"password": None}, "password"),
    ],
)
async def test_an_account_has_an_address_and_a_password(http: httpx.AsyncClient, told: Any, field: str) -> None:
    answer = await http.post(f"{AUTH}/register", json={**GRACE, **told})

    assert problem(answer)[0] == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("policy", "kind"),
    [
        (a_policy(registration=Registration.CLOSED), (403, "registration-closed")),
        (a_policy(registration=Registration.INVITATION, invitation_codes=("c",)), (403, "invitation-required")),
        (a_policy(local_accounts=False), (404, "local-accounts-disabled")),
    ],
)
async def test_registration_can_be_restricted(policy: Any, kind: tuple[int, str]) -> None:
    async with world_of(FakeStore(policy=policy)) as world:
        answer = await world.http.post(f"{AUTH}/register", json=GRACE)

    assert problem(answer) == kind


async def test_an_invitation_opens_it() -> None:
    policy = a_policy(registration=Registration.INVITATION, invitation_codes=("come-in",))

    async with world_of(FakeStore(policy=policy)) as world:
        answer = await world.http.post(f"{AUTH}/register", json={**GRACE, "invitation_code": "come-in"})

    assert answer.status_code == 201


async def test_a_wrong_password_and_an_unknown_address_are_the_same(world: World, ada: User) -> None:
    wrong = {"email": "ada@example.test", "password": "something else"}
    unknown = {"email": "nobody@example.test", "password": "something else"}

    answers = [await world.http.post(f"{AUTH}/login", json=body) for body in (wrong, unknown)]

    assert [problem(answer) for answer in answers] == [(401, "invalid-credentials")] * 2
    assert answers[0].json()["detail"] == answers[1].json()["detail"]
    assert world.store.passwords.verified == 2


async def test_guessing_ends_soon() -> None:
    async with world_of(FakeStore(policy=a_policy(failed_per_account=2))) as world:
        await world.user(email="ada@example.test")
        body = {"email": "ada@example.test", "password": "a guess"}
        answers = [await world.http.post(f"{AUTH}/login", json=body) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert answers[-1].headers["retry-after"] == "600"


async def test_a_refresh_token_is_good_once_and_used_twice_it_ends_the_session(world: World, ada: User) -> None:
    spent = await signed_in(world.http)

    fresh = (await world.http.post(f"{AUTH}/refresh", json={"refresh_token": spent["refresh_token"]})).json()
    reused = await world.http.post(f"{AUTH}/refresh", json={"refresh_token": spent["refresh_token"]})
    after = await world.http.post(f"{AUTH}/refresh", json={"refresh_token": fresh["refresh_token"]})

    assert fresh["refresh_token"] != spent["refresh_token"]
    assert problem(reused) == (401, "refresh-token-reused")
    assert problem(after)[0] == 401
    for tokens in (spent, fresh):
        async with client_of(world.app, bearer=tokens["access_token"]) as http:
            assert (await http.get(f"{AUTH}/me")).status_code == 401


@pytest.mark.parametrize("token", ["", "psr_", "psr_x", "psr_" + "A" * 86, "psk_" + "A" * 86, "x" * 1000, "psr_é"])
async def test_what_is_no_refresh_token_is_refused(http: httpx.AsyncClient, token: str) -> None:
    answer = await http.post(f"{AUTH}/refresh", json={"refresh_token": token})

    assert problem(answer) == (401, "invalid-token")


async def test_signing_out_ends_the_session_with_all_its_tokens(world: World, ada: User) -> None:
    tokens = await signed_in(world.http)
    http = client_of(world.app, bearer=tokens["access_token"])

    left = await http.post(f"{AUTH}/logout")

    assert (left.status_code, left.content) == (204, b"")
    assert (await http.get(f"{AUTH}/me")).status_code == 401
    refreshed = await world.http.post(f"{AUTH}/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert refreshed.status_code == 401


async def test_sessions_are_listed_newest_first_and_one_of_them_asks(world: World, ada: User) -> None:
    await signed_in(world.http)
    tokens = await signed_in(world.http)
    async with client_of(world.app, bearer=tokens["access_token"]) as http:
        first = await http.get(f"{AUTH}/sessions", params={"limit": 1})
        rest = await http.get(first.links["next"]["url"])

    items = first.json()["items"] + rest.json()["items"]
    assert [each["current"] for each in items] == [True, False]
    assert set(items[0]) == {"id", "created_at", "last_seen_at", "user_agent", "ip_address", "current"}
    assert items[0]["user_agent"].startswith("python-httpx")
    assert items[0]["ip_address"] == "127.0.0.1"


async def test_a_session_can_be_ended_from_another(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    other = await world.as_user(ada)
    listed = (await as_ada.get(f"{AUTH}/sessions")).json()["items"]
    others = [each["id"] for each in listed if not each["current"]]

    ended = await as_ada.delete(f"{AUTH}/sessions/{others[0]}")
    again = await as_ada.delete(f"{AUTH}/sessions/none")

    assert ended.status_code == 204
    assert (await other.get(f"{AUTH}/me")).status_code == 401
    assert problem(again) == (404, "session-not-found")


async def test_the_present_session_is_called_current(as_ada: httpx.AsyncClient) -> None:
    assert (await as_ada.delete(f"{AUTH}/sessions/current")).status_code == 204
    assert (await as_ada.get(f"{AUTH}/me")).status_code == 401


async def test_all_other_sessions_end_at_once(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    others = [await world.as_user(ada) for _ in range(2)]

    ended = await as_ada.post(f"{AUTH}/sessions/revoke-others")

    assert ended.json() == {"revoked": 2}
    assert [(await http.get(f"{AUTH}/me")).status_code for http in (as_ada, *others)] == [200, 401, 401]


async def test_one_s_name_is_a_merge_patch_with_versions(as_ada: httpx.AsyncClient) -> None:
    before = await as_ada.get(f"{AUTH}/me")
    tag = before.headers["etag"]

    unchanged = await as_ada.get(f"{AUTH}/me", headers={"if-none-match": f'"x", W/{tag}'})
    nothing = await as_ada.patch(f"{AUTH}/me", json={}, headers={"if-match": tag})
    named = await as_ada.patch(f"{AUTH}/me", json={"display_name": "Countess"}, headers={"if-match": tag})
    stale = await as_ada.patch(f"{AUTH}/me", json={"display_name": "Ada"}, headers={"if-match": tag})
    stale_nothing = await as_ada.patch(f"{AUTH}/me", json={}, headers={"if-match": tag})
    unnamed = await as_ada.patch(f"{AUTH}/me", json={"display_name": None})

    assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", tag)
    assert nothing.headers["etag"] == tag
    assert (named.json()["display_name"], named.headers["etag"] != tag) == ("Countess", True)
    assert [problem(answer) for answer in (stale, stale_nothing)] == [(412, "precondition-failed")] * 2
    assert unnamed.json()["display_name"] is None


async def test_a_closed_account_is_gone_with_its_photos(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    photo = await stored(world.container, a_photo(owner_id=ada.id))
    world.store.blobs.blobs[photo.blob_key] = b"bytes"

    stale = await as_ada.delete(f"{AUTH}/me", headers={"if-match": '"9"'})
    closed = await as_ada.delete(f"{AUTH}/me")
    await run_jobs(world.container, world.store)

    assert (stale.status_code, closed.status_code) == (412, 204)
    assert (await as_ada.get(f"{AUTH}/me")).status_code == 401
    assert (world.store.users.rows, world.store.photos.rows, world.store.blobs.blobs) == ({}, {}, {})


async def test_an_access_token_ends_with_its_time(world: World, as_ada: httpx.AsyncClient) -> None:
    assert await world.container.get(Clock) is world.store.clock
    world.store.clock.advance(seconds=900)

    assert problem(await as_ada.get(f"{AUTH}/me")) == (401, "invalid-token")
