"""Who may call what: every route that there is, for every kind of caller."""

from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

import httpx
import pytest
from litestar.routes import HTTPRoute

from photostore.shared.ids import WebhookId
from photostore.user.scopes import Scope
from photostore.user.user import User
from photostore.webhook.commands.ping_webhook import PingWebhook
from tests.albums import an_album
from tests.builders import PASSWORD, a_direct_upload, a_photo, a_session, a_share_link, a_tus_upload, an_api_key
from tests.fakes.store import FakeStore
from tests.http.world import World
from tests.using import stored, use
from tests.webhooks import a_webhook, deliver

# Everyone; any token; access tokens alone; administrators; whoever has a URL that was signed; else the scope of the token.
Need = Literal["nobody", "token", "access token", "administrator", "signed url"] | Scope
READ, WRITE = Scope.PHOTOS_READ, Scope.PHOTOS_WRITE
READ_SHARES, WRITE_SHARES = Scope.SHARES_READ, Scope.SHARES_WRITE
ALBUMS_READ, ALBUMS_WRITE = Scope.ALBUMS_READ, Scope.ALBUMS_WRITE


@dataclass(frozen=True)
class Call:
    """What those who may call get: `status`. `owned` are calls of something that has an owner."""

    route: str
    need: Need
    status: int = 200
    json: Any = None
    files: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_owned(self) -> bool:
        return "_id}" in self.route

    def __str__(self) -> str:
        return self.route


AN_ALBUM = "/api/v1/albums/{album_id}"
A_PHOTO = "/api/v1/photos/{photo_id}"
A_LINK = "/api/v1/share-links/{link_id}"
A_SHARE = "/api/v1/public/{token}"
A_PAGE = "/s/{token}"
A_WEBHOOK = "/api/v1/webhooks/{webhook_id}"
AN_UPLOAD = "/api/v1/uploads/{upload_id}"
AT_UPPY = "/api/v1/uploads/uppy/{upload_id}"
A_TUS_UPLOAD = "/api/v1/uploads/tus/{upload_id}"
TUS = {"Tus-Resumable": "1.0.0"}
A_PIECE = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
A_FILE = {"filename": "a.jpg", "content_type": "image/jpeg", "byte_size": 1000}
A_LOGIN = {"email": "ada@example.test", "password": PASSWORD}
SOME_PHOTOS = {"photo_ids": [str(UUID(int=7))]}
CALLS = [
    Call("GET /health", "nobody"),
    Call("GET /ping", "nobody"),
    Call("GET /healthz", "nobody"),
    Call("GET /version", "nobody"),
    Call("GET /metrics", "nobody"),
    Call("GET /docs", "nobody"),
    Call("GET /docs/assets/{version}/{name}", "nobody", 404),
    Call("GET /openapi.json", "nobody"),
    Call("GET /problems", "nobody"),
    Call("GET /problems/{name}", "nobody", 404),
    Call("GET /media/{key}", "signed url", 404),
    Call("GET /blobs/{key}", "signed url", 403),
    Call("PUT /blobs/{key}", "signed url", 403),
    Call("POST /api/v1/auth/register", "nobody", 201, {"email": "new@example.test", "password": PASSWORD}),
    Call("POST /api/v1/auth/login", "nobody", 200, A_LOGIN),
    Call("GET /api/v1/auth/login", "nobody", 302),
    Call("GET /api/v1/auth/callback", "nobody", 400),
    Call("POST /api/v1/auth/refresh", "nobody", 401, {"refresh_token": "psr_none"}),
    Call("POST /api/v1/auth/logout", "access token", 204),
    Call("GET /api/v1/auth/me", "token"),
    Call("PATCH /api/v1/auth/me", "access token", 200, {"display_name": "Countess"}),
    Call("DELETE /api/v1/auth/me", "access token", 204),
    Call("GET /api/v1/auth/sessions", "access token"),
    Call("DELETE /api/v1/auth/sessions/{session_id}", "access token", 204),
    Call("POST /api/v1/auth/sessions/revoke-others", "access token"),
    Call("POST /api/v1/auth/api-keys", "access token", 201, {"name": "key", "scopes": ["photos:read"]}),
    Call("GET /api/v1/auth/api-keys", "access token"),
    Call("DELETE /api/v1/auth/api-keys/{key_id}", "access token", 204),
    Call("POST /api/v1/photos", WRITE, 415, files={"file": ("x.txt", b"no picture")}),
    Call("GET /api/v1/photos", READ),
    Call("POST /api/v1/photos/trash", WRITE, 200, SOME_PHOTOS),
    Call("POST /api/v1/photos/restore", WRITE, 200, SOME_PHOTOS),
    Call("POST /api/v1/photos/delete", WRITE, 200, SOME_PHOTOS),
    Call("POST /api/v1/photos/lookup", READ, 200, {"sha256": ["ab" * 32]}),
    Call("POST /api/v1/photos/info", READ, 200, SOME_PHOTOS),
    Call("POST /api/v1/photos/archive", READ, 422, SOME_PHOTOS),
    Call("DELETE /api/v1/trash", WRITE, 204),
    Call("GET /api/v1/storage", READ),
    Call("GET /api/v1/photos/duplicates", READ),
    Call(f"GET {A_PHOTO}/duplicates", READ),
    Call(f"GET {A_PHOTO}", READ),
    Call(f"PATCH {A_PHOTO}", WRITE, 200, {"title": "Sunset"}),
    Call(f"DELETE {A_PHOTO}", WRITE, 204),
    Call(f"GET {A_PHOTO}/file", READ),
    Call(f"GET {A_PHOTO}/exposure", "access token"),
    Call(f"GET {A_PHOTO}/download", READ, 307),
    Call(f"GET {A_PHOTO}/renditions/{{name}}", READ, 409),
    Call(f"GET {A_PHOTO}/image?width=100", READ, 409),
    Call(f"PUT {A_PHOTO}/hashtags/{{name}}", WRITE, 204),
    Call(f"DELETE {A_PHOTO}/hashtags/{{name}}", WRITE, 204),
    Call("POST /api/v1/uploads", WRITE, 201, A_FILE),
    Call("POST /api/v1/uploads/batch", WRITE, 201, {"uploads": [A_FILE]}),
    Call("GET /api/v1/uploads", WRITE),
    Call(f"GET {AN_UPLOAD}", WRITE),
    Call(f"POST {AN_UPLOAD}/complete", WRITE, 409),
    Call(f"DELETE {AN_UPLOAD}", WRITE, 204),
    Call(f"POST {AT_UPPY}/begin", WRITE),
    Call(f"GET {AT_UPPY}", WRITE),
    Call(f"GET {AT_UPPY}/parts/{{number}}", WRITE),
    Call(f"POST {AT_UPPY}", WRITE, 409),
    Call(f"DELETE {AT_UPPY}", WRITE, 204),
    Call("POST /api/v1/uploads/tus", WRITE, 201, headers={**TUS, "Upload-Length": "1000"}),
    Call(f"GET {A_TUS_UPLOAD}", WRITE, headers=TUS),
    Call(f"PATCH {A_TUS_UPLOAD}", WRITE, 204, headers=A_PIECE),
    Call(f"DELETE {A_TUS_UPLOAD}", WRITE, 204, headers=TUS),
    Call("POST /api/v1/share-links", WRITE_SHARES, 422, SOME_PHOTOS),
    Call("GET /api/v1/share-links", READ_SHARES),
    Call(f"GET {A_LINK}", READ_SHARES),
    Call(f"PATCH {A_LINK}", WRITE_SHARES, 200, {"name": "For you"}),
    Call(f"DELETE {A_LINK}", WRITE_SHARES, 204),
    Call(f"GET {A_LINK}/stats", READ_SHARES),
    Call(f"GET {A_SHARE}", "nobody", 404),
    Call(f"POST {A_SHARE}/unlock", "nobody", 404, {"password": PASSWORD}),
    Call(f"GET {A_SHARE}/photos", "nobody", 404),
    Call(f"GET {A_SHARE}/archive", "nobody", 404),
    Call(f"GET {A_SHARE}/photos/{{photo_id}}", "nobody", 404),
    Call(f"GET {A_SHARE}/photos/{{photo_id}}/file", "nobody", 404),
    Call(f"GET {A_SHARE}/photos/{{photo_id}}/renditions/{{name}}", "nobody", 404),
    Call(f"GET {A_PAGE}", "nobody", 404),
    Call(f"GET {A_PAGE}/photos", "nobody", 404),
    Call(f"GET {A_PAGE}/photos/{{photo_id}}", "nobody", 404),
    Call(f"POST {A_PAGE}/unlock", "nobody", 400),
    Call(f"GET {A_PAGE}/archive", "nobody", 404),
    Call(f"POST {A_PAGE}/archive", "nobody", 404),
    Call("GET /gallery/assets/{version}/{name}", "nobody", 404),
    Call(f"GET {A_LINK}/submissions", READ_SHARES),
    Call(f"POST {A_LINK}/submissions/{{photo_id}}/approve", WRITE_SHARES, 404),
    Call(f"POST {A_LINK}/submissions/{{photo_id}}/reject", WRITE_SHARES, 404),
    Call(f"GET {A_LINK}/selection", READ_SHARES),
    Call(f"DELETE {A_LINK}/selection", WRITE_SHARES, 204),
    Call(f"POST {A_SHARE}/photos", "nobody", 404, files={"file": ("x.txt", b"no picture")}),
    Call(f"POST {A_SHARE}/uploads", "nobody", 404, A_FILE),
    Call(f"GET {A_SHARE}/uploads/{{upload_id}}", "nobody", 404),
    Call(f"POST {A_SHARE}/uploads/{{upload_id}}/complete", "nobody", 404),
    Call(f"DELETE {A_SHARE}/uploads/{{upload_id}}", "nobody", 404),
    Call(f"GET {A_SHARE}/selection", "nobody", 404),
    Call(f"PUT {A_SHARE}/selection/{{photo_id}}", "nobody", 404, {"favorite": True}),
    Call(f"DELETE {A_SHARE}/selection/{{photo_id}}", "nobody", 404),
    Call(f"POST {A_SHARE}/selection/submit", "nobody", 404, {}),
    Call("GET /api/v1/changes", READ),
    Call("POST /api/v1/webhooks", "access token", 201, {"url": "https://hooks.example.org/"}),
    Call("GET /api/v1/webhooks", "access token"),
    Call(f"GET {A_WEBHOOK}", "access token"),
    Call(f"PATCH {A_WEBHOOK}", "access token", 200, {"description": "Backup"}),
    Call(f"DELETE {A_WEBHOOK}", "access token", 204),
    Call(f"POST {A_WEBHOOK}/rotate-secret", "access token", 200, {}),
    Call(f"POST {A_WEBHOOK}/ping", "access token", 202),
    Call(f"GET {A_WEBHOOK}/deliveries", "access token"),
    Call(f"GET {A_WEBHOOK}/deliveries/{{delivery_id}}", "access token"),
    Call(f"POST {A_WEBHOOK}/deliveries/{{delivery_id}}/replay", "access token", 202),
    Call("GET /api/v1/events", READ, 400, headers={"Last-Event-ID": "none"}),
    Call("POST /api/v1/albums", ALBUMS_WRITE, 201, {"name": "Holiday"}),
    Call("GET /api/v1/albums", ALBUMS_READ),
    Call(f"GET {AN_ALBUM}/archive", ALBUMS_READ),
    Call(f"GET {AN_ALBUM}", ALBUMS_READ),
    Call(f"PATCH {AN_ALBUM}", ALBUMS_WRITE, 200, {"name": "Holiday"}),
    Call(f"DELETE {AN_ALBUM}", ALBUMS_WRITE, 204),
    Call(f"GET {AN_ALBUM}/photos", ALBUMS_READ),
    Call(f"PUT {AN_ALBUM}/photos", ALBUMS_WRITE, 422, SOME_PHOTOS),
    Call(f"DELETE {AN_ALBUM}/photos/{{photo_id}}", ALBUMS_WRITE, 204),
    Call(f"POST {AN_ALBUM}/photos/remove", ALBUMS_WRITE, 200, SOME_PHOTOS),
    Call(f"POST {AN_ALBUM}/order", ALBUMS_WRITE, 422, SOME_PHOTOS),
    Call(f"GET {AN_ALBUM}/members", ALBUMS_READ),
    Call(f"PUT {AN_ALBUM}/members/{{user}}", ALBUMS_WRITE, 404, {"role": "viewer"}),
    Call(f"DELETE {AN_ALBUM}/members/{{user}}", ALBUMS_WRITE, 204),
    Call("GET /api/v1/admin/users", "administrator"),
    Call("GET /api/v1/admin/users/{user}", "administrator", 404),
    Call("PATCH /api/v1/admin/users/{user}", "administrator", 404, {"quota_bytes": 10}),
    Call("GET /api/v1/admin/storage", "administrator"),
    Call("GET /api/v1/admin/jobs", "administrator"),
    Call("POST /api/v1/admin/jobs/{job}/retry", "administrator", 404),
    Call("POST /api/v1/admin/jobs/{job}/discard", "administrator", 404),
    Call("GET /api/v1/admin/audit", "administrator"),
    Call("POST /api/v1/hashtags", WRITE, 201, {"name": "sunset"}),
    Call("GET /api/v1/hashtags", "nobody"),
    Call("GET /api/v1/hashtags/search?q=sun", "nobody"),
]
RESTRICTED = [call for call in CALLS if call.need not in ("nobody", "signed url")]
OF_ADMINISTRATORS = [call for call in RESTRICTED if call.need == "administrator"]
OF_OWNERS = [call for call in RESTRICTED if call.need != "administrator"]
SCOPED = [call for call in RESTRICTED if isinstance(call.need, Scope)]


@pytest.fixture
async def ids(world: World, ada: User, store: FakeStore) -> dict[str, str]:
    """What the paths can name: each thing belongs to Ada."""
    photo = await stored(world.container, a_photo(owner_id=ada.id))
    store.blobs.blobs[photo.blob_key] = bytes(photo.byte_size)
    key = await stored(world.container, an_api_key(user_id=ada.id))
    session = await stored(world.container, a_session(user_id=ada.id))
    upload = a_direct_upload(owner_id=ada.id)
    upload.multipart_id = await store.blobs.start(upload.blob_key)
    await stored(world.container, upload)
    named: dict[str, UUID] = {"photo_id": photo.id, "key_id": key.id, "session_id": session.id, "upload_id": upload.id}
    named["tus_upload_id"] = (await stored(world.container, a_tus_upload(owner_id=ada.id))).id
    named["album_id"] = await an_album(world.container, ada.id)
    named["link_id"] = (await stored(world.container, a_share_link(owner_id=ada.id, photo_ids=[photo.id]))).id
    _, named["webhook_id"] = await a_webhook(world.container, ada.id)
    ping = use(world.container, PingWebhook)
    named["delivery_id"] = await ping(actor=ada.id, webhook_id=WebhookId(named["webhook_id"]))
    await deliver(world.container, ada.id, WebhookId(named["webhook_id"]))
    others = {
        "user": str(UUID(int=8)),
        "token": "none",
        "name": "thumb",
        "version": "none",
        "key": "a/b",
        "number": "1",
        "job": "1",
    }
    return {name: str(each) for name, each in named.items()} | others


async def ask(http: httpx.AsyncClient, call: Call, ids: dict[str, str]) -> httpx.Response:
    method, _, path = call.route.partition(" ")
    path = path.replace("tus/{upload_id}", "tus/{tus_upload_id}").format(**ids)
    return await http.request(method, path, json=call.json, files=call.files or None, headers=call.headers)


def kind_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"]


def test_every_route_has_its_line_here(world: World) -> None:
    routes = {
        f"{method} {route.path_format}"
        for route in world.litestar.routes
        if isinstance(route, HTTPRoute)
        for method in route.methods
        if method != "OPTIONS"
    }

    assert {call.route.partition("?")[0] for call in CALLS} == routes


@pytest.mark.parametrize("call", RESTRICTED, ids=str)
async def test_nobody_is_asked_for_a_token(world: World, ids: dict[str, str], call: Call) -> None:
    answer = await ask(world.http, call, ids)

    assert kind_of(answer) == (401, "/problems/invalid-token")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("call", [call for call in CALLS if call not in RESTRICTED], ids=str)
async def test_what_is_open_needs_no_token(world: World, ids: dict[str, str], call: Call) -> None:
    answer = await ask(world.http, call, ids)

    assert answer.status_code == call.status, answer.text


@pytest.mark.parametrize("call", OF_OWNERS, ids=str)
async def test_the_signed_in_owner_may(world: World, ada: User, ids: dict[str, str], call: Call) -> None:
    answer = await ask(await world.as_user(ada), call, ids)

    assert answer.status_code == call.status, answer.text


@pytest.mark.parametrize("call", [call for call in RESTRICTED if call.is_owned], ids=str)
async def test_someone_else_gets_what_the_absent_would_get(world: World, ids: dict[str, str], call: Call) -> None:
    someone_else = await world.as_user(await world.user())

    theirs = await ask(someone_else, call, ids)
    absent = await ask(
        someone_else,
        call,
        {**ids, **dict.fromkeys(ids, str(UUID(int=7))), "name": "tagged", "number": "1", "user": ids["user"]},
    )

    def told(answer: httpx.Response) -> dict[str, Any]:
        said = answer.json()
        return {**said, "detail": None, "instance": None, "request_id": None}

    assert theirs.status_code == 404
    assert told(theirs) == told(absent)


@pytest.mark.parametrize("call", SCOPED, ids=str)
async def test_a_key_with_every_other_scope_may_not(world: World, ada: User, ids: dict[str, str], call: Call) -> None:
    key = await world.with_key(ada.id, *(scope for scope in Scope if scope != call.need))

    answer = await ask(key, call, ids)

    assert kind_of(answer) == (403, "/problems/forbidden")


@pytest.mark.parametrize("call", SCOPED, ids=str)
async def test_a_key_with_the_scope_alone_may(world: World, ada: User, ids: dict[str, str], call: Call) -> None:
    assert isinstance(call.need, Scope)

    answer = await ask(await world.with_key(ada.id, call.need), call, ids)

    assert answer.status_code == call.status, answer.text


@pytest.mark.parametrize("call", [call for call in CALLS if call.need == "access token"], ids=str)
async def test_no_key_manages_credentials(world: World, ada: User, ids: dict[str, str], call: Call) -> None:
    answer = await ask(await world.with_key(ada.id, *Scope), call, ids)

    assert kind_of(answer) == (403, "/problems/forbidden")


@pytest.mark.parametrize("call", OF_ADMINISTRATORS, ids=str)
async def test_administrators_alone_may(world: World, ada: User, ids: dict[str, str], call: Call) -> None:
    someone, admin = await world.as_user(ada), await world.as_user(await world.user(is_admin=True))

    assert kind_of(await ask(someone, call, ids)) == (403, "/problems/forbidden")
    assert (await ask(admin, call, ids)).status_code == call.status


@pytest.mark.parametrize("call", OF_ADMINISTRATORS, ids=str)
async def test_a_key_must_be_an_administrators_and_hold_the_scope(
    world: World, ada: User, ids: dict[str, str], call: Call
) -> None:
    admin = await world.user(is_admin=True)
    no_admins = await world.with_key(ada.id, *Scope)
    without_scope = await world.with_key(admin.id, *(scope for scope in Scope if scope is not Scope.ADMIN))

    assert kind_of(await ask(no_admins, call, ids)) == (403, "/problems/forbidden")
    assert kind_of(await ask(without_scope, call, ids)) == (403, "/problems/forbidden")
    assert (await ask(await world.with_key(admin.id, Scope.ADMIN), call, ids)).status_code == call.status


@pytest.mark.parametrize("call", [call for call in CALLS if call.need == "token"], ids=str)
async def test_any_key_is_a_token(world: World, ada: User, ids: dict[str, str], call: Call) -> None:
    answer = await ask(await world.with_key(ada.id, Scope.SHARES_READ), call, ids)

    assert answer.status_code == call.status
