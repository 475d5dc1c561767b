"""Refusals as problem documents, each with its type, its status and its headers."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from photostore.user.user import User
from photostore_http.problems import problem_types
from tests.builders import PASSWORD, a_photo, a_picture, a_policy, upload_limits
from tests.fakes.store import FakeStore
from tests.http.world import World, world_of
from tests.using import stored

HASHTAGS, PHOTOS, ME = "/api/v1/hashtags", "/api/v1/photos", "/api/v1/auth/me"


def problem(answer: httpx.Response) -> tuple[int, str]:
    """The status and type, of what is a problem document in every respect."""
    told = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(told) >= {"type", "title", "status", "detail", "instance", "request_id", "errors"}
    assert told["status"] == answer.status_code
    assert told["request_id"] == answer.headers["x-request-id"]
    assert told["instance"] == answer.request.url.path
    assert (told["type"], told["status"], told["title"]) in problem_types()
    return answer.status_code, told["type"].removeprefix("/problems/")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", (400, "malformed")),
        (b"name=sunset", (400, "malformed")),
        (b'{"name": "\xff"}', (400, "malformed")),
        (b'{"name": "\\ud800"}', (400, "malformed")),
        (b'{"name": 1e400}', (400, "malformed")),
        (b'{"name": NaN}', (400, "malformed")),
        (b"[" * 100 + b"]" * 100, (400, "malformed")),
        (b"[" * 4000, (400, "malformed")),
        (b"x" * 4097, (413, "too-large")),
        (b"", (400, "malformed")),
        (b"null", (422, "invalid")),
        (b"[]", (422, "invalid")),
        (b"{}", (422, "invalid")),
        (b'{"name": 1}', (422, "invalid")),
        (b'{"name": "sunset", "colour": "red"}', (422, "invalid")),
        (b'{"name": "\\u0000"}', (422, "not-a-hashtag")),
    ],
)
async def test_a_bad_body_is_refused(as_ada: httpx.AsyncClient, body: bytes, kind: tuple[int, str]) -> None:
    assert problem(await as_ada.post(HASHTAGS, content=body)) == kind


async def test_a_body_of_unknown_length_is_refused_when_it_grows_too_long(as_ada: httpx.AsyncClient) -> None:
    async def endless() -> Any:
        while True:
            yield b" " * 1024

    assert problem(await as_ada.post(HASHTAGS, content=endless())) == (413, "too-large")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": 1}, "name"),
        ({"name": "sunset", "colour": "red"}, "colour"),
        ([], "body"),
        ({"name": "no hashtag"}, "name"),
    ],
)
async def test_what_does_not_validate_is_told_by_its_name(as_ada: httpx.AsyncClient, body: object, field: str) -> None:
    answer = await as_ada.post(HASHTAGS, json=body)

    assert [each["field"] for each in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/api/v1", f"{PHOTOS}/7", f"{PHOTOS}/{UUID(int=7)}/nothing", "//health", "/health/%00"]
)
async def test_an_unknown_path_and_a_malformed_id_are_not_found(as_ada: httpx.AsyncClient, path: str) -> None:
    assert problem(await as_ada.get(path))[0] == 404


async def test_another_method_is_not_allowed_and_the_allowed_ones_are_told(as_ada: httpx.AsyncClient) -> None:
    answer = await as_ada.put(ME)

    assert problem(answer) == (405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "PATCH", "DELETE"}


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "Bearer psk_",
        "Bearer psk_x",
        "Bearer eyJ.eyJ.x",
        "Bearer \xff",
        "Bearer é",
    ],
)
async def test_without_a_good_token_nobody_is_signed_in(http: httpx.AsyncClient, header: str) -> None:
    answer = await http.get(ME, headers={b"authorization": header.encode("latin-1")})

    assert problem(answer) == (401, "invalid-token")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_token_in_the_query_is_no_token(world: World, ada: User) -> None:
    answer = await world.http.get(ME, params={"access_token": await world.token(ada)})

    assert problem(answer) == (401, "invalid-token")


async def test_too_many_tries_are_told_when_to_come_back() -> None:
    async with world_of(FakeStore(policy=a_policy(sign_ins_per_address=1))) as world:
        body = {"email": "nobody@example.test", "password": PASSWORD}
        first = await world.http.post("/api/v1/auth/login", json=body)
        second = await world.http.post("/api/v1/auth/login", json=body)

    assert problem(second) == (429, "too-many-sign-ins")
    assert second.headers["retry-after"] == "600"
    assert first.headers["ratelimit"] == second.headers["ratelimit"] == '"default";r=0;t=600'
    assert first.headers["ratelimit-policy"] == second.headers["ratelimit-policy"] == '"default";q=1;w=600'


async def test_while_the_database_is_down_requests_are_told_to_come_back(
    world: World, as_ada: httpx.AsyncClient
) -> None:
    world.store.unavailable = True

    answer = await as_ada.get(ME)

    assert problem(answer) == (503, "unavailable")
    assert answer.headers["retry-after"] == "5"


@pytest.mark.parametrize("call", ["open", "put"])
async def test_so_they_are_while_the_blob_store_is_down(
    world: World, ada: User, as_ada: httpx.AsyncClient, call: str
) -> None:
    photo = await stored(world.container, a_photo(owner_id=ada.id))
    world.store.blobs.failing = {call}

    reading = call == "open"
    answer = (
        await as_ada.get(f"{PHOTOS}/{photo.id}/file")
        if reading
        else await as_ada.post(PHOTOS, files={"file": ("a.jpg", a_picture())})
    )

    assert problem(answer) == (503, "blob-store-unavailable")
    assert answer.headers["retry-after"] == "5"


async def test_a_fault_of_ours_tells_nothing_of_the_inside(world: World, as_ada: httpx.AsyncClient) -> None:
    world.store.clock.now = None  # type: ignore[assignment,method-assign]

    answer = await as_ada.get(ME)

    assert problem(answer) == (500, "internal")
    assert answer.json()["detail"] == answer.json()["title"] == "Something went wrong inside the service."


async def test_past_the_quota_the_figures_are_told() -> None:
    async with world_of(FakeStore(quota_bytes=100)) as world:
        http = await world.as_user(await world.user())
        answer = await http.post(PHOTOS, files={"file": ("a.jpg", a_picture())})

    told = answer.json()
    assert problem(answer) == (507, "quota-exceeded")
    assert (told["requested"] > 100, told["used"], told["reserved"], told["quota"]) == (True, 0, 0, 100)


async def test_a_file_over_the_limit_is_too_large() -> None:
    async with world_of(FakeStore(limits=upload_limits(max_bytes=1000))) as world:
        http = await world.as_user(await world.user())
        answer = await http.post(PHOTOS, files={"file": ("a.jpg", a_picture(byte_size=1001))})

    assert problem(answer) == (413, "upload-too-large")


async def test_a_stale_if_match_fails(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    photo = await stored(world.container, a_photo(owner_id=ada.id))

    answer = await as_ada.patch(f"{PHOTOS}/{photo.id}", json={"title": "x"}, headers={"if-match": '"9"'})

    assert problem(answer) == (412, "precondition-failed")


async def test_a_range_of_no_byte_cannot_be_satisfied(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    photo = await stored(world.container, a_photo(owner_id=ada.id))

    answer = await as_ada.get(f"{PHOTOS}/{photo.id}/file", headers={"range": "bytes=1000-"})

    assert problem(answer) == (416, "range-not-satisfiable")
    assert answer.headers["content-range"] == "bytes */1000"


async def test_every_type_of_problem_leads_to_what_it_means(http: httpx.AsyncClient) -> None:
    listed = (await http.get("/problems")).json()

    told = [(await http.get(each["type"])).json() for each in listed]

    assert told == listed
    assert {"type": "/problems/quota-exceeded", "title": "The quota is used up.", "status": 507} in listed
    assert problem(await http.get("/problems/none")) == (404, "not-found")


async def test_addresses_of_one_ipv6_network_are_counted_together() -> None:
    async with world_of(FakeStore(policy=a_policy(sign_ins_per_address=1))) as world:
        body = {"email": "nobody@example.test", "password": PASSWORD}
        statuses = []
        for address in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"):
            app: Any = world.app
            transport = httpx.ASGITransport(app, client=(address, 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://photos.test") as http:
                statuses.append((await http.post("/api/v1/auth/login", json=body)).status_code)

    assert statuses == [401, 429, 401]
