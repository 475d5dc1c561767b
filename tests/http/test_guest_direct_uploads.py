"""What guests send straight to the store, resumed where it broke off."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest

from photostore.upload.commands.expire_uploads import ExpireUploads
from photostore.user.user import User
from tests.builders import upload_limits
from tests.fakes.jobs import run_jobs
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW
from tests.http.guests import PHOTOS, PICTURE, a_file, an_album_link, shown, submissions
from tests.http.shares import LINKS, public
from tests.http.test_problems import problem
from tests.http.world import World
from tests.using import use


@pytest.fixture
def store() -> FakeStore:
    store = FakeStore(limits=upload_limits(max_bytes=1 << 20))
    store.blobs.lead_to("http://photos.test")
    return store


@pytest.fixture
async def link(world: World, ada: User, as_ada: httpx.AsyncClient) -> dict[str, Any]:
    return await an_album_link(world, ada, as_ada)


async def start(http: httpx.AsyncClient, link: dict[str, Any], **changed: Any) -> dict[str, Any]:
    answer = await http.post(public(link, "/uploads"), json=a_file(**changed))
    assert answer.status_code == 201, answer.text
    upload: dict[str, Any] = answer.json()
    for part in upload["parts"]:
        sent = await http.request(part["method"], part["url"], headers=part["headers"], content=PICTURE)
        assert sent.status_code == 200, sent.text
    return upload


async def complete(http: httpx.AsyncClient, link: dict[str, Any], upload: dict[str, Any]) -> httpx.Response:
    return await http.post(public(link, f"/uploads/{upload['id']}/complete"))


@pytest.mark.parametrize("known", [False, True], ids=["new bytes", "known bytes"])
async def test_an_upload_is_announced_sent_and_completed(
    world: World, as_ada: httpx.AsyncClient, link: dict[str, Any], known: bool
) -> None:
    if known:
        await as_ada.post(PHOTOS, files={"file": ("mine.jpg", PICTURE)})
    upload = await start(world.http, link, guest_name="Grace", sha256=sha256(PICTURE).hexdigest())

    done = await complete(world.http, link, upload)
    again = await complete(world.http, link, upload)

    assert (upload["state"], upload["photo"], len(upload["parts"])) == ("pending", None, 1)
    assert done.status_code == again.status_code == 201, done.text
    assert done.json() == again.json()
    told = (await world.http.get(public(link, f"/uploads/{upload['id']}"))).json()
    assert (told["state"], told["photo_id"], told["photo"]["id"]) == ("completed", done.json()["id"], done.json()["id"])
    assert done.json()["id"] in [each["id"] for each in await shown(world.http, link)]
    assert [each["guest_name"] for each in await submissions(as_ada, link)] == ["Grace"]
    [*_, today] = (await as_ada.get(f"{LINKS}/{link['id']}/stats")).json()["items"]
    assert today["uploads"] == 1


async def test_an_upload_belongs_to_its_link(
    world: World, ada: User, as_ada: httpx.AsyncClient, link: dict[str, Any]
) -> None:
    other = await an_album_link(world, ada, as_ada)
    owners = (await as_ada.post("/api/v1/uploads", json=a_file())).json()
    theirs = await start(world.http, other)

    for upload in (owners, theirs):
        at = public(link, f"/uploads/{upload['id']}")
        answers = [await world.http.get(at), await world.http.delete(at), await world.http.post(f"{at}/complete")]
        assert [problem(answer) for answer in answers] == [(404, "upload-not-found")] * 3


async def test_an_upload_is_taken_back(world: World, link: dict[str, Any]) -> None:
    upload = await start(world.http, link)

    gone = await world.http.delete(public(link, f"/uploads/{upload['id']}"))

    assert gone.status_code == 204
    assert problem(await complete(world.http, link, upload)) == (409, "upload-ended")


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"disabled": True}, (404, "share-not-found")),
        ({"allow_upload": False}, (403, "forbidden")),
        ({"password": "another one"}, (401, "password-required")),
    ],
    ids=str,
)
async def test_what_began_before_the_link_ended_is_not_completed(
    world: World, as_ada: httpx.AsyncClient, link: dict[str, Any], change: dict[str, Any], refused: tuple[int, str]
) -> None:
    upload = await start(world.http, link)
    await as_ada.patch(f"{LINKS}/{link['id']}", json=change)

    answer = await complete(world.http, link, upload)

    assert problem(answer) == refused
    assert await submissions(as_ada, link) == []


async def test_what_is_never_completed_holds_the_owners_quota_for_an_hour(
    world: World, ada: User, as_ada: httpx.AsyncClient, link: dict[str, Any]
) -> None:
    await world.http.post(public(link, "/uploads"), json=a_file())
    await as_ada.post("/api/v1/uploads", json=a_file())
    held = world.store.quotas.rows[ada.id].reserved

    world.store.clock.advance(hours=1, minutes=1)
    await use(world.container, ExpireUploads)()

    assert (held, world.store.quotas.rows[ada.id].reserved) == (2 * len(PICTURE), len(PICTURE))


async def test_what_began_before_the_link_expired_is_swept(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    link = await an_album_link(world, ada, as_ada, expires_at=(NOW + timedelta(minutes=5)).isoformat())
    upload = await start(world.http, link)
    world.store.clock.advance(minutes=6)

    answer = await complete(world.http, link, upload)
    world.store.clock.advance(hours=25)
    await use(world.container, ExpireUploads)()
    await run_jobs(world.container, world.store)

    assert problem(answer) == (410, "share-expired")
    assert world.store.quotas.rows[ada.id].reserved == 0
    assert world.store.originals == set()


async def test_one_too_many_is_refused_when_it_is_completed_and_gives_its_room_back(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    link = await an_album_link(world, ada, as_ada, max_uploads=1)
    uploads = [await start(world.http, link), await start(world.http, link)]

    answers = [await complete(world.http, link, upload) for upload in uploads]

    assert answers[0].status_code == 201
    assert problem(answers[1]) == (409, "share-uploads-used-up")
    assert (await world.http.get(public(link, f"/uploads/{uploads[1]['id']}"))).json()["state"] == "rejected"
    assert world.store.quotas.rows[ada.id].reserved == 0
    assert problem(await world.http.post(public(link, "/uploads"), json=a_file())) == (409, "share-uploads-used-up")
