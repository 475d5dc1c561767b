"""What guests choose of a share's photos, and how its owner reads it."""

from typing import Any

import httpx
import pytest

from photostore.album.commands.remove_photos_from_album import RemovePhotosFromAlbum
from photostore.photo.photo import Photo
from photostore.photo.queries import PhotoFilter
from photostore.shared.ids import AlbumId
from photostore.user.user import User
from tests.albums import an_album
from tests.builders import a_photo
from tests.http.shares import LINKS, public, share
from tests.http.test_problems import problem
from tests.http.world import World
from tests.using import stored, use

CHANGED = {"favorite": True, "comment": "Brighter."}


@pytest.fixture
async def photos(world: World, ada: User) -> list[Photo]:
    return [await stored(world.container, a_photo(owner_id=ada.id, filename=name)) for name in ("a.jpg", "=cmd().jpg")]


@pytest.fixture
async def link(as_ada: httpx.AsyncClient, photos: list[Photo]) -> dict[str, Any]:
    return await share(as_ada, *photos)


async def mark(http: httpx.AsyncClient, link: dict[str, Any], photo: Photo, **said: Any) -> httpx.Response:
    return await http.put(public(link, f"/selection/{photo.id}"), json=said)


async def chosen(http: httpx.AsyncClient, link: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = (await http.get(public(link, "/selection"))).json()
    return told


async def test_a_guest_marks_photos_and_says_something_about_them(
    world: World, link: dict[str, Any], photos: list[Photo]
) -> None:
    first = await mark(world.http, link, photos[0], favorite=True)
    merged = await mark(world.http, link, photos[0], comment=" Brighter. ")

    told = {"photo_id": str(photos[0].id), "favorite": True}
    assert first.json() == {**told, "comment": None}
    assert merged.json() == {**told, "comment": "Brighter."}
    assert await chosen(world.http, link) == {
        "submitted_at": None,
        "guest_name": None,
        "note": None,
        "items": [merged.json()],
    }


@pytest.mark.parametrize("way", ["deleted", "nothing left"])
async def test_a_mark_is_taken_back(world: World, link: dict[str, Any], photos: list[Photo], way: str) -> None:
    await mark(world.http, link, photos[0], **CHANGED)

    if way == "deleted":
        gone = await world.http.delete(public(link, f"/selection/{photos[0].id}"))
        assert gone.status_code == 204
    else:
        await mark(world.http, link, photos[0], favorite=None, comment="")

    assert (await chosen(world.http, link))["items"] == []


async def test_a_selection_is_sent_once_and_stays_until_the_owner_opens_it(
    world: World, as_ada: httpx.AsyncClient, link: dict[str, Any], photos: list[Photo]
) -> None:
    await mark(world.http, link, photos[0], **CHANGED)
    sent = await world.http.post(public(link, "/selection/submit"), json={"guest_name": "Grace", "note": "As prints."})

    refused = [
        await world.http.post(public(link, "/selection/submit"), json={}),
        await mark(world.http, link, photos[0], favorite=False),
        await world.http.delete(public(link, f"/selection/{photos[0].id}")),
    ]
    read = (await as_ada.get(f"{LINKS}/{link['id']}/selection")).json()
    reopened = await as_ada.delete(f"{LINKS}/{link['id']}/selection")
    open_again = await chosen(world.http, link)

    assert sent.status_code == 200, sent.text
    assert [problem(answer) for answer in refused] == [(409, "selection-submitted")] * 3
    assert (read["guest_name"], read["note"]) == ("Grace", "As prints.")
    assert read["submitted_at"] is not None
    assert read["items"] == [{"photo_id": str(photos[0].id), "filename": "a.jpg", **CHANGED}]
    assert reopened.status_code == 204
    assert (open_again["submitted_at"], len(open_again["items"])) == (None, 1)
    assert (await mark(world.http, link, photos[1], favorite=True)).status_code == 200


@pytest.mark.parametrize("way", [{"params": {"format": "csv"}}, {"headers": {"accept": "text/csv"}}], ids=str)
async def test_the_owner_reads_a_table_without_formulas(
    world: World, as_ada: httpx.AsyncClient, link: dict[str, Any], photos: list[Photo], way: dict[str, Any]
) -> None:
    await mark(world.http, link, photos[0], favorite=True, comment='Crop, "please"')
    await mark(world.http, link, photos[1], comment="@sum(1)\n+1")

    answer = await as_ada.get(f"{LINKS}/{link['id']}/selection", **way)

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text == (
        "photo_id,filename,favorite,comment\r\n"
        f'{photos[0].id},a.jpg,true,"Crop, ""please"""\r\n'
        f"{photos[1].id},'=cmd().jpg,false,\"'@sum(1)\n+1\"\r\n"
    )


@pytest.mark.parametrize("comment", ["\uff1d1+1", "\u200b=1", "\u202e\u00a0+1", "\ufe6b1", "\uff201"], ids=ascii)
async def test_nothing_hides_a_formula_from_the_table(
    world: World, as_ada: httpx.AsyncClient, link: dict[str, Any], photos: list[Photo], comment: str
) -> None:
    await mark(world.http, link, photos[0], comment=comment)

    table = (await as_ada.get(f"{LINKS}/{link['id']}/selection?format=csv")).text

    assert f",'{comment}\r\n" in table


async def test_photos_that_left_the_share_leave_the_selection(
    world: World, as_ada: httpx.AsyncClient, ada: User, photos: list[Photo]
) -> None:
    album_id = await an_album(world.container, ada.id, *photos)
    link = await share(as_ada, album_id=str(album_id))
    for photo in photos:
        await mark(world.http, link, photo, favorite=True)

    remove = use(world.container, RemovePhotosFromAlbum)
    await remove(actor=ada.id, album_id=AlbumId(album_id), photo_ids=[photos[0].id])
    await as_ada.post("/api/v1/photos/trash", json={"photo_ids": [str(photos[1].id)]})

    assert (await chosen(world.http, link))["items"] == []
    assert (await as_ada.get(f"{LINKS}/{link['id']}/selection")).json()["items"] == []
    assert problem(await mark(world.http, link, photos[0], favorite=True)) == (404, "photo-not-found")


async def test_photos_that_a_query_finds_are_chosen_too(world: World, as_ada: httpx.AsyncClient, ada: User) -> None:
    favorite = await stored(world.container, a_photo(owner_id=ada.id, favorite=True))
    album_id = await an_album(world.container, ada.id, query=PhotoFilter(favorite=True))
    link = await share(as_ada, album_id=str(album_id))
    await mark(world.http, link, favorite, favorite=True)
    before = (await chosen(world.http, link))["items"]

    await as_ada.patch(f"/api/v1/photos/{favorite.id}", json={"favorite": False})

    assert [each["photo_id"] for each in before] == [str(favorite.id)]
    assert (await chosen(world.http, link))["items"] == []
    assert (await as_ada.get(f"{LINKS}/{link['id']}/selection")).json()["items"] == []


async def test_texts_have_their_limits(world: World, link: dict[str, Any], photos: list[Photo]) -> None:
    comment = await mark(world.http, link, photos[0], comment="x" * 2001)
    note = await world.http.post(public(link, "/selection/submit"), json={"note": "x" * 2001})

    assert problem(comment) == problem(note) == (422, "selection-invalid")
    assert (await mark(world.http, link, photos[0], comment="x" * 2000)).status_code == 200


async def test_a_link_without_selection_has_none(
    world: World, as_ada: httpx.AsyncClient, link: dict[str, Any], photos: list[Photo]
) -> None:
    changed = await as_ada.patch(f"{LINKS}/{link['id']}", json={"allow_selection": False})

    answers = [
        await world.http.get(public(link, "/selection")),
        await mark(world.http, link, photos[0], favorite=True),
        await world.http.post(public(link, "/selection/submit"), json={}),
    ]

    assert changed.json()["allow_selection"] is False
    assert [problem(answer) for answer in answers] == [(403, "forbidden")] * 3


async def test_someone_elses_selection_is_not_there(world: World, link: dict[str, Any]) -> None:
    bob = await world.as_user(await world.user())

    read = await bob.get(f"{LINKS}/{link['id']}/selection")
    reopened = await bob.delete(f"{LINKS}/{link['id']}/selection")

    assert problem(read) == problem(reopened) == (404, "share-link-not-found")
