"""Uploads straight to the store, as clients see them."""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

import httpx
import pytest

from photostore.user.user import User
from tests.builders import a_direct_upload, a_picture, upload_limits
from tests.fakes.jobs import run_jobs
from tests.fakes.store import FakeQuota, FakeStore
from tests.http.world import World
from tests.using import stored

UPLOADS = "/api/v1/uploads"
PICTURE = a_picture("a", byte_size=2000)
Start = Callable[..., Awaitable[dict[str, Any]]]


def a_request(content: bytes = PICTURE, **changed: Any) -> dict[str, Any]:
    return {"filename": "sea.jpg", "content_type": "image/jpeg", "byte_size": len(content), **changed}


@pytest.fixture
def start(as_ada: httpx.AsyncClient) -> Start:
    async def start(**changed: Any) -> dict[str, Any]:
        answer = await as_ada.post(UPLOADS, json=a_request(**changed))
        assert answer.status_code == 201, answer.text
        told: dict[str, Any] = answer.json()
        return told

    return start


async def send(http: httpx.AsyncClient, upload: dict[str, Any], content: bytes = PICTURE) -> None:
    for part in upload["parts"]:
        piece = content[part["offset"] :][: part["byte_size"]]
        answer = await http.request(part["method"], part["url"], headers=part["headers"], content=piece)
        assert answer.status_code == 200, answer.text


async def complete(http: httpx.AsyncClient, upload: dict[str, Any]) -> httpx.Response:
    return await http.post(f"{UPLOADS}/{upload['id']}/complete")


@pytest.fixture
def store() -> FakeStore:
    store = FakeStore(limits=upload_limits(max_bytes=1 << 30))
    # The URLs lead back to the service, as in the embedded default.
    store.blobs.lead_to("http://photos.test")
    return store


async def test_a_photo_is_announced_sent_and_completed(
    as_ada: httpx.AsyncClient, start: Start, store: FakeStore, ada: User
) -> None:
    upload = await start(title="Sea", hashtags=["#sea"])
    assert (upload["state"], upload["photo"], upload["reason"]) == ("pending", None, None)
    assert [part["received"] for part in upload["parts"]] == [False]
    assert store.quotas.rows[ada.id] == FakeQuota(None, reserved=len(PICTURE))

    await send(as_ada, upload)
    seen = (await as_ada.get(f"{UPLOADS}/{upload['id']}")).json()
    answer = await complete(as_ada, upload)

    photo = answer.json()
    assert [part["received"] for part in seen["parts"]] == [True]
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/photos/{photo['id']}"
    assert (photo["title"], photo["hashtags"], photo["filename"]) == ("Sea", ["sea"], "sea.jpg")
    assert (photo["sha256"], photo["duplicate"]) == (sha256(PICTURE).hexdigest(), False)
    assert store.quotas.rows[ada.id] == FakeQuota(None, used=len(PICTURE), photos=1)


async def test_completing_again_answers_the_same_photo(as_ada: httpx.AsyncClient, start: Start, world: World) -> None:
    upload = await start()
    await send(as_ada, upload)

    first, again = await complete(as_ada, upload), await complete(as_ada, upload)
    shown = (await as_ada.get(f"{UPLOADS}/{upload['id']}")).json()

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert (shown["state"], shown["parts"], shown["photo"]["id"]) == ("completed", [], first.json()["id"])
    assert world.requests.uploads == [("direct", "created", len(PICTURE)), ("direct", "repeated", 0)]


async def test_bytes_that_are_known_need_not_be_sent(as_ada: httpx.AsyncClient, start: Start) -> None:
    digest = sha256(PICTURE).hexdigest()
    upload = await start(sha256=digest)
    await send(as_ada, upload)
    photo = (await complete(as_ada, upload)).json()

    answer = await as_ada.post(UPLOADS, json=a_request(sha256=digest))

    told = answer.json()
    assert (answer.status_code, told["state"], told["parts"]) == (200, "completed", [])
    assert (told["photo"]["id"], told["photo"]["duplicate"]) == (photo["id"], True)
    assert (await complete(as_ada, told)).status_code == 200


async def test_bytes_that_turn_out_to_be_known_answer_200(
    as_ada: httpx.AsyncClient, start: Start, world: World, store: FakeStore
) -> None:
    uploads = [await start(), await start()]
    for upload in uploads:
        await send(as_ada, upload)

    first, second = [await complete(as_ada, upload) for upload in uploads]
    await run_jobs(world.container, store)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["duplicate"] is True
    assert second.json()["id"] == first.json()["id"]
    assert len(store.originals) == 1


@pytest.mark.parametrize(
    ("changed", "status", "kind", "field"),
    [
        ({"byte_size": (1 << 30) + 1}, 413, "upload-too-large", "byte_size"),
        ({"content_type": "application/pdf"}, 415, "unsupported-image", None),
        ({"byte_size": 0}, 422, "upload-invalid", "byte_size"),
        ({"sha256": "junk"}, 422, "upload-invalid", "sha256"),
        ({"hashtags": ["!"]}, 422, "not-a-hashtag", "hashtags"),
        ({"title": "x" * 501}, 422, "photo-invalid", "title"),
        ({"album": "none"}, 422, "invalid", "album"),
    ],
)
async def test_what_cannot_be_taken_is_refused_before_it_is_sent(
    as_ada: httpx.AsyncClient, changed: dict[str, Any], status: int, kind: str, field: str | None, store: FakeStore
) -> None:
    answer = await as_ada.post(UPLOADS, json=a_request(**changed))

    told = answer.json()
    assert (answer.status_code, told["type"]) == (status, f"/problems/{kind}")
    assert [each["field"] for each in told["errors"]] == ([field] if field else [])
    assert not store.uploads.rows


async def test_past_the_quota_nothing_is_begun(as_ada: httpx.AsyncClient, store: FakeStore, ada: User) -> None:
    store.quotas.rows[ada.id] = FakeQuota(1000)

    answer = await as_ada.post(UPLOADS, json=a_request())

    assert (answer.status_code, answer.json()["requested"]) == (507, 2000)
    assert not store.uploads.rows


async def test_of_many_each_is_begun_or_refused_by_itself(
    as_ada: httpx.AsyncClient, store: FakeStore, ada: User
) -> None:
    store.quotas.rows[ada.id] = FakeQuota(3000)
    asked = [a_request(), a_request(content_type="text/plain"), a_request(), a_request(byte_size=1000)]

    answer = await as_ada.post(f"{UPLOADS}/batch", json={"uploads": asked})

    results = answer.json()["results"]
    assert answer.status_code == 201
    assert [each["status"] for each in results] == [201, 415, 507, 201]
    assert [each["upload"] is None for each in results] == [False, True, True, False]
    assert results[2]["problem"]["type"] == "/problems/quota-exceeded"
    assert results[0]["problem"] is None


async def test_of_many_one_that_cannot_be_read_is_refused_by_itself(as_ada: httpx.AsyncClient) -> None:
    nameless = {"content_type": "image/jpeg", "byte_size": 1}
    asked = [a_request(), a_request(byte_size="1"), nameless, a_request(colour="red"), None, a_request()]

    answer = await as_ada.post(f"{UPLOADS}/batch", json={"uploads": asked})

    results = answer.json()["results"]
    refused = [each["problem"] for each in results if each["problem"]]
    assert [each["status"] for each in results] == [201, 422, 422, 422, 422, 201]
    assert [problem["errors"][0]["field"] for problem in refused] == ["byte_size", "filename", "colour", "body"]


@pytest.mark.parametrize("number", [0, 101])
async def test_a_batch_has_1_to_100_uploads(as_ada: httpx.AsyncClient, number: int) -> None:
    answer = await as_ada.post(
        f"{UPLOADS}/batch", json={"uploads": [{"filename": "", "content_type": "", "byte_size": 1}] * number}
    )

    assert answer.status_code in (413, 422)


async def test_what_is_missing_can_still_come(as_ada: httpx.AsyncClient, start: Start) -> None:
    upload = await start()

    early = await complete(as_ada, upload)
    await send(as_ada, upload)

    assert (early.status_code, early.json()["type"]) == (409, "/problems/upload-incomplete")
    assert (await complete(as_ada, upload)).status_code == 201


async def test_no_picture_is_rejected_and_says_why(
    as_ada: httpx.AsyncClient, start: Start, world: World, store: FakeStore, ada: User
) -> None:
    upload = await start()
    await send(as_ada, upload, bytes(2000))

    answer = await complete(as_ada, upload)
    await run_jobs(world.container, store)

    shown = (await as_ada.get(f"{UPLOADS}/{upload['id']}")).json()
    listed = (await as_ada.get(UPLOADS, params={"state": "rejected"})).json()["items"]
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/upload-no-picture")
    assert (shown["state"], shown["reason"]) == ("rejected", answer.json()["detail"])
    assert [each["reason"] for each in listed] == [shown["reason"]]
    assert (await complete(as_ada, upload)).json()["type"] == "/problems/upload-ended"
    assert not store.originals
    assert store.quotas.rows[ada.id] == FakeQuota(None)


async def test_one_that_is_taken_back_gives_everything_back(
    as_ada: httpx.AsyncClient, start: Start, world: World, store: FakeStore, ada: User
) -> None:
    upload = await start()
    await send(as_ada, upload)

    answers = [await as_ada.delete(f"{UPLOADS}/{upload['id']}") for _ in range(2)]
    await run_jobs(world.container, store)

    assert [answer.status_code for answer in answers] == [204, 204]
    assert (await as_ada.get(f"{UPLOADS}/{upload['id']}")).json()["state"] == "aborted"
    assert not store.originals
    assert store.quotas.rows[ada.id] == FakeQuota(None)


async def test_one_that_became_a_photo_is_not_taken_back(as_ada: httpx.AsyncClient, start: Start) -> None:
    upload = await start()
    await send(as_ada, upload)
    await complete(as_ada, upload)

    answer = await as_ada.delete(f"{UPLOADS}/{upload['id']}")

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/upload-ended")


async def test_its_tag_changes_with_what_arrives_and_guards_it(as_ada: httpx.AsyncClient, start: Start) -> None:
    upload = await start()
    url = f"{UPLOADS}/{upload['id']}"
    before = (await as_ada.get(url)).headers["etag"]
    same = await as_ada.get(url, headers={"if-none-match": before})
    await send(as_ada, upload)
    after = (await as_ada.get(url, headers={"if-none-match": before})).headers["etag"]

    stale = await as_ada.delete(url, headers={"if-match": '"7-0"'})
    fresh = await as_ada.delete(url, headers={"if-match": after})

    assert (same.status_code, stale.status_code, fresh.status_code) == (304, 412, 204)
    assert before != after


async def test_a_large_file_goes_in_parts(as_ada: httpx.AsyncClient, start: Start, store: FakeStore) -> None:
    size = (64 << 20) + 1

    upload = await start(byte_size=size)

    sizes = [part["byte_size"] for part in upload["parts"]]
    assert [part["number"] for part in upload["parts"]] == list(range(1, len(sizes) + 1))
    assert [part["offset"] for part in upload["parts"]] == [sum(sizes[:n]) for n in range(len(sizes))]
    assert sum(sizes) == size
    assert all(8 << 20 <= each <= 64 << 20 for each in sizes[:-1])
    assert len(store.blobs.multiparts) == 1


async def test_uploads_are_listed_newest_first_page_by_page(as_ada: httpx.AsyncClient, start: Start) -> None:
    ids = [(await start())["id"] for _ in range(3)]

    first = (await as_ada.get(UPLOADS, params={"limit": 2})).json()
    second = (await as_ada.get(UPLOADS, params={"limit": 2, "cursor": first["next_cursor"]})).json()

    assert [each["id"] for each in first["items"] + second["items"]] == ids[::-1]
    assert second["next_cursor"] is None
    assert all(each["parts"] == [] for each in first["items"])


async def test_one_that_someone_else_completes_is_worth_another_try_later(
    world: World, as_ada: httpx.AsyncClient, ada: User, store: FakeStore
) -> None:
    upload = a_direct_upload(owner_id=ada.id)
    upload.begin_completing(now=store.clock.now())
    await stored(world.container, upload)

    answer = await as_ada.post(f"{UPLOADS}/{upload.id}/complete")

    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/upload-being-completed")
    assert answer.headers["retry-after"] == "1"


async def test_past_its_time_no_url_is_signed(
    world: World, as_ada: httpx.AsyncClient, ada: User, store: FakeStore
) -> None:
    upload = a_direct_upload(owner_id=ada.id, expires_at=store.clock.now())
    await stored(world.container, upload)

    shown = (await as_ada.get(f"{UPLOADS}/{upload.id}")).json()

    assert (shown["state"], shown["parts"]) == ("pending", [])


async def test_a_state_that_is_none_is_named_as_the_client_names_it(as_ada: httpx.AsyncClient) -> None:
    answer = await as_ada.get(UPLOADS, params={"state": "bogus"})

    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-parameter")
    assert [each["field"] for each in answer.json()["errors"]] == ["state"]
