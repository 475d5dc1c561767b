"""What guests sent, held until its owner decides."""

from typing import Any

import httpx
import pytest

from photostore.user.user import User
from tests.builders import upload_limits
from tests.fakes.store import FakeStore
from tests.http.guests import PHOTOS, PICTURE, an_album_link, send, shown, submissions
from tests.http.shares import LINKS, public
from tests.http.test_problems import problem
from tests.http.world import World


@pytest.fixture
def store() -> FakeStore:
    store = FakeStore(limits=upload_limits(max_bytes=1 << 20))
    store.blobs.lead_to("http://photos.test")
    return store


@pytest.fixture
async def reviewed(world: World, ada: User, as_ada: httpx.AsyncClient) -> dict[str, Any]:
    return await an_album_link(world, ada, as_ada, review=True)


async def decide(http: httpx.AsyncClient, link: dict[str, Any], told: str, what: str) -> httpx.Response:
    return await http.post(f"{LINKS}/{link['id']}/submissions/{told}/{what}")


async def test_what_is_reviewed_is_held_until_it_is_approved(
    world: World, as_ada: httpx.AsyncClient, reviewed: dict[str, Any]
) -> None:
    sent = (await send(world.http, reviewed, guest_name="Grace")).json()["id"]
    held = await shown(world.http, reviewed)
    polled = (await world.http.get(public(reviewed, f"/photos/{sent}"))).json()
    [waiting] = await submissions(as_ada, reviewed, state="pending")

    approved = await decide(as_ada, reviewed, sent, "approve")
    again = await decide(as_ada, reviewed, waiting["photo"]["id"], "approve")

    assert (len(held), polled["status"]) == (1, "processing")
    assert (waiting["id"], waiting["guest_name"], waiting["state"]) == (sent, "Grace", "pending")
    assert approved.status_code == again.status_code == 200, approved.text
    assert approved.json()["state"] == again.json()["state"] == "approved"
    assert sent in [each["id"] for each in await shown(world.http, reviewed)]
    assert await submissions(as_ada, reviewed, state="pending") == []
    assert problem(await decide(as_ada, reviewed, sent, "reject")) == (409, "submission-decided")


async def test_what_is_rejected_goes_into_the_trash(
    world: World, as_ada: httpx.AsyncClient, reviewed: dict[str, Any]
) -> None:
    sent = (await send(world.http, reviewed)).json()["id"]

    rejected = await decide(as_ada, reviewed, sent, "reject")
    again = await decide(as_ada, reviewed, sent, "reject")

    assert rejected.json()["state"] == again.json()["state"] == "rejected"
    assert rejected.json()["photo"]["trashed_at"] is not None
    assert len(await shown(world.http, reviewed)) == 1
    assert (await world.http.get(public(reviewed, f"/photos/{sent}"))).status_code == 404
    assert problem(await decide(as_ada, reviewed, sent, "approve")) == (409, "submission-decided")


async def test_a_photo_that_the_owner_had_survives_a_rejection(
    world: World, as_ada: httpx.AsyncClient, reviewed: dict[str, Any]
) -> None:
    mine = (await as_ada.post(PHOTOS, files={"file": ("mine.jpg", PICTURE)})).json()["id"]
    sent = (await send(world.http, reviewed)).json()["id"]

    await decide(as_ada, reviewed, sent, "reject")

    assert (await as_ada.get(f"{PHOTOS}/{mine}")).json()["trashed_at"] is None


async def test_what_another_submission_brought_into_the_album_survives_a_rejection(
    world: World, as_ada: httpx.AsyncClient, reviewed: dict[str, Any]
) -> None:
    first, second = [(await send(world.http, reviewed)).json()["id"] for _ in range(2)]
    await decide(as_ada, reviewed, second, "approve")

    rejected = await decide(as_ada, reviewed, first, "reject")

    assert rejected.json()["photo"]["trashed_at"] is None
    assert second in [each["id"] for each in await shown(world.http, reviewed)]


async def test_what_the_owner_put_into_another_album_survives_a_rejection(
    world: World, ada: User, as_ada: httpx.AsyncClient, reviewed: dict[str, Any]
) -> None:
    sent = (await send(world.http, reviewed)).json()["id"]
    other = await an_album_link(world, ada, as_ada)
    elsewhere = (await send(world.http, other)).json()["id"]

    rejected = await decide(as_ada, reviewed, sent, "reject")

    assert (rejected.json()["state"], rejected.json()["photo"]["trashed_at"]) == ("rejected", None)
    assert elsewhere in [each["id"] for each in await shown(world.http, other)]


async def test_a_trashed_photo_is_not_approved(
    world: World, as_ada: httpx.AsyncClient, reviewed: dict[str, Any]
) -> None:
    sent = (await send(world.http, reviewed)).json()["id"]
    [waiting] = await submissions(as_ada, reviewed)
    await as_ada.post(f"{PHOTOS}/trash", json={"photo_ids": [waiting["photo"]["id"]]})

    answer = await decide(as_ada, reviewed, sent, "approve")

    assert problem(answer) == (409, "submitted-photo-trashed")
    assert [each["state"] for each in await submissions(as_ada, reviewed)] == ["pending"]


async def test_someone_elses_submissions_are_not_there(
    world: World, as_ada: httpx.AsyncClient, reviewed: dict[str, Any]
) -> None:
    sent = (await send(world.http, reviewed)).json()["id"]
    bob = await world.as_user(await world.user())

    listed = await bob.get(f"{LINKS}/{reviewed['id']}/submissions")
    decided = [await decide(bob, reviewed, sent, what) for what in ("approve", "reject")]

    assert problem(listed) == (404, "share-link-not-found")
    assert [problem(answer) for answer in decided] == [(404, "submission-not-found")] * 2


async def test_what_is_held_is_in_no_album_by_query_but_for_its_owner(
    world: World, as_ada: httpx.AsyncClient, reviewed: dict[str, Any]
) -> None:
    bob = await world.user(email="bob@example.test")
    as_bob = await world.as_user(bob)
    every = (await as_ada.post("/api/v1/albums", json={"name": "All", "query": {}})).json()["id"]
    await as_ada.put(f"/api/v1/albums/{every}/members/{bob.id}", json={"role": "viewer"})
    sent = (await send(world.http, reviewed)).json()["id"]
    reads = (f"/api/v1/albums/{every}/photos", f"{PHOTOS}?album_id={every}")

    held = [len((await http.get(path)).json()["items"]) for http in (as_ada, as_bob) for path in reads]
    await decide(as_ada, reviewed, sent, "approve")
    decided = [len((await http.get(path)).json()["items"]) for http in (as_ada, as_bob) for path in reads]

    assert held == [2, 2, 1, 1]
    assert decided == [2, 2, 2, 2]
