"""What visitors of a share see, and how it ends."""

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from photostore.photo.photo import Photo
from photostore.photo.picture import Camera, Location
from photostore.photo.queries import PhotoFilter
from photostore.user.user import User
from photostore_http.paging import encode_cursor
from photostore_http.settings import MediaDelivery
from tests.albums import an_album
from tests.builders import a_photo, names
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW, new_id
from tests.http.shares import LINKS, PASSWORD, path_of, public, share, shown, unlock
from tests.http.test_problems import problem
from tests.http.world import World, world_of
from tests.http_settings import http_settings
from tests.using import stored

CAMERA = Camera(
    make="Testco", model="T1", lens=None, f_number=2.0, exposure_seconds=None, iso=None, focal_length_mm=None
)
VIENNA = Location(latitude=48.2, longitude=16.3, altitude_m=None)


async def a_telling_photo(world: World, ada: User, **told: Any) -> Photo:
    """One that has a lot to hide."""
    return await shown(
        world,
        ada.id,
        filename="Ada at home.jpg",
        title="Sunset",
        custom={"private": True},
        favorite=True,
        camera=CAMERA,
        location=VIENNA,
        taken_at=NOW,
        taken_at_offset_minutes=120,
        **told,
    )


async def listed(http: httpx.AsyncClient, link: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await http.get(public(link, "/photos"))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_share_tells_what_it_shows_and_allows(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    link = await share(as_ada, await shown(world, ada.id), name="For you", allow_download=True)

    told = (await world.http.get(public(link))).json()

    assert told == {
        "name": "For you",
        "owner_display_name": "Ada",
        "photo_count": 1,
        "has_password": False,
        "allow_download": True,
        "allow_upload": False,
        "hide_metadata": False,
        "allow_selection": True,
        "expires_at": None,
    }


async def test_a_share_of_an_album_is_called_as_the_album(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    photos = [await shown(world, ada.id) for _ in range(3)]
    album_id = await an_album(world.container, ada.id, *photos)
    link = await share(as_ada, album_id=str(album_id))

    told = (await world.http.get(public(link))).json()
    items = await listed(world.http, link)
    await as_ada.delete(f"/api/v1/albums/{album_id}/photos/{photos[0].id}")
    gone = await world.http.get(path_of(items[0]["renditions"][0]["url"]))
    there = await world.http.get(path_of(items[1]["renditions"][0]["url"]))
    await as_ada.delete(f"/api/v1/albums/{album_id}")

    assert (told["name"], told["photo_count"]) == ("Holiday", 3)
    assert [item["id"] for item in items] == [str(photo.id) for photo in photos]
    assert (gone.status_code, there.status_code) == (404, 200)
    assert problem(await world.http.get(public(link))) == (404, "share-not-found")
    assert (await world.http.get(path_of(items[1]["renditions"][0]["url"]))).status_code == 404


async def test_what_a_shared_query_finds_no_longer_ends_and_lives_again_when_it_does(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    photo = await shown(world, ada.id, hashtags=["sea"])
    found = await an_album(world.container, ada.id, query=PhotoFilter(hashtags=names("sea")))
    link = await share(as_ada, album_id=str(found), allow_download=True)
    [item] = await listed(world.http, link)
    urls = [path_of(url) for url in (item["file_url"], item["renditions"][0]["url"])]

    await as_ada.delete(f"/api/v1/photos/{photo.id}/hashtags/sea")
    ended = [(await world.http.get(url)).status_code for url in urls]
    there = await listed(world.http, link)
    await as_ada.put(f"/api/v1/photos/{photo.id}/hashtags/sea")

    assert (ended, there) == ([404, 404], [])
    assert [(await world.http.get(url)).status_code for url in urls] == [200, 200]


async def test_what_is_the_owners_alone_is_not_told(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    photo = await a_telling_photo(world, ada)
    link = await share(as_ada, photo, allow_download=True)

    [item] = await listed(world.http, link)
    one = await world.http.get(public(link, f"/photos/{photo.id}"))

    private = ("owner_id", "custom", "favorite", "sha256", "trashed_at")
    assert {name: item[name] for name in private} == dict.fromkeys(private)
    assert (item["filename"], item["camera"]["make"], item["location"]["latitude"]) == (
        "Ada at home.jpg",
        "Testco",
        48.2,
    )
    assert set(item) == set((await as_ada.get(f"/api/v1/photos/{photo.id}")).json())
    assert one.json() == item
    again = await world.http.get(public(link, f"/photos/{photo.id}"), headers={"if-none-match": one.headers["etag"]})
    assert again.status_code == 304


async def test_hidden_metadata_show_nowhere(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    photo = await a_telling_photo(world, ada)
    link = await share(as_ada, photo, allow_download=True, hide_metadata=True)

    [item] = await listed(world.http, link)
    file = await world.http.get(path_of(item["file_url"]))
    saved = await world.http.get(path_of(item["file_url"]) + "&download=1")

    assert (item["camera"], item["location"], item["taken_at_offset_minutes"]) == (None, None, None)
    assert (item["title"], item["taken_at"]) == ("Sunset", "2026-06-01T12:00:00Z")
    assert len(file.content) == photo.byte_size - 10, "the fake remover takes ten bytes away"
    assert "attachment" in saved.headers["content-disposition"]
    for answer in (file, saved):
        said = f"{dict(answer.headers)} {item}"
        for secret in ("Ada", "at home", photo.sha256.hex(), photo.blob_key, str(ada.id), ada.id.hex):
            assert secret not in said
        assert "repr-digest" not in answer.headers
        assert "last-modified" not in answer.headers


async def test_of_what_cannot_be_cleaned_a_rendition_is_given(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    photo = await a_telling_photo(world, ada, content_type="image/heic")
    link = await share(as_ada, photo, allow_download=True, hide_metadata=True)

    [item] = await listed(world.http, link)
    file = await world.http.get(path_of(item["file_url"]))

    assert item["filename"].endswith(".heic")
    assert (file.headers["content-type"], len(file.content)) == ("image/webp", 100)
    assert '.webp"' in file.headers["content-disposition"]
    assert "Ada" not in file.headers["content-disposition"]


async def test_urls_of_pictures_tell_no_key_and_serve_them(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    photo = await shown(world, ada.id)
    link, other = await share(as_ada, photo), await share(as_ada, photo)

    [item], [same] = await listed(world.http, link), await listed(world.http, other)
    url, elsewhere = item["renditions"][0]["url"], same["renditions"][0]["url"]
    answer = await world.http.get(path_of(url))

    assert answer.status_code == 200
    assert photo.blob_key.removeprefix("originals/") not in url
    assert urlsplit(url).path != urlsplit(elsewhere).path


async def test_pictures_of_shares_are_streamed_where_others_are_redirected(store: FakeStore) -> None:
    async with world_of(store, settings=http_settings(media_delivery=MediaDelivery.REDIRECT)) as world:
        ada = await world.user()
        async with await world.as_user(ada) as as_ada:
            photo = await shown(world, ada.id)
            [item] = await listed(world.http, await share(as_ada, photo))
            own = (await as_ada.get(f"/api/v1/photos/{photo.id}")).json()

            statuses = [
                (await world.http.get(path_of(each["renditions"][0]["url"]))).status_code for each in (item, own)
            ]

    assert statuses == [200, 302]


async def test_photos_come_in_pages_in_the_order_of_the_owner(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    photos = [await stored(world.container, a_photo(owner_id=ada.id)) for _ in range(3)]
    link = await share(as_ada, photos[1], photos[2], photos[0])

    first = await world.http.get(public(link, "/photos"), params={"limit": 2})
    rest = await world.http.get(first.links["next"]["url"])

    ids = [item["id"] for item in first.json()["items"] + rest.json()["items"]]
    assert ids == [str(photos[number].id) for number in (1, 2, 0)]
    beyond = encode_cursor({"place": 1 << 63, "id": new_id()})
    for cursor in ("x", beyond):
        assert problem(await world.http.get(public(link, "/photos"), params={"cursor": cursor})) == (400, "bad-cursor")


async def test_what_is_in_the_trash_is_not_shown(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    photo, other = await shown(world, ada.id), await shown(world, ada.id)
    link = await share(as_ada, photo, other, allow_download=True)
    before = await listed(world.http, link)

    await as_ada.post("/api/v1/photos/trash", json={"photo_ids": [str(photo.id)]})

    assert [item["id"] for item in await listed(world.http, link)] == [str(other.id)]
    assert (await world.http.get(public(link))).json()["photo_count"] == 1
    for url in (before[0]["file_url"], before[0]["renditions"][0]["url"]):
        assert (await world.http.get(path_of(url))).status_code == 404


async def test_nothing_that_a_share_does_not_show_is_reached_through_it(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    link, other = await share(as_ada, await shown(world, ada.id), allow_download=True), await shown(world, ada.id)

    for rest in ("", "/file", "/renditions/thumb"):
        assert problem(await world.http.get(public(link, f"/photos/{other.id}{rest}"))) == (404, "photo-not-found")


async def test_a_file_url_stands_for_the_unlock_of_its_photo_alone(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    link = await share(
        as_ada, await shown(world, ada.id), await shown(world, ada.id), password=PASSWORD, allow_download=True
    )
    headers = await unlock(world.http, link)
    items = (await world.http.get(public(link, "/photos"), headers=headers)).json()["items"]
    path, _, query = path_of(items[0]["file_url"]).partition("?")

    assert (await world.http.get(f"{path}?{query}")).status_code == 200
    elsewhere = path.replace(items[0]["id"], items[1]["id"])
    for forged in (
        path,
        f"{elsewhere}?{query}",
        f"{path}?{query}0",
        f"{path}?e=1&s=x",
        f"{path.removesuffix('/file')}",
    ):
        assert problem(await world.http.get(forged))[0] in (400, 401)
    world.store.clock.advance(hours=3)
    assert problem(await world.http.get(f"{path}?{query}")) == (401, "password-required")


async def test_nothing_that_is_given_out_outlives_the_link(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    ends = "2026-06-01T12:10:00Z"
    link = await share(as_ada, await shown(world, ada.id), password=PASSWORD, expires_at=ends, allow_download=True)
    unlocked = await world.http.post(public(link, "/unlock"), json={"password": PASSWORD})
    headers = {"authorization": f"Bearer {unlocked.json()['access_token']}"}

    [item] = (await world.http.get(public(link, "/photos"), headers=headers)).json()["items"]
    world.store.clock.advance(minutes=10)

    assert (unlocked.json()["expires_in"], item["urls_expire_at"]) == (600, ends)
    assert (await world.http.get(path_of(item["renditions"][0]["url"]))).status_code == 404
    assert problem(await world.http.get(path_of(item["file_url"]))) == (410, "share-expired")


@pytest.mark.parametrize(
    "less",
    [
        {"disabled": True},
        {"password": "another one"},
        {"password": None},
        {"hide_metadata": True},
        {"allow_download": False},
        {"expires_at": "2026-06-01T12:30:00Z"},
        None,
    ],
)
async def test_urls_end_where_less_is_allowed(
    world: World, ada: User, as_ada: httpx.AsyncClient, less: dict[str, Any] | None
) -> None:
    link = await share(as_ada, await shown(world, ada.id), password=PASSWORD, allow_download=True)
    headers = await unlock(world.http, link)
    [item] = (await world.http.get(public(link, "/photos"), headers=headers)).json()["items"]
    at = f"{LINKS}/{link['id']}"

    await (as_ada.delete(at) if less is None else as_ada.patch(at, json=less))

    assert (await world.http.get(path_of(item["renditions"][0]["url"]))).status_code == 404
    if less != {"password": None}:
        assert (await world.http.get(path_of(item["file_url"]))).status_code in (401, 404)
        assert (await world.http.get(public(link, "/photos"), headers=headers)).status_code in (401, 404)


async def test_after_the_last_view_the_share_is_past_and_stays_so(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    link = await share(as_ada, await shown(world, ada.id), max_views=2)

    views = [(await world.http.get(public(link))).status_code for _ in range(2)]
    [item] = await listed(world.http, link)
    served = (await world.http.get(path_of(item["renditions"][0]["url"]))).status_code
    beyond = await world.http.get(public(link))
    after = await world.http.get(public(link, "/photos"))
    ended = (await world.http.get(path_of(item["renditions"][0]["url"]))).status_code
    await as_ada.patch(f"{LINKS}/{link['id']}", json={"max_views": 3})

    assert (views, served, ended) == ([200, 200], 200, 404)
    assert problem(beyond) == problem(after) == (410, "share-views-used-up")
    assert [(await world.http.get(public(link))).status_code for _ in range(2)] == [200, 410]


async def test_a_head_is_no_view(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    link = await share(as_ada, await shown(world, ada.id), max_views=1)

    heads = [(await world.http.head(public(link))).status_code for _ in range(3)]

    assert heads == [200, 200, 200]
    assert (await world.http.get(public(link))).status_code == 200


async def test_an_album_that_is_called_otherwise_is_shown_anew(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    album_id = await an_album(world.container, ada.id)
    link = await share(as_ada, album_id=str(album_id))
    known = {"if-none-match": (await world.http.get(public(link))).headers["etag"]}
    unchanged = await world.http.get(public(link), headers=known)

    await as_ada.patch(f"/api/v1/albums/{album_id}", json={"name": "Summer"})
    renamed = await world.http.get(public(link), headers=known)

    assert unchanged.status_code == 304
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Summer")


async def test_who_guesses_waits_longer_and_longer(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    link = await share(as_ada, await shown(world, ada.id), password=PASSWORD)
    at = public(link, "/unlock")

    async def guess(password: str = "wrong") -> httpx.Response:
        return await world.http.post(at, json={"password": password})

    first = [problem(await guess()) for _ in range(10)]
    refused = await guess()
    right = await guess(PASSWORD)
    world.store.clock.advance(minutes=10)
    again = [problem(await guess())[0] for _ in range(10)]
    longer = await guess()
    world.store.clock.advance(hours=1)
    unlocked = await guess(PASSWORD)

    assert first == [(401, "wrong-share-password")] * 10
    assert problem(refused) == problem(right) == (429, "too-many-passwords")
    assert again == [401] * 10
    assert 0 < int(refused.headers["retry-after"]) <= 600 < int(longer.headers["retry-after"]) <= 3600
    assert unlocked.status_code == 200


async def test_guesses_at_one_link_lock_nobody_out_of_another(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    photo = await shown(world, ada.id)
    link, other = await share(as_ada, photo, password=PASSWORD), await share(as_ada, photo, password=PASSWORD)
    for _ in range(11):
        await world.http.post(public(link, "/unlock"), json={"password": "wrong"})

    assert await unlock(world.http, other)


async def test_a_link_without_a_password_takes_as_long_to_refuse_one(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    link = await share(as_ada, await shown(world, ada.id))
    verified = world.store.passwords.verified

    answer = await world.http.post(public(link, "/unlock"), json={"password": PASSWORD})

    assert problem(answer) == (401, "wrong-share-password")
    assert world.store.passwords.verified == verified + 1


async def test_an_unlock_is_good_for_no_more_than_its_time(world: World, ada: User, as_ada: httpx.AsyncClient) -> None:
    link = await share(as_ada, await shown(world, ada.id), password=PASSWORD)
    headers = await unlock(world.http, link)

    world.store.clock.advance(hours=12)

    assert problem(await world.http.get(public(link), headers=headers)) == (401, "password-required")
    assert problem(await world.http.get("/api/v1/photos", headers=headers)) == (401, "invalid-token")


async def test_no_log_and_no_metric_holds_a_token(
    world: World, ada: User, as_ada: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    link = await share(as_ada, await shown(world, ada.id))

    for rest in ("", "/photos", "/unlock", "/nothing/of/ours"):
        await world.http.get(public(link, rest))
    await world.http.get(f"/s/{link['token']}/x")

    told = capsys.readouterr()
    assert "/api/v1/public/{token}/photos" in told.out + told.err
    assert link["token"] not in told.out + told.err
    assert all(link["token"] not in route for _, route, _ in world.requests.observed)
