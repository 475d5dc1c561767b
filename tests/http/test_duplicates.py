"""Photos that show the same picture, over HTTP."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from photostore.photo.duplicates import LARGEST_DISTANCE, PHOTOS_TOLD, DuplicateQueries
from photostore.photo.photo import Photo
from photostore.photo.picture import Fingerprint
from photostore.user.scopes import Scope
from photostore.user.user import User
from tests.builders import a_photo
from tests.fakes.duplicates import FakeDuplicateQueries
from tests.http.test_photos import FIELDS
from tests.http.test_problems import problem
from tests.http.world import World
from tests.using import stored

PHOTOS = "/api/v1/photos"
DUPLICATES = f"{PHOTOS}/duplicates"
HASH = 0xF0F0_F0F0_F0F0_F0F0


async def a_picture(world: World, owner: User, perceptual: int = HASH, *, pixels: bytes | None = None) -> Photo:
    """With pixels of its own, unless they are told."""
    photo = await stored(world.container, a_photo(owner_id=owner.id))
    told = Fingerprint(pixels=(pixels or photo.id.bytes).ljust(32, b"."), perceptual=perceptual)
    world.store.fingerprints.rows[photo.id] = told
    return photo


async def ids(http: httpx.AsyncClient, path: str, **query: Any) -> list[Any]:
    """Of the photos of each group, or of each photo."""
    answer = await http.get(path, params=query)
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    return [[each["id"] for each in item["photos"]] if "photos" in item else item["id"] for item in items]


def texts(*photos: Photo) -> list[str]:
    return [str(photo.id) for photo in photos]


async def test_a_group_tells_its_photos_with_their_distance_to_the_first(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    first, near, same = [
        await a_picture(world, ada, HASH, pixels=b"pier"),
        await a_picture(world, ada, HASH ^ 0b101),
        await a_picture(world, ada, HASH, pixels=b"pier"),
    ]

    answer = await as_ada.get(DUPLICATES)

    told = answer.json()
    [group] = told["items"]
    photos = group.pop("photos")
    assert (answer.status_code, told["next_cursor"]) == (200, None)
    assert group == {"kind": "near", "distance": 2, "photo_count": 3}
    assert [(each["id"], each["distance"], each["same_pixels"]) for each in photos] == [
        (str(first.id), 0, True),
        (str(near.id), 2, False),
        (str(same.id), 0, True),
    ]


async def test_photos_have_all_their_fields_and_two_more(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    first, second = [await a_picture(world, ada, pixels=b"pier") for _ in range(2)]

    [group] = (await as_ada.get(DUPLICATES)).json()["items"]
    [neighbour] = (await as_ada.get(f"{PHOTOS}/{first.id}/duplicates")).json()["items"]

    alone = (await as_ada.get(f"{PHOTOS}/{second.id}")).json()
    assert group["kind"] == "same_pixels"
    assert set(neighbour) == FIELDS | {"distance", "same_pixels"}
    assert neighbour == group["photos"][1] == {**alone, "distance": 0, "same_pixels": True}


async def test_the_distance_can_be_chosen(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    photos = [await a_picture(world, ada, HASH ^ flip) for flip in (0, 0, 0b111, 0b11111, 0b1111111)]
    at = f"{PHOTOS}/{photos[0].id}/duplicates"

    groups = {distance: await ids(as_ada, DUPLICATES, distance=distance) for distance in (0, 3, LARGEST_DISTANCE)}
    near = {distance: await ids(as_ada, at, distance=distance) for distance in (0, 3, LARGEST_DISTANCE)}

    # What is left over by the first is grouped as well.
    assert groups == {0: [texts(*photos[:2])], 3: [texts(*photos[3:]), texts(*photos[:3])], 7: [texts(*photos)]}
    assert near == {0: texts(photos[1]), 3: texts(*photos[1:3]), 7: texts(*photos[1:])}


async def test_pages_lead_from_the_newest_group_to_the_oldest(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    pairs = [[await a_picture(world, ada, pixels=name, perceptual=0) for _ in range(2)] for name in (b"a", b"b", b"c")]

    first = await as_ada.get(DUPLICATES, params={"limit": 2, "distance": 1})
    second = await as_ada.get(first.headers["link"].partition(">")[0].removeprefix("<"))

    told = [[each["id"] for each in group["photos"]] for group in first.json()["items"] + second.json()["items"]]
    assert told == [texts(*pair) for pair in reversed(pairs)]
    assert first.json()["next_cursor"] in first.headers["link"]
    assert second.json()["next_cursor"] is None
    assert "link" not in second.headers


async def test_a_large_group_says_how_many_it_holds(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    photos = [await a_picture(world, ada, pixels=b"frame") for _ in range(PHOTOS_TOLD + 1)]

    [group] = (await as_ada.get(DUPLICATES)).json()["items"]
    near = await ids(as_ada, f"{PHOTOS}/{photos[0].id}/duplicates")

    assert (group["photo_count"], len(group["photos"]), len(near)) == (PHOTOS_TOLD + 1, PHOTOS_TOLD, PHOTOS_TOLD)


async def test_a_cursor_belongs_to_its_distance(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    for name in (b"a", b"a", b"b", b"b"):
        await a_picture(world, ada, 0, pixels=name)
    cursor = (await as_ada.get(DUPLICATES, params={"limit": 1, "distance": 1})).json()["next_cursor"]

    answer = await as_ada.get(DUPLICATES, params={"cursor": cursor, "distance": 2})

    assert problem(answer)[:2] == (400, "bad-cursor")


@pytest.mark.parametrize("cursor", ["", "x", "bnVsbA", "WzFd", "WzQsIm5vbmUiXQ"])
async def test_a_cursor_that_was_not_given_out_is_refused(as_ada: httpx.AsyncClient, cursor: str) -> None:
    answer = await as_ada.get(DUPLICATES, params={"cursor": cursor})

    assert problem(answer)[:2] == (400, "bad-cursor")


@pytest.mark.parametrize("path", [DUPLICATES, f"{PHOTOS}/{UUID(int=7)}/duplicates"])
@pytest.mark.parametrize("distance", ["-1", str(LARGEST_DISTANCE + 1), "near", "", "1.5"])
async def test_a_distance_that_is_not_looked_for_is_refused(
    as_ada: httpx.AsyncClient, path: str, distance: str
) -> None:
    answer = await as_ada.get(path, params={"distance": distance})

    assert problem(answer)[:2] == (400, "bad-parameter")
    assert [each["field"] for each in answer.json()["errors"]] == ["distance"]


async def test_who_waits_for_others_too_long_is_told_when_to_come_again(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    photo = await a_picture(world, ada)
    queries = await world.container.get(DuplicateQueries)
    assert isinstance(queries, FakeDuplicateQueries)
    queries.busy = True

    refused = await as_ada.get(DUPLICATES)
    neighbours = await as_ada.get(f"{PHOTOS}/{photo.id}/duplicates")

    assert problem(refused)[:2] == (503, "duplicates-busy")
    assert refused.headers["retry-after"] == "5"
    assert neighbours.status_code == 200


async def test_someone_elses_photo_is_not_found(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    grace = await world.user()
    theirs = await a_picture(world, grace, pixels=b"pier")
    await a_picture(world, ada, pixels=b"pier")

    refused = await as_ada.get(f"{PHOTOS}/{theirs.id}/duplicates")

    assert problem(refused)[:2] == (404, "photo-not-found")
    assert await ids(as_ada, DUPLICATES) == []


async def test_reading_photos_is_what_it_takes(world: World, ada: User, http: httpx.AsyncClient) -> None:
    photo = await a_picture(world, ada)
    paths = [DUPLICATES, f"{PHOTOS}/{photo.id}/duplicates"]
    reader = await world.with_key(ada.id, Scope.PHOTOS_READ)
    writer = await world.with_key(ada.id, Scope.PHOTOS_WRITE)

    statuses = [[(await client.get(path)).status_code for path in paths] for client in (reader, writer, http)]

    assert statuses == [[200, 200], [403, 403], [401, 401]]
