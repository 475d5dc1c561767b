"""Signing in with the identity provider, and what the browser is bound to meanwhile."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.builders import a_policy
from tests.fakes.identity_provider import an_identity
from tests.fakes.store import FakeStore
from tests.http.test_problems import problem
from tests.http.world import World, client_of, world_of
from tests.http_settings import http_settings

LOGIN, CALLBACK = "/api/v1/auth/login", "/api/v1/auth/callback"
APP = "https://app.example.test"
BROWSER = {"accept": "text/html,*/*;q=0.8"}


async def begun(http: httpx.AsyncClient, **query: str) -> str:
    """The provider's URL, to which the browser is sent."""
    answer = await http.get(LOGIN, params=query)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


async def test_the_browser_is_sent_to_the_provider_and_remembers_that(http: httpx.AsyncClient) -> None:
    answer = await http.get(LOGIN)

    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert answer.status_code == 302
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"http://photos.test{CALLBACK}"]
    cookie = answer.headers["set-cookie"]
    assert {part.strip().lower() for part in cookie.split(";")} >= {"httponly", "path=/api/v1/auth", "samesite=lax"}
    assert answer.headers["cache-control"] == "no-store"


async def test_behind_https_the_cookie_is_for_https_alone(store: FakeStore) -> None:
    async with world_of(store, settings=http_settings(base_url="https://photos.test")) as world:
        answer = await world.http.get(LOGIN)

    assert "secure" in answer.headers["set-cookie"].lower()


async def test_back_from_the_provider_one_has_tokens(world: World) -> None:
    url = await begun(world.http)

    answer = await world.http.get(CALLBACK, params=world.store.identity_provider.sign_in(url))

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    async with client_of(world.app, bearer=answer.json()["access_token"]) as http:
        me = (await http.get("/api/v1/auth/me")).json()
    assert (me["email"], me["display_name"]) == ("alice@example.test", "Alice")


async def test_another_browser_cannot_finish_what_one_began(world: World) -> None:
    came_back = world.store.identity_provider.sign_in(await begun(world.http))
    async with client_of(world.app) as without_cookie, client_of(world.app) as with_its_own:
        await begun(with_its_own)

        answers = [await http.get(CALLBACK, params=came_back) for http in (without_cookie, with_its_own)]

    assert [problem(answer) for answer in answers] == [(400, "sign-in-refused")] * 2
    assert {answer.json()["code"] for answer in answers} == {"state_mismatch"}


async def test_a_sign_in_that_took_too_long_is_refused(world: World) -> None:
    came_back = world.store.identity_provider.sign_in(await begun(world.http))
    world.store.clock.advance(minutes=10)

    assert problem(await world.http.get(CALLBACK, params=came_back)) == (400, "sign-in-refused")


@pytest.mark.parametrize(
    "changed", [{"state": "forged"}, {"code": "forged"}, {"iss": "https://evil.test"}, {"code": None}, {"state": None}]
)
async def test_an_answer_that_is_not_the_provider_s_is_refused(world: World, changed: dict[str, Any]) -> None:
    came_back = world.store.identity_provider.sign_in(await begun(world.http)) | changed

    answer = await world.http.get(CALLBACK, params={name: value for name, value in came_back.items() if value})

    assert problem(answer) == (400, "sign-in-refused")


async def test_the_provider_s_refusal_is_told_with_its_code(world: World) -> None:
    denied = world.store.identity_provider.deny(await begun(world.http))

    answer = await world.http.get(CALLBACK, params=denied)

    assert (problem(answer), answer.json()["code"]) == ((400, "sign-in-refused"), "access_denied")


@pytest.mark.parametrize("target", ["/", "/app/photos?x=1", APP, f"{APP}/", f"{APP}/photos#here", f"{APP}?x"])
async def test_a_browser_gets_back_to_where_it_wants_with_the_tokens_in_the_fragment(world: World, target: str) -> None:
    came_back = world.store.identity_provider.sign_in(await begun(world.http, return_to=target))

    answer = await world.http.get(CALLBACK, params=came_back, headers=BROWSER)

    url, _, fragment = answer.headers["location"].partition("#")
    assert (answer.status_code, url) == (303, target.partition("#")[0])
    assert set(parse_qs(fragment)) == {"access_token", "refresh_token", "expires_in", "token_type"}
    assert answer.content == b""
    assert answer.headers["cache-control"] == "no-store"


async def test_a_program_gets_json_wherever_it_wanted_to_be(world: World) -> None:
    came_back = world.store.identity_provider.sign_in(await begun(world.http, return_to="/app"))

    answer = await world.http.get(CALLBACK, params=came_back, headers={"accept": "application/json"})

    assert (answer.status_code, set(answer.json())) == (
        200,
        {"access_token", "token_type", "expires_in", "refresh_token"},
    )


@pytest.mark.parametrize(
    "target",
    [
        "//evil.test",
        "/\\evil.test",
        "\\/evil.test",
        "/\t/evil.test",
        "https://evil.test",
        f"{APP}.evil.test",
        f"{APP}@evil.test",
        f"{APP}:8443",
        "http://app.example.test",
        "javascript:alert(1)",
        "evil.test",
        " /",
        "/\u2028",
        "/a\x00b",
    ],
)
async def test_no_browser_is_sent_anywhere_else(http: httpx.AsyncClient, target: str) -> None:
    answer = await http.get(LOGIN, params={"return_to": target})

    assert problem(answer)[0] == 400
    assert "set-cookie" not in answer.headers


async def test_while_the_provider_is_down_people_are_told_to_come_back(world: World) -> None:
    world.store.identity_provider.unavailable = True

    answer = await world.http.get(LOGIN)

    assert problem(answer) == (503, "identity-provider-unavailable")
    assert answer.headers["retry-after"] == "5"


@pytest.mark.parametrize("accepted", [True, False])
async def test_the_provider_s_own_tokens_are_taken_where_that_is_set(*, accepted: bool) -> None:
    async with world_of(FakeStore(policy=a_policy(accept_provider_tokens=accepted))) as world:
        token = world.store.identity_provider.access_token(an_identity(subject="bob", email="bob@example.test"))
        async with client_of(world.app, bearer=token) as http:
            answer = await http.get("/api/v1/auth/me")

    assert answer.status_code == (200 if accepted else 401)
