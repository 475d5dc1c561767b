"""What holds for every call: paths, JSON, ids of requests, headers, HEAD, compression."""

import gzip
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from photostore.user.user import User
from tests.builders import a_photo
from tests.fakes.store import FakeStore
from tests.http.world import API, World, world_of
from tests.http_settings import http_settings
from tests.using import stored

ME, PHOTOS, HASHTAGS = "/api/v1/auth/me", "/api/v1/photos", "/api/v1/hashtags"
SECURITY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


async def test_a_trailing_slash_means_nothing(as_ada: httpx.AsyncClient) -> None:
    bare, slashed = await as_ada.get(ME), await as_ada.get(f"{ME}/")

    assert (slashed.status_code, slashed.json()) == (200, bare.json())


async def test_times_are_utc_with_a_z_and_nothing_is_left_out_for_being_null(world: World) -> None:
    http = await world.as_user(await world.user(display_name=None))

    told = (await http.get(ME)).json()

    assert told["created_at"] == "2026-06-01T12:00:00Z"
    assert told["display_name"] is None
    assert set(told) == {"id", "email", "display_name", "is_admin", "created_at"}


@pytest.mark.parametrize("sent", ["abc-123", "4bf92f35/77b34da6:a=3_x.y+z", "x" * 128])
async def test_the_id_of_a_request_comes_back_as_it_was_sent(http: httpx.AsyncClient, sent: str) -> None:
    answer = await http.get("/api/v1/nothing", headers={"x-request-id": sent})

    assert answer.headers["x-request-id"] == answer.json()["request_id"] == sent


@pytest.mark.parametrize("sent", ["", "x" * 129, "two words", 'a"b', "naïve", "a\tb"])
async def test_an_unfit_id_of_a_request_is_replaced(http: httpx.AsyncClient, sent: str) -> None:
    answer = await http.get("/health", headers={b"x-request-id": sent.encode("latin-1")})

    assert UUID(answer.headers["x-request-id"]).version == 4


@pytest.mark.parametrize("path", ["/health", ME, "/api/v1/nothing", "/openapi.json"])
async def test_every_answer_has_the_security_headers(http: httpx.AsyncClient, path: str) -> None:
    headers = (await http.get(path)).headers

    assert {name: headers.get(name) for name in SECURITY} == SECURITY
    assert "strict-transport-security" not in headers


async def test_behind_https_browsers_are_told_to_stay_there(store: FakeStore) -> None:
    async with world_of(store, settings=http_settings(base_url="https://photos.test")) as world:
        answer = await world.http.get("/health")

    assert answer.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize("path", ["/health", ME, PHOTOS, "/docs", "/api/v1/nothing"])
async def test_head_is_get_without_the_body(as_ada: httpx.AsyncClient, path: str) -> None:
    same = {"x-request-id": "one"}
    full, head = await as_ada.get(path, headers=same), await as_ada.head(path, headers=same)

    assert (head.status_code, head.content) == (full.status_code, b"")
    assert head.headers == full.headers


@pytest.mark.parametrize("path", [f"{PHOTOS}?lmit=1", f"{ME}?limit=1", f"{HASHTAGS}?q=a", "/health?deep=1"])
async def test_an_unknown_query_parameter_is_refused_by_its_name(as_ada: httpx.AsyncClient, path: str) -> None:
    answer = await as_ada.get(path)

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-parameter")
    assert answer.json()["errors"][0]["field"] == path.partition("?")[2].partition("=")[0]


@pytest.mark.parametrize("path", ["webhooks/{}/deliveries?webhook_id=", "albums/{}/photos?album_id="])
async def test_what_stands_in_the_path_is_no_query_parameter_too(as_ada: httpx.AsyncClient, path: str) -> None:
    answer = await as_ada.get(f"{API}/{path.format(uuid4())}{uuid4()}")

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-parameter")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=",
        "limit=ten",
        "limit=1.5",
        "limit=1e1",
        f"limit={'9' * 400}",
        "favorite=maybe",
        "status=done",
        "sort=title",
        "taken_after=yesterday",
        "taken_before=2026-13-01T00:00:00Z",
        "hashtag=two%20words",
        "hashtag=ok&hashtag=%23",
    ],
)
async def test_a_bad_parameter_is_refused_by_its_name(as_ada: httpx.AsyncClient, query: str) -> None:
    answer = await as_ada.get(f"{PHOTOS}?{query}")

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-parameter")
    assert {each["field"] for each in answer.json()["errors"]} == {query.partition("=")[0]}


@pytest.mark.parametrize(
    "cursor", ["", "x", "AA", "bnVsbA", "WzFd", "%ff%fe", "e30", "WyJjcmVhdGVkX2F0Iiwibm9uZSIsbnVsbF0"]
)
async def test_a_bad_cursor_is_refused(as_ada: httpx.AsyncClient, cursor: str) -> None:
    answer = await as_ada.get(f"{PHOTOS}?cursor={cursor}")

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-cursor")


async def test_a_page_leads_to_the_next_with_the_same_query(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    photos = [await stored(world.container, a_photo(owner_id=ada.id, title="a b")) for _ in range(3)]

    first = await as_ada.get(PHOTOS, params={"limit": 2, "q": "a b"})
    link = first.headers["link"]
    second = await as_ada.get(link.partition(">")[0].removeprefix("<"))

    assert link.endswith('>; rel="next"')
    assert first.json()["next_cursor"] in link
    assert [each["id"] for each in first.json()["items"] + second.json()["items"]] == [
        str(photo.id) for photo in reversed(photos)
    ]
    assert second.json()["next_cursor"] is None
    assert "link" not in second.headers


async def test_long_answers_are_compressed_for_those_who_can_read_that(as_ada: httpx.AsyncClient) -> None:
    async with as_ada.stream("GET", "/openapi.json", headers={"accept-encoding": "gzip"}) as answer:
        sent = b"".join([piece async for piece in answer.aiter_raw()])
    plain = await as_ada.get("/openapi.json", headers={"accept-encoding": "identity"})

    assert answer.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert gzip.decompress(sent) == plain.content
    assert len(sent) < len(plain.content) / 4


async def test_requests_are_counted_by_their_route_never_by_its_ids(world: World, as_ada: httpx.AsyncClient) -> None:
    await as_ada.get(f"{PHOTOS}/{UUID(int=7)}")
    await as_ada.get("/api/v1/nothing")

    assert world.requests.observed == [("GET", "/api/v1/photos/{photo_id}", 404), ("GET", "unknown", 404)]


async def test_pages_of_others_may_not_read_answers_unless_their_origin_is_allowed(http: httpx.AsyncClient) -> None:
    answer = await http.get("/health", headers={"origin": "https://app.example.test"})

    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(("origin", "allowed"), [("https://app.example.test", True), ("https://evil.test", False)])
async def test_an_allowed_origin_may_ask_and_read_what_it_needs(
    store: FakeStore, origin: str, *, allowed: bool
) -> None:
    settings = http_settings(cors_origins=("https://app.example.test",))
    wish = {
        "origin": origin,
        "access-control-request-method": "PATCH",
        "access-control-request-headers": "authorization, content-type, if-match",
    }

    async with world_of(store, settings=settings) as world:
        asked = await world.http.options(f"{PHOTOS}/{UUID(int=7)}", headers=wish)
        refused: Any = await world.http.get(ME, headers={"origin": origin})

    assert asked.is_success == allowed
    assert (asked.headers.get("access-control-allow-origin") == origin) == allowed
    assert (refused.headers.get("access-control-allow-origin") == origin) == allowed
    exposed = set(refused.headers["access-control-expose-headers"].lower().split(", "))
    assert {"content-disposition", "etag", "link", "x-request-id"} <= exposed
