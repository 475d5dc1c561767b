"""Webhooks as their owners make, watch and mend them."""

from datetime import timedelta
from typing import Any, get_args, get_type_hints
from uuid import UUID

import httpx
import msgspec
import pytest
from standardwebhooks import Webhook as Verifier

from photostore.album.queries import AlbumQueries
from photostore.event.queries import ChangeQueries
from photostore.hashtag.queries import HashtagVisibility
from photostore.photo.queries import PhotoQueries
from photostore.shared.ids import WebhookId
from photostore.user.user import User
from photostore.webhook.topics import EVENTS
from photostore_http.change_documents import AlbumChange, HashtagChange, PhotoChange, UploadChange
from photostore_http.webhook_payloads import DocumentPayloads, WebhookMessage, WebhookPing
from tests.albums import an_album
from tests.builders import a_direct_upload, a_photo, a_photo_id
from tests.fakes.system import NOW
from tests.http.test_problems import problem
from tests.http.world import API, World
from tests.using import get, stored
from tests.webhooks import URL, change, deliver

HOOKS = f"{API}/webhooks"
OWN_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw9hK1mVx0c3I="


async def make(http: httpx.AsyncClient, **told: Any) -> dict[str, Any]:
    made = await http.post(HOOKS, json={"url": URL, **told})
    assert made.status_code == 201, made.text
    webhook: dict[str, Any] = made.json()
    return webhook


async def deliveries(http: httpx.AsyncClient, webhook: dict[str, Any], **query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await http.get(f"{HOOKS}/{webhook['id']}/deliveries", params=query)).json()["items"]
    return items


async def run(world: World, user: User, webhook: dict[str, Any]) -> None:
    await deliver(world.container, user.id, WebhookId(UUID(webhook["id"])))


async def test_a_webhook_is_made_and_told_again_without_its_secret(as_ada: httpx.AsyncClient) -> None:
    made = await as_ada.post(HOOKS, json={"url": URL, "events": ["photo.*"], "description": "Backup"})
    told = await as_ada.get(made.headers["location"])
    listed = await as_ada.get(HOOKS)

    webhook = made.json()
    secret = webhook.pop("secret")
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    assert (secret[:6], len(secret)) == ("whsec_", 50)
    assert (webhook["url"], webhook["events"], webhook["description"]) == (URL, ["photo.*"], "Backup")
    assert [webhook[name] for name in ("disabled", "disabled_at", "disabled_reason", "failing_since")] == [
        False,
        *[None] * 3,
    ]
    assert told.json() == webhook
    assert told.headers["etag"] == made.headers["etag"]
    assert listed.json() == {"items": [webhook], "next_cursor": None}


async def test_no_secret_is_kept_as_it_is(world: World, as_ada: httpx.AsyncClient) -> None:
    webhook = await make(as_ada)

    [kept] = world.store.hooks.webhooks.rows.values()

    assert webhook["secret"] not in kept.sealed_secret


async def test_a_secret_of_one_s_own_signs(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    webhook = await make(as_ada, secret=OWN_SECRET)
    await change(world.container, ada.id, "sea")
    await run(world, ada, webhook)

    [message] = world.store.hooks.endpoints.sent
    signed = Verifier(OWN_SECRET).sign(message.headers["webhook-id"], NOW, message.body.decode())
    assert message.headers["webhook-signature"] == signed
    assert webhook["secret"] == OWN_SECRET


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"url": "http://hooks.example.test/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": ""}, "url"),
        ({"url": 1}, "url"),
        ({"events": []}, "events"),
        ({"events": ["photo.eaten"]}, "events"),
        ({"description": ""}, "description"),
        ({"description": "x" * 501}, "description"),
        ({"secret": "short"}, "secret"),
        ({"secret": "whsec_" + "A" * 100}, "secret"),
        ({"disabled": 1}, "disabled"),
        ({"surprise": True}, "surprise"),
    ],
)
async def test_what_does_not_validate_is_not_made(as_ada: httpx.AsyncClient, told: Any, field: str) -> None:
    answer = await as_ada.post(HOOKS, json={"url": URL, **told})

    assert problem(answer)[0] == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert (await as_ada.get(HOOKS)).json()["items"] == []


async def test_there_are_no_more_than_there_may_be(as_ada: httpx.AsyncClient) -> None:
    for _ in range(3):
        await make(as_ada)

    assert problem(await as_ada.post(HOOKS, json={"url": URL})) == (409, "too-many-webhooks")


async def test_a_repeated_request_makes_one_and_tells_its_secret_again(as_ada: httpx.AsyncClient) -> None:
    first, again = [await as_ada.post(HOOKS, json={"url": URL}, headers={"idempotency-key": "one"}) for _ in range(2)]

    assert first.json() == again.json()
    assert len((await as_ada.get(HOOKS)).json()["items"]) == 1


async def test_lists_are_paged(as_ada: httpx.AsyncClient) -> None:
    made = [(await make(as_ada))["id"] for _ in range(3)]

    first = (await as_ada.get(HOOKS, params={"limit": "2"})).json()
    rest = (await as_ada.get(HOOKS, params={"limit": "2", "cursor": first["next_cursor"]})).json()

    assert [each["id"] for each in first["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None


async def test_what_is_not_said_stays_and_a_stale_edit_is_refused(as_ada: httpx.AsyncClient) -> None:
    webhook = await make(as_ada, events=["photo.*"], description="Backup")
    at, tag = f"{HOOKS}/{webhook['id']}", '"1"'

    changed = await as_ada.patch(at, json={"events": None}, headers={"if-match": tag})
    stale = await as_ada.patch(at, json={"description": "late"}, headers={"if-match": tag})
    no_url = await as_ada.patch(at, json={"url": None})
    private = await as_ada.patch(at, json={"url": "https://10.0.0.1/"})
    unknown = await as_ada.patch(at, json={"events": ["x"]})

    assert changed.status_code == 200
    assert (changed.json()["events"], changed.json()["description"], changed.json()["version"]) == (None, "Backup", 2)
    assert problem(stale) == (412, "precondition-failed")
    assert [problem(each) for each in (no_url, private, unknown)] == [(422, "webhook-invalid")] * 3
    assert problem(await as_ada.delete(at, headers={"if-match": tag})) == (412, "precondition-failed")
    assert (await as_ada.delete(at, headers={"if-match": changed.headers["etag"]})).status_code == 204
    assert problem(await as_ada.get(at)) == (404, "webhook-not-found")


async def test_an_unchanged_one_is_not_told_again_until_something_was_delivered(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    webhook = await make(as_ada)
    at = f"{HOOKS}/{webhook['id']}"
    tag = {"if-none-match": (await as_ada.get(at)).headers["etag"]}

    unchanged = await as_ada.get(at, headers=tag)
    await change(world.container, ada.id, "sea")
    behind = await as_ada.get(at, headers=tag)
    await run(world, ada, webhook)
    told = await as_ada.get(at, headers=tag)

    assert unchanged.status_code == 304
    assert (behind.json()["pending_changes"], behind.json()["delivered_seq"]) == (1, 0)
    assert (told.json()["pending_changes"], told.json()["delivered_seq"], told.json()["version"]) == (0, 1, 1)


async def test_a_failing_one_says_so_and_is_mended(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    webhook = await make(as_ada)
    at = f"{HOOKS}/{webhook['id']}"
    await change(world.container, ada.id, "sea")
    world.store.hooks.endpoints.refuse(500, 410)
    await run(world, ada, webhook)
    failing = (await as_ada.get(at)).json()
    await as_ada.patch(at, json={"disabled": False})
    await run(world, ada, webhook)
    gone = (await as_ada.get(at)).json()
    await as_ada.patch(at, json={"disabled": False, "skip_missed": True})
    await run(world, ada, webhook)
    mended = (await as_ada.get(at)).json()

    assert failing["failing_since"] == "2026-06-01T12:00:00Z"
    assert failing["next_attempt_at"] > failing["failing_since"]
    assert (gone["disabled"], gone["disabled_reason"], gone["disabled_at"]) == (True, "gone", "2026-06-01T12:00:00Z")
    assert (mended["disabled"], mended["disabled_reason"], mended["pending_changes"]) == (False, None, 0)
    assert len(world.store.hooks.endpoints.sent) == 2
    log = await deliveries(as_ada, webhook)
    assert [(each["status"], each["response_status"], each["error"]) for each in log] == [
        ("failed", 410, "status"),
        ("failed", 500, "status"),
    ]
    assert await deliveries(as_ada, webhook, status="delivered") == []
    assert problem(await as_ada.get(f"{at}/deliveries", params={"status": "eaten"})) == (400, "bad-parameter")


async def test_a_rotated_secret_is_shown_once_and_the_one_before_lasts_a_day(as_ada: httpx.AsyncClient) -> None:
    webhook = await make(as_ada)
    at = f"{HOOKS}/{webhook['id']}"

    rotated = await as_ada.post(f"{at}/rotate-secret", json={})
    own = await as_ada.post(f"{at}/rotate-secret", json={"secret": OWN_SECRET})
    bad = await as_ada.post(f"{at}/rotate-secret", json={"secret": "x"})

    assert rotated.json()["secret"] != webhook["secret"]
    assert rotated.json()["previous_secret_until"] == "2026-06-02T12:00:00Z"
    assert own.json()["secret"] == OWN_SECRET
    assert problem(bad) == (422, "webhook-invalid")
    told = (await as_ada.get(at)).json()
    assert "secret" not in told
    assert (told["version"], told["previous_secret_until"]) == (3, "2026-06-02T12:00:00Z")


async def test_a_ping_and_a_replay_are_asked_for_and_read_in_the_log(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    webhook = await make(as_ada)
    at = f"{HOOKS}/{webhook['id']}"

    asked = await as_ada.post(f"{at}/ping")
    too_early = await as_ada.post(f"{at}/deliveries/{asked.json()['id']}/replay")
    await run(world, ada, webhook)
    answered = await as_ada.get(f"{at}/deliveries/{asked.json()['id']}")
    replayed = await as_ada.post(f"{at}/deliveries/{asked.json()['id']}/replay")
    absent = await as_ada.post(f"{at}/deliveries/{a_photo_id()}/replay")
    await run(world, ada, webhook)

    assert (asked.status_code, asked.json()["status"], asked.json()["event"]) == (202, "pending", "webhook.ping")
    assert problem(too_early) == (409, "delivery-not-replayable")
    assert problem(absent) == (404, "delivery-not-found")
    assert (answered.json()["status"], answered.json()["response_status"]) == ("delivered", 200)
    assert (replayed.status_code, replayed.json()["event_id"]) == (202, asked.json()["event_id"])
    assert world.store.hooks.endpoints.ids == [asked.json()["event_id"]] * 2
    assert [each["status"] for each in await deliveries(as_ada, webhook)] == ["delivered"] * 2


async def test_a_message_says_what_the_change_feed_says(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    container = world.container
    photo = await stored(container, a_photo(owner_id=ada.id, hashtags=["sea"], custom={"page": 3}))
    await stored(container, a_direct_upload(owner_id=ada.id))
    await an_album(container, ada.id)
    await as_ada.delete(f"{API}/photos/{photo.id}")
    changes = await get(container, ChangeQueries)
    photos, albums = await get(container, PhotoQueries), await get(container, AlbumQueries)
    payloads = DocumentPayloads(changes, photos, albums, await get(container, HashtagVisibility))

    page = await changes.page(ada.id, after=0, limit=100)
    bodies = await payloads.of(page.items, owner=ada.id)
    ping = msgspec.json.decode(payloads.of_ping(WebhookId(photo.id), at=NOW + timedelta(hours=1)), type=WebhookPing)

    items = (await as_ada.get(f"{API}/changes")).json()["items"]
    assert {each["event"] for each in items} >= {"photo.deleted", "album.created", "upload.created", "hashtag.created"}
    assert [msgspec.json.decode(body) for body in bodies] == [
        {"type": each["event"], "timestamp": each["occurred_at"], "data": each} for each in items
    ]
    assert all(msgspec.json.decode(body, type=WebhookMessage) for body in bodies)
    assert (ping.type, ping.data.webhook_id) == ("webhook.ping", photo.id)


def test_every_event_of_the_feed_can_be_chosen() -> None:
    told = [
        event
        for kind in (PhotoChange, AlbumChange, HashtagChange, UploadChange)
        for event in get_args(get_type_hints(kind)["event"])
    ]

    assert sorted(told) == sorted(EVENTS)
