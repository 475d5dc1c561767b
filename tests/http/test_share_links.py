"""Share links as their owners make and manage them."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from photostore.user.scopes import Scope
from photostore.user.user import User
from tests.albums import an_album
from tests.builders import a_photo_id
from tests.fakes.system import NOW
from tests.http.shares import LINKS, PASSWORD, public, share, shown
from tests.http.test_problems import problem
from tests.http.world import World

TOMORROW = (NOW + timedelta(days=1)).isoformat()


async def test_a_link_is_made_and_told_again(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    photo = await shown(world, ada.id)

    made = await as_ada.post(
        LINKS, json={"photo_ids": [str(photo.id)], "name": "For you", "password": PASSWORD, "expires_at": TOMORROW}
    )
    told = await as_ada.get(made.headers["location"])
    listed = await as_ada.get(LINKS)

    link = made.json()
    assert made.status_code == 201
    assert (len(link["token"]), link["url"]) == (32, f"http://photos.test/s/{link['token']}")
    assert (link["has_password"], link["album_id"], link["photo_ids"]) == (True, None, [str(photo.id)])
    assert [link[name] for name in ("allow_download", "allow_upload", "hide_metadata", "disabled")] == [False] * 4
    assert "password" not in link
    assert told.json() == link
    assert told.headers["etag"] == made.headers["etag"] == '"1"'
    assert listed.json() == {"items": [link], "next_cursor": None}


async def test_a_token_is_not_kept_as_it_is(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    link = await share(as_ada, await shown(world, ada.id), password=PASSWORD)

    [kept] = world.store.share_links.rows.values()

    assert link["token"].encode() not in kept.token_digest
    assert kept.password_hash != PASSWORD


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"photo_ids": None}, "album_id"),
        ({"album_id": str(a_photo_id())}, "album_id"),
        ({"photo_ids": None, "album_id": str(a_photo_id())}, "album_id"),
        ({"photo_ids": []}, "photo_ids"),
        ({"photo_ids": [str(a_photo_id())]}, "photo_ids"),
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"password": "abc"}, "password"),
        ({"expires_at": NOW.isoformat()}, "expires_at"),
        ({"expires_at": 1}, "expires_at"),
        ({"max_views": 0}, "max_views"),
        ({"max_views": 1 << 70}, "max_views"),
        ({"max_uploads": 0}, "max_uploads"),
        ({"max_upload_bytes": 0}, "max_upload_bytes"),
        ({"allow_upload": True}, "allow_upload"),
        ({"allow_download": 1}, "allow_download"),
        ({"surprise": True}, "surprise"),
    ],
)
async def test_a_link_that_does_not_validate_is_not_made(
    world: World, ada: User, as_ada: httpx.AsyncClient, told: Any, field: str
) -> None:
    photo = await shown(world, ada.id)

    answer = await as_ada.post(LINKS, json={"photo_ids": [str(photo.id)], **told})

    assert problem(answer)[0] == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_only_the_owner_of_an_album_makes_links_to_it(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    someone = await world.user()
    theirs = await an_album(world.container, someone.id, editor=ada.id)
    own = await an_album(world.container, ada.id)

    refused = await as_ada.post(LINKS, json={"album_id": str(theirs)})
    made = await as_ada.post(LINKS, json={"album_id": str(own), "allow_upload": True, "review": True})

    assert problem(refused) == (422, "share-link-invalid")
    assert (made.status_code, made.json()["photo_ids"], made.json()["review"]) == (201, None, True)


async def test_what_is_changed_and_what_is_not_said_stays(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    link = await share(as_ada, await shown(world, ada.id), name="For you", password=PASSWORD, max_views=3)
    at = f"{LINKS}/{link['id']}"

    changed = await as_ada.patch(at, json={"password": None, "hide_metadata": True}, headers={"if-match": '"1"'})
    stale = await as_ada.patch(at, json={"name": "late"}, headers={"if-match": '"1"'})
    same = await as_ada.patch(at, json={"hide_metadata": True})
    past = await as_ada.patch(at, json={"expires_at": "2020-01-01T00:00:00Z"})

    told = {"has_password": False, "hide_metadata": True, "version": 2}
    assert changed.json() == {**link, **told}
    assert changed.headers["etag"] == '"2"'
    assert problem(stale) == (412, "precondition-failed")
    assert same.json()["version"] == 2
    assert problem(past) == (422, "share-link-invalid")


async def test_a_deleted_link_is_gone(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    link = await share(as_ada, await shown(world, ada.id))

    gone = await as_ada.delete(f"{LINKS}/{link['id']}")

    assert gone.status_code == 204
    assert problem(await as_ada.get(f"{LINKS}/{link['id']}")) == (404, "share-link-not-found")
    assert problem(await world.http.get(public(link))) == (404, "share-not-found")


async def test_links_are_listed_in_pages(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    photo = await shown(world, ada.id)
    for name in ("a", "b", "c"):
        await share(as_ada, photo, name=name)

    first = await as_ada.get(LINKS, params={"limit": 2})
    rest = await as_ada.get(first.links["next"]["url"])

    assert [link["name"] for link in first.json()["items"] + rest.json()["items"]] == ["c", "b", "a"]


async def test_a_day_is_told_with_all_that_happened(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    link = await share(as_ada, await shown(world, ada.id), allow_download=True)
    file = public(link, f"/photos/{link['photo_ids'][0]}/file")
    for browser in ("one", "one", "another"):
        await world.http.get(public(link), headers={"user-agent": browser})
    for headers in ({}, {"range": "bytes=0-9"}, {"range": "bytes=10-"}):
        await world.http.get(file, headers=headers)
    await world.http.head(file)
    await world.http.get(file, headers={"if-none-match": "*"})
    at = f"{LINKS}/{link['id']}/stats"

    told = await as_ada.get(at, params={"from": "2026-05-31", "to": "2026-06-01"})
    month = await as_ada.get(at)

    nothing = {"views": 0, "visitors": 0, "downloads": 0, "uploads": 0}
    day = {"day": "2026-06-01", "views": 3, "visitors": 2, "downloads": 2, "uploads": 0}
    assert told.json() == {"items": [{"day": "2026-05-31", **nothing}, day]}
    assert (len(month.json()["items"]), month.json()["items"][-1]) == (30, day)


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "2026-06-02", "to": "2026-06-01"},
        {"from": "2020-01-01"},
        {"from": "yesterday"},
        {"from": "0001-01-01"},
        {"to": "0001-01-01"},
        {"from": "9999-12-31"},
    ],
)
async def test_days_that_make_no_range_are_refused(
    world: World, ada: User, as_ada: httpx.AsyncClient, asked: dict[str, str]
) -> None:
    link = await share(as_ada, await shown(world, ada.id))

    answer = await as_ada.get(f"{LINKS}/{link['id']}/stats", params=asked)

    assert problem(answer)[0] == 400


async def test_all_through_which_a_photo_is_reached_is_told(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    photo, other = await shown(world, ada.id), await shown(world, ada.id)
    friend = await world.user(display_name="Grace")
    album_id = await an_album(world.container, ada.id, photo, viewer=friend.id)
    await share(as_ada, photo, hide_metadata=True)
    to_album = (await as_ada.post(LINKS, json={"album_id": str(album_id), "allow_download": True})).json()
    off = await share(as_ada, photo)
    await as_ada.patch(f"{LINKS}/{off['id']}", json={"disabled": True})
    await share(as_ada, other)
    for scope in (Scope.PHOTOS_READ, Scope.SHARES_READ):
        await world.key(ada.id, scope)

    told = (await as_ada.get(f"/api/v1/photos/{photo.id}/exposure")).json()

    assert [(link["metadata"], link["bytes"]) for link in told["links"]] == [
        ("hidden", "renditions"),
        ("full", "original"),
    ]
    assert told["links"][1]["id"] == to_album["id"]
    assert [(member["display_name"], member["role"]) for member in told["members"]] == [("Grace", "viewer")]
    assert [key["scopes"] for key in told["api_keys"]] == [["photos:read"]]


async def test_what_is_in_the_trash_is_reached_by_keys_alone(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    photo = await shown(world, ada.id)
    await share(as_ada, photo)
    await as_ada.post("/api/v1/photos/trash", json={"photo_ids": [str(photo.id)]})
    await world.key(ada.id, Scope.PHOTOS_WRITE)

    told = (await as_ada.get(f"/api/v1/photos/{photo.id}/exposure")).json()

    assert (told["links"], told["members"], len(told["api_keys"])) == ([], [], 1)
