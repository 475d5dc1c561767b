"""What guests send through a link: as forms, and what they are told of it."""

import asyncio
from hashlib import sha256
from typing import Any

import httpx
import pytest

from photostore.user.user import User
from tests.builders import a_photo, a_picture, upload_limits
from tests.fakes.jobs import run_jobs
from tests.fakes.store import FakeQuota, FakeStore
from tests.http.guests import ALBUMS, PHOTOS, PICTURE, a_file, an_album_link, send, shown, submissions
from tests.http.shares import LINKS, public, share
from tests.http.test_problems import problem
from tests.http.world import World
from tests.using import stored


@pytest.fixture
def store() -> FakeStore:
    store = FakeStore(limits=upload_limits(max_bytes=1 << 20))
    store.blobs.lead_to("http://photos.test")
    return store


@pytest.fixture
async def link(world: World, ada: User, as_ada: httpx.AsyncClient) -> dict[str, Any]:
    return await an_album_link(world, ada, as_ada)


def timeless(told: dict[str, Any]) -> dict[str, Any]:
    """Without what differs from one upload to the next of the same file."""
    return {name: value for name, value in told.items() if name not in ("id", "created_at", "updated_at")}


async def test_what_a_guest_sends_lands_in_the_album_marked_as_such(
    world: World, as_ada: httpx.AsyncClient, link: dict[str, Any]
) -> None:
    answer = await send(world.http, link, title="Cake", guest_name=" Grace ")

    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["title"], told["filename"], told["status"], told["duplicate"]) == (
        "Cake",
        "cake.jpg",
        "processing",
        False,
    )
    assert answer.headers["location"] == public(link, f"/photos/{told['id']}")
    assert told["id"] in [each["id"] for each in await shown(world.http, link)]
    [*_, listed] = (await as_ada.get(f"{ALBUMS}/{link['album_id']}/photos")).json()["items"]
    assert listed["submission"] == {"id": told["id"], "guest_name": "Grace", "share_link_id": link["id"]}
    assert listed["id"] != told["id"]
    assert (await as_ada.get(f"{PHOTOS}/{listed['id']}")).json()["title"] == "Cake"


async def test_photos_that_the_owner_put_there_have_no_submission(
    as_ada: httpx.AsyncClient, link: dict[str, Any]
) -> None:
    [listed] = (await as_ada.get(f"{ALBUMS}/{link['album_id']}/photos")).json()["items"]

    assert listed["submission"] is None


async def test_it_is_charged_to_the_owner_and_counted(
    world: World, as_ada: httpx.AsyncClient, link: dict[str, Any]
) -> None:
    await send(world.http, link)

    assert (await as_ada.get("/api/v1/storage")).json()["used_bytes"] >= len(PICTURE)
    [*_, today] = (await as_ada.get(f"{LINKS}/{link['id']}/stats")).json()["items"]
    assert today["uploads"] == 1


@pytest.mark.parametrize("before", ["in the library", "in the trash", "in the album"])
async def test_a_guest_never_learns_what_the_owner_has(
    world: World, ada: User, as_ada: httpx.AsyncClient, link: dict[str, Any], before: str
) -> None:
    mine = (await as_ada.post(PHOTOS, data={"title": "Secret"}, files={"file": ("mine.jpg", PICTURE)})).json()["id"]
    if before == "in the trash":
        await as_ada.post(f"{PHOTOS}/trash", json={"photo_ids": [mine]})
    if before == "in the album":
        await as_ada.put(f"{ALBUMS}/{link['album_id']}/photos", json={"photo_ids": [mine]})
    other = await an_album_link(world, ada, as_ada)
    new = await send(world.http, other, a_picture("another", byte_size=2000))

    known = await send(world.http, link)

    assert (known.status_code, timeless(known.json()) | {"urls_expire_at": None}) == (
        201,
        timeless(new.json()) | {"urls_expire_at": None},
    )
    assert known.json()["id"] != mine
    assert sorted(name for name in known.headers if name != "content-length") == sorted(
        name for name in new.headers if name != "content-length"
    )


async def test_a_photo_that_the_owner_had_shows_in_the_guests_words(
    world: World, as_ada: httpx.AsyncClient, link: dict[str, Any]
) -> None:
    told = {"title": "Secret", "hashtags": "hidden", "description": "Mine alone."}
    mine = (await as_ada.post(PHOTOS, data=told, files={"file": ("mine.jpg", PICTURE)})).json()["id"]
    await run_jobs(world.container, world.store)
    world.store.clock.advance(minutes=5)

    sent = (await send(world.http, link, title="Cake", name="theirs.jpg")).json()["id"]

    world.store.clock.advance(seconds=3)
    shown_now = next(each for each in await shown(world.http, link) if each["id"] == sent)
    alone = (await world.http.get(public(link, f"/photos/{sent}"))).json()
    assert alone == shown_now
    assert (shown_now["title"], shown_now["filename"]) == ("Cake", "theirs.jpg")
    assert (shown_now["description"], shown_now["hashtags"], shown_now["version"]) == (None, [], 2)
    assert shown_now["created_at"] == shown_now["updated_at"]
    assert mine not in str(await shown(world.http, link))
    kept = (await as_ada.get(f"{PHOTOS}/{mine}")).json()
    assert (kept["title"], kept["hashtags"]) == ("Secret", ["hidden"])


@pytest.mark.parametrize("seconds", [0, 2, 60])
async def test_a_photo_that_the_owner_had_is_ready_no_sooner_than_a_new_one(
    world: World, as_ada: httpx.AsyncClient, link: dict[str, Any], seconds: int
) -> None:
    await as_ada.post(PHOTOS, files={"file": ("mine.jpg", PICTURE)})
    await run_jobs(world.container, world.store)
    world.store.clock.advance(minutes=5)
    known = (await send(world.http, link)).json()["id"]
    new = (await send(world.http, link, a_picture("another", byte_size=2000))).json()["id"]
    await run_jobs(world.container, world.store)
    world.store.clock.advance(seconds=seconds)

    answers = [await world.http.get(public(link, f"/photos/{each}")) for each in (known, new)]

    first, second = ({**timeless(answer.json()), "renditions": [], "placeholder": None} for answer in answers)
    assert first == second
    assert first["status"] == ("ready" if seconds == 60 else "processing")
    assert answers[0].headers["etag"] == answers[1].headers["etag"]
    assert all(answer.json()["updated_at"] == answer.json()["created_at"] for answer in answers)
    pending = [await world.http.get(public(link, f"/photos/{each}/renditions/thumb")) for each in (known, new)]
    assert pending[0].status_code == pending[1].status_code


async def test_its_bytes_are_reached_by_the_id_that_the_guest_was_told(
    world: World, as_ada: httpx.AsyncClient, link: dict[str, Any]
) -> None:
    await as_ada.patch(f"{LINKS}/{link['id']}", json={"allow_download": True})
    sent = (await send(world.http, link)).json()["id"]

    told = (await world.http.get(public(link, f"/photos/{sent}"))).json()
    file = await world.http.get(told["file_url"])

    assert sent in told["file_url"]
    assert (file.status_code, file.content) == (200, PICTURE)


async def test_same_bytes_as_a_trashed_photo_restore_and_show_nothing(
    world: World, as_ada: httpx.AsyncClient, link: dict[str, Any]
) -> None:
    mine = (await as_ada.post(PHOTOS, files={"file": ("mine.jpg", PICTURE)})).json()["id"]
    await as_ada.post(f"{PHOTOS}/trash", json={"photo_ids": [mine]})

    sent = (await send(world.http, link)).json()["id"]

    assert len(await shown(world.http, link)) == 1
    assert (await as_ada.get(f"{PHOTOS}/{mine}")).json()["trashed_at"] is not None
    polled = await world.http.get(public(link, f"/photos/{sent}"))
    assert (polled.status_code, polled.json()["status"], polled.json()["renditions"]) == (200, "processing", [])
    assert (await world.http.get(public(link, f"/photos/{sent}/file"))).status_code in (403, 404)


async def test_same_bytes_as_a_photo_of_the_album_change_nothing_of_it(
    world: World, as_ada: httpx.AsyncClient, link: dict[str, Any]
) -> None:
    first = (await send(world.http, link)).json()["id"]
    before = await shown(world.http, link)

    again = await send(world.http, link)

    assert again.status_code == 201
    assert again.json()["id"] != first
    assert await shown(world.http, link) == before


async def test_a_digest_is_checked_alone(world: World, as_ada: httpx.AsyncClient, link: dict[str, Any]) -> None:
    await as_ada.post(PHOTOS, files={"file": ("mine.jpg", PICTURE)})
    digest = sha256(PICTURE).hexdigest()

    right = await send(world.http, link, sha256=digest)
    wrong = await send(world.http, link, a_picture("another"), sha256=digest)

    assert right.status_code == 201
    assert problem(wrong) == (422, "checksum-mismatch")


@pytest.mark.parametrize("field", ["hashtags", "album_id", "description", "keywords_as_hashtags"])
async def test_what_is_the_owners_to_say_is_not_taken(world: World, link: dict[str, Any], field: str) -> None:
    files = {"file": ("a.jpg", PICTURE)}
    answer = await world.http.post(public(link, "/photos"), data={field: "true"}, files=files)

    assert problem(answer) == (422, "upload-invalid")


async def test_all_rules_of_uploads_hold(world: World, link: dict[str, Any]) -> None:
    no_picture = await send(world.http, link, b"no picture")
    too_large = await send(world.http, link, a_picture(byte_size=(1 << 20) + 1))
    long_name = await send(world.http, link, guest_name="x" * 101)

    assert problem(no_picture) == (415, "unsupported-image")
    assert problem(too_large) == (413, "upload-too-large")
    assert problem(long_name) == (422, "submission-invalid")
    assert len(await shown(world.http, link)) == 1
    assert world.store.originals == set()


@pytest.mark.parametrize("known", [False, True], ids=["new bytes", "known bytes"])
async def test_no_room_is_told_without_the_owners_figures(
    world: World, ada: User, as_ada: httpx.AsyncClient, link: dict[str, Any], known: bool
) -> None:
    if known:
        await as_ada.post(PHOTOS, files={"file": ("mine.jpg", PICTURE)})
    used = world.store.quotas.rows[ada.id].used
    world.store.quotas.rows[ada.id] = FakeQuota(quota=used + 10, used=used)

    answer = await send(world.http, link)

    assert problem(answer) == (507, "share-out-of-space")
    assert {"used", "reserved", "quota", "requested"}.isdisjoint(answer.json())
    assert str(used) not in answer.json()["detail"]


@pytest.mark.parametrize(
    "limits", [{"max_uploads": 2}, {"max_upload_bytes": 2 * len(PICTURE)}], ids=["number", "bytes"]
)
async def test_a_link_takes_so_much_and_no_more(
    world: World, ada: User, as_ada: httpx.AsyncClient, limits: dict[str, int]
) -> None:
    link = await an_album_link(world, ada, as_ada, **limits)

    pictures = [a_picture(str(number), byte_size=2000) for number in range(5)]
    answers = await asyncio.gather(*(send(world.http, link, picture) for picture in pictures))

    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409]
    assert {problem(answer) for answer in answers if answer.status_code == 409} == {(409, "share-uploads-used-up")}
    assert len(await shown(world.http, link)) == 1 + 2
    await run_jobs(world.container, world.store)
    assert len(world.store.originals) == 2


async def test_links_that_take_no_uploads_refuse_them(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    closed = await an_album_link(world, ada, as_ada, allow_upload=False)
    photos = await share(as_ada, await stored(world.container, a_photo(owner_id=ada.id)))

    for link in (closed, photos):
        assert problem(await send(world.http, link)) == (403, "forbidden")
        started = await world.http.post(public(link, "/uploads"), json=a_file())
        assert problem(started) == (403, "forbidden")


async def test_writes_are_limited_by_link_and_address(world: World, link: dict[str, Any]) -> None:
    at = public(link, "/selection/submit")
    for _ in range(world.store.share_policy.guest_writes.limit):
        await world.http.post(at, json={})

    answer = await world.http.post(at, json={})

    assert problem(answer) == (429, "too-many-guest-writes")
    assert int(answer.headers["retry-after"]) > 0
    assert (await world.http.get(public(link))).status_code == 200


async def test_the_same_form_under_the_same_key_is_taken_once(
    world: World, ada: User, as_ada: httpx.AsyncClient, link: dict[str, Any]
) -> None:
    other = await an_album_link(world, ada, as_ada)

    async def post(to: dict[str, Any], content: bytes = PICTURE) -> httpx.Response:
        files = {"file": ("cake.jpg", content)}
        key = {"idempotency-key": "one"}
        return await world.http.post(public(to, "/photos"), data={"guest_name": "Grace"}, files=files, headers=key)

    first, again, changed, elsewhere = [
        await post(link),
        await post(link),
        await post(link, a_picture("another", byte_size=2000)),
        await post(other),
    ]

    assert first.status_code == again.status_code == elsewhere.status_code == 201, again.text
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert problem(changed) == (422, "idempotency-key-reused")
    assert "idempotency-replayed" not in elsewhere.headers
    assert len(await submissions(as_ada, link)) == 1
