"""POSTs that are sent again under one `Idempotency-Key`."""

import asyncio
from typing import Any

import httpx
import pytest
from litestar.routes import HTTPRoute

from photostore.shared.idempotency import LEASE, LIFETIME
from photostore.user.scopes import Scope
from photostore.user.user import User
from photostore_http.body_print import RunningPrint
from photostore_http.idempotency import Idempotent
from photostore_http.key_claim import renewing
from photostore_http.routing import GuardedRoute
from tests.builders import PASSWORD, a_direct_upload, a_picture
from tests.fakes.store import FakeStore
from tests.http.forms import BOUNDARY, END, FORM, field_part, file_part, in_pieces, send_raw
from tests.http.world import World, client_of, world_of
from tests.http_settings import http_settings
from tests.using import stored
from tests.waiting import eventually

KEY = {"idempotency-key": "one"}
HASHTAGS = "/api/v1/hashtags"
PHOTOS = "/api/v1/photos"
API_KEYS = "/api/v1/auth/api-keys"


def told(answer: httpx.Response) -> tuple[int, bytes, str | None, str | None, str | None]:
    headers = answer.headers
    return answer.status_code, answer.content, headers.get("content-type"), headers.get("location"), headers.get("etag")


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"]


async def make(http: httpx.AsyncClient, name: str = "sunset", **headers: str) -> httpx.Response:
    return await http.post(HASHTAGS, json={"name": name}, headers=KEY | headers)


async def upload(
    http: httpx.AsyncClient, content: bytes, *, boundary: str = BOUNDARY, pieces: int = 1 << 20, **fields: str
) -> httpx.Response:
    body = b"".join(field_part(name, value.encode()) for name, value in fields.items()) + file_part(content) + END
    body = body.replace(BOUNDARY.encode(), boundary.encode())
    headers = {**KEY, "content-type": FORM.replace(BOUNDARY, boundary)}
    return await http.post(PHOTOS, content=in_pieces(body, pieces), headers=headers)


async def test_the_same_request_again_is_told_the_first_answer(as_ada: httpx.AsyncClient, store: FakeStore) -> None:
    first = await make(as_ada)
    again = await make(as_ada)

    assert first.status_code == 201
    assert "idempotency-replayed" not in first.headers
    assert told(again) == told(first)
    assert again.headers["idempotency-replayed"] == "true"
    assert len(store.hashtags.rows) == 1


async def test_a_trailing_slash_does_not_make_it_another_request(as_ada: httpx.AsyncClient) -> None:
    first = await make(as_ada)

    again = await as_ada.post(f"{HASHTAGS}/", json={"name": "sunset"}, headers=KEY)

    assert told(again) == told(first)
    assert again.headers["idempotency-replayed"] == "true"


async def test_without_a_key_it_is_another_request(as_ada: httpx.AsyncClient) -> None:
    await make(as_ada)

    again = await as_ada.post(HASHTAGS, json={"name": "sunset"})

    assert refusal(again) == (409, "/problems/hashtag-exists")


async def test_a_refusal_is_told_again_too(as_ada: httpx.AsyncClient) -> None:
    await as_ada.post(HASHTAGS, json={"name": "sunset"})
    first = await make(as_ada)

    again = await make(as_ada)

    assert refusal(first) == (409, "/problems/hashtag-exists")
    assert told(again) == told(first)
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize(("path", "body"), [(HASHTAGS, {"name": "another"}), (f"{HASHTAGS}?x=1", {"name": "sunset"})])
async def test_another_request_under_the_key_is_refused(as_ada: httpx.AsyncClient, path: str, body: Any) -> None:
    await make(as_ada)

    another = await as_ada.post(path, json=body, headers=KEY)

    assert refusal(another) == (422, "/problems/idempotency-key-reused")


async def test_another_users_key_is_another(world: World, as_ada: httpx.AsyncClient) -> None:
    await make(as_ada, "sunset")

    theirs = await make(await world.as_user(await world.user()), "sunrise")

    assert (theirs.status_code, theirs.json()["name"]) == (201, "sunrise")


async def test_after_a_day_the_key_is_a_new_one(world: World, ada: User, store: FakeStore) -> None:
    await make(await world.as_user(ada))
    store.clock.advance(seconds=LIFETIME.total_seconds())

    again = await make(await world.as_user(ada), "another")

    assert again.status_code == 201


@pytest.mark.parametrize("key", ["", "two words", "k" * 256, "schlüssel".encode().decode("latin-1")])
async def test_what_is_no_key_is_refused(as_ada: httpx.AsyncClient, key: str) -> None:
    headers = {b"idempotency-key": key.encode("latin-1")}

    answer = await as_ada.post(HASHTAGS, json={"name": "sunset"}, headers=headers)

    assert refusal(answer) == (400, "/problems/idempotency-key-invalid")


async def test_while_the_first_runs_the_second_is_told_to_wait(world: World, as_ada: httpx.AsyncClient) -> None:
    gate = asyncio.Event()

    async def slowly() -> Any:
        yield file_part(a_picture())
        await gate.wait()
        yield END

    first = asyncio.create_task(as_ada.post(PHOTOS, content=slowly(), headers=KEY | {"content-type": FORM}))
    await eventually(lambda: bool(world.store.idempotency_keys))
    second = await upload(as_ada, a_picture())
    gate.set()

    assert refusal(second) == (409, "/problems/idempotency-key-in-use")
    assert second.headers["retry-after"] == "1"
    assert (await first).status_code == 201


@pytest.mark.parametrize("status", [401, 403])
async def test_what_depends_on_who_asks_is_not_kept(world: World, ada: User, status: int) -> None:
    nobody = world.http if status == 401 else await world.with_key(ada.id, Scope.SHARES_READ)

    assert (await make(nobody)).status_code == status
    assert (await make(await world.as_user(ada))).status_code == 201


async def test_a_fault_is_not_kept_and_has_changed_nothing(as_ada: httpx.AsyncClient, store: FakeStore) -> None:
    store.fail_after_commits(1)

    failed = await make(as_ada)
    changed = list(store.hashtags.rows)
    store.unavailable = False
    store.clock.advance(seconds=LEASE.total_seconds())
    again = await make(as_ada)

    assert failed.status_code == 503
    assert changed == []
    assert again.status_code == 201
    assert "idempotency-replayed" not in again.headers


async def test_that_another_completes_the_upload_is_not_kept(
    world: World, as_ada: httpx.AsyncClient, ada: User, store: FakeStore
) -> None:
    picture = a_picture("sea")
    upload = await stored(world.container, a_direct_upload(owner_id=ada.id, byte_size=len(picture)))
    store.blobs.blobs[upload.blob_key] = picture
    row = store.uploads.rows[upload.id]
    claim = row.begin_completing(now=store.clock.now())

    early = await as_ada.post(f"/api/v1/uploads/{upload.id}/complete", headers=KEY)
    row.stop_completing(claim=claim)
    again = await as_ada.post(f"/api/v1/uploads/{upload.id}/complete", headers=KEY)

    assert refusal(early) == (409, "/problems/upload-being-completed")
    assert again.status_code == 201


async def test_a_new_api_key_is_told_again_and_is_one(as_ada: httpx.AsyncClient, store: FakeStore) -> None:
    asked = {"name": "backup", "scopes": ["photos:read"]}

    first = await as_ada.post(API_KEYS, json=asked, headers=KEY)
    again = await as_ada.post(API_KEYS, json=asked, headers=KEY)

    assert again.json() == first.json()
    assert again.headers["cache-control"] == "no-store"
    assert len(store.api_keys.rows) == 1


async def test_a_photo_is_told_again_and_stored_once(as_ada: httpx.AsyncClient, world: World) -> None:
    first = await upload(as_ada, a_picture(), title="Sunset")
    uploads = len(world.store.uploads.rows)

    again = await upload(as_ada, a_picture(), title="Sunset", boundary="quite-another", pieces=7)

    assert first.status_code == 201
    assert told(again) == told(first)
    assert again.headers["idempotency-replayed"] == "true"
    assert (len(world.store.uploads.rows), len(world.store.photos.rows)) == (uploads, 1)
    assert world.requests.replays == [PHOTOS]
    assert [outcome for _, outcome, _ in world.requests.uploads] == ["created", "replayed"]


@pytest.mark.parametrize(
    "another",
    [
        {"content": a_picture("another"), "title": "Sunset"},
        {"content": a_picture("longer, and of another length"), "title": "Sunset"},
        {"content": a_picture(), "title": "Sunrise"},
        {"content": a_picture()},
    ],
    ids=["bytes", "length", "field", "no field"],
)
async def test_another_form_under_the_key_is_refused_and_stored_nowhere(
    as_ada: httpx.AsyncClient, store: FakeStore, another: Any
) -> None:
    await upload(as_ada, a_picture(), title="Sunset")

    refused = await upload(as_ada, **another)

    assert refusal(refused) == (422, "/problems/idempotency-key-reused")
    assert len(store.originals) == 1


async def test_a_form_that_was_refused_early_is_refused_again(as_ada: httpx.AsyncClient) -> None:
    first = await upload(as_ada, b"no picture" * 1000)

    again = await upload(as_ada, b"no picture" * 1000, pieces=11)
    another = await upload(as_ada, b"another" * 1000)

    assert refusal(first) == (415, "/problems/unsupported-image")
    assert told(again) == told(first)
    assert refusal(another) == (422, "/problems/idempotency-key-reused")


async def test_a_form_that_broke_off_can_be_sent_again(world: World, ada: User) -> None:
    content = [file_part(a_picture(byte_size=2000))[:1500]]
    token = await world.token(ada)
    status, _ = await send_raw(world.app, PHOTOS, token, content, length=None, then="disconnect", key="one")

    again = await upload(client_of(world.app, bearer=token), a_picture(byte_size=2000))

    assert (status, again.status_code) == (400, 201)


async def test_where_nobody_is_signed_in_a_key_means_nothing(http: httpx.AsyncClient, ada: User) -> None:
    asked = {"email": "ada@example.test", "password": PASSWORD}

    first = await http.post("/api/v1/auth/login", json=asked, headers=KEY)
    again = await http.post("/api/v1/auth/login", json=asked, headers=KEY)

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() != again.json()
    assert "idempotency-replayed" not in again.headers


async def test_every_answer_is_kept_plain_for_every_client() -> None:
    settings = http_settings(cors_origins=("https://app.example.test",))
    async with world_of(FakeStore(), settings=settings) as world:
        http = await world.as_user(await world.user())
        http.headers.update({"origin": "https://app.example.test", "accept-encoding": "gzip"})
        long = await upload(http, a_picture(), description="long" * 150)
        http.headers["accept-encoding"] = "identity"
        again = await upload(http, a_picture(), description="long" * 150)

    assert len(long.content) > 1024
    assert "content-encoding" not in long.headers
    assert again.content == long.content
    assert "Idempotency-Replayed" in again.headers["access-control-expose-headers"]


def test_every_post_takes_keys(world: World) -> None:
    posts = [
        route.route_handler_map["POST"][0]
        for route in world.litestar.routes
        if isinstance(route, HTTPRoute) and "POST" in route.methods
    ]

    assert posts
    assert all(isinstance(each, GuardedRoute) and Idempotent in each.resolve_middleware() for each in posts)


async def test_every_post_of_the_signed_in_documents_it(http: httpx.AsyncClient) -> None:
    document = (await http.get("/openapi.json")).json()
    posts = {path: item["post"] for path, item in document["paths"].items() if "post" in item}
    keyed = {path for path, post in posts.items() if "IdempotencyKey" in str(post.get("parameters"))}

    signing_in = {f"/api/v1/auth/{name}" for name in ("register", "login", "refresh")}
    assert set(posts) - keyed == {*signing_in, "/api/v1/public/{token}/unlock"}
    for path in keyed:
        responses = posts[path]["responses"]
        assert "/problems/idempotency-key-reused" in str(responses["422"])
        assert "/problems/idempotency-key-in-use" in str(responses["409"])
        assert "Retry-After" in responses["409"]["headers"]
        assert "/problems/idempotency-key-invalid" in str(responses["400"])
        assert "Idempotency-Replayed" in responses["409"]["headers"]
        assert "Idempotency-Replayed" not in responses["401"]["headers"]


async def test_a_claim_is_renewed_as_long_as_the_request_runs(world: World) -> None:
    renewed = asyncio.Event()

    class Keys:
        async def renew(self) -> None:
            renewed.set()

    keys: Any = Keys()
    task = asyncio.create_task(renewing(keys, every=0))
    await renewed.wait()
    task.cancel()


def test_a_print_knows_where_its_parts_end() -> None:
    def print_of(*parts: tuple[str, bytes]) -> Any:
        running = RunningPrint()
        for name, content in parts:
            running.begin(name, "")
            running.take(content)
            running.end()
        return running.so_far()

    assert print_of(("a", b"x"), ("b", b"")) != print_of(("a", b""), ("b", b"x"))
