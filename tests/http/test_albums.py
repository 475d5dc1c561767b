"""Albums over HTTP: documents, sharing, and for how long URLs of others' photos are good."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from dishka import Provider
from dishka import Scope as Lifetime

from photostore.album.queries import AlbumQueries, MemberView
from photostore.album.roles import Role
from photostore.photo.photo import Photo
from photostore.shared.ids import AlbumId, UserId
from photostore.user.scopes import Scope
from photostore.user.user import User
from tests.albums import an_album, put, share
from tests.builders import PICTURE_HEAD, a_photo, a_user
from tests.fakes.albums import FakeAlbumQueries
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW
from tests.http.world import API, World, world_of
from tests.using import stored


@pytest.fixture
async def bob(world: World) -> User:
    return await world.user(email="bob@example.test", display_name="Bob")


@pytest.fixture
async def as_bob(world: World, bob: User) -> httpx.AsyncClient:
    return await world.as_user(bob)


@pytest.fixture
async def photo(world: World, store: FakeStore, ada: User) -> Photo:
    return await with_bytes(world, store, ada)


@pytest.fixture
async def album(world: World, ada: User, bob: User, photo: Photo) -> AlbumId:
    """Ada's, with one photo of hers; Bob contributes."""
    return await an_album(world.container, ada.id, photo, contributor=bob.id)


async def with_bytes(world: World, store: FakeStore, owner: User, **told: Any) -> Photo:
    photo = await stored(world.container, a_photo(owner_id=owner.id, **told))
    store.blobs.blobs[photo.blob_key] = bytes(photo.byte_size)
    return photo


async def items(http: httpx.AsyncClient, album: AlbumId, **query: Any) -> list[dict[str, Any]]:
    answer = await http.get(f"{API}/albums/{album}/photos", params=query)
    listed: list[dict[str, Any]] = answer.json()["items"]
    return listed


async def url(http: httpx.AsyncClient, album: AlbumId) -> str:
    [item] = await items(http, album)
    return str(item["file_url"])


async def test_an_album_is_made_read_edited_and_deleted(as_ada: httpx.AsyncClient, ada: User, photo: Photo) -> None:
    made = await as_ada.post(f"{API}/albums", json={"name": " Holiday ", "description": "At the sea"})
    path = made.headers["location"]
    filled = await as_ada.put(f"{path}/photos", json={"photo_ids": [str(photo.id)]})
    edited = await as_ada.patch(
        path,
        json={"name": "Sea", "description": None, "cover_photo_id": str(photo.id)},
        headers={"if-match": filled.headers["etag"]},
    )
    stale = await as_ada.patch(path, json={"name": "Sun"}, headers={"if-match": filled.headers["etag"]})
    unchanged = await as_ada.get(path, headers={"if-none-match": edited.headers["etag"]})
    deleted = await as_ada.delete(path)

    assert (made.status_code, made.json()["name"], made.json()["photo_count"]) == (201, "Holiday", 0)
    assert (filled.status_code, filled.json()["photo_count"]) == (200, 1)
    assert edited.json() == {
        **made.json(),
        "name": "Sea",
        "description": None,
        "cover_photo_id": str(photo.id),
        "photo_count": 1,
        "version": 3,
    }
    assert (edited.json()["role"], edited.json()["owner_id"]) == ("owner", str(ada.id))
    assert (stale.status_code, unchanged.status_code, deleted.status_code) == (412, 304, 204)
    assert (await as_ada.get(path)).json()["type"] == "/problems/album-not-found"


async def test_what_does_not_validate_is_named(as_ada: httpx.AsyncClient, album: AlbumId) -> None:
    for json, field in (
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "x", "query": {"hashtag": ["no tag"]}}, "query.hashtag"),
        ({"name": "x", "query": {"q": "x" * 300}}, "query.q"),
    ):
        refused = await as_ada.post(f"{API}/albums", json=json)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    cover = await as_ada.patch(f"{API}/albums/{album}", json={"cover_photo_id": str(album)})
    assert (cover.status_code, cover.json()["errors"][0]["field"]) == (422, "cover_photo_id")


async def test_a_post_that_is_said_again_makes_one_album(as_ada: httpx.AsyncClient) -> None:
    said = [
        await as_ada.post(f"{API}/albums", json={"name": "Holiday"}, headers={"idempotency-key": "k"}) for _ in range(2)
    ]

    assert said[0].json() == said[1].json()
    assert len((await as_ada.get(f"{API}/albums")).json()["items"]) == 1


async def test_members_are_made_by_address_listed_and_sent_away(
    as_ada: httpx.AsyncClient, world: World, ada: User
) -> None:
    eve = await world.user(email="eve@example.test", display_name="Eve")
    album = await an_album(world.container, ada.id)
    members = f"{API}/albums/{album}/members"

    made = await as_ada.put(f"{members}/eve%40example.test", json={"role": "viewer"})
    again = await as_ada.put(f"{members}/{eve.id}", json={"role": "editor"})
    unknown = await as_ada.put(f"{members}/nobody@example.test", json={"role": "viewer"})
    owner = await as_ada.put(f"{members}/{ada.id}", json={"role": "viewer"})
    listed = await (await world.as_user(eve)).get(members)
    gone = await as_ada.delete(f"{members}/{eve.id}")

    assert (made.status_code, again.status_code, gone.status_code) == (201, 200, 204)
    assert listed.json()["items"] == [again.json()]
    assert (again.json()["user_id"], again.json()["display_name"], again.json()["role"]) == (
        str(eve.id),
        "Eve",
        "editor",
    )
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/user-not-found")
    assert (owner.status_code, owner.json()["type"]) == (422, "/problems/album-invalid")
    assert (await (await world.as_user(eve)).get(members)).status_code == 404


class _Leaving(FakeAlbumQueries):
    """Somebody leaves before they are told as a member."""

    def __init__(self, store: FakeStore, leaver: UserId) -> None:
        super().__init__(store)
        self._albums, self._leaver = store.albums, leaver

    async def members(
        self, album_id: AlbumId, *, reader: UserId, after: int | None, limit: int
    ) -> Sequence[MemberView]:
        self._albums.rows[album_id].unshare(self._leaver, now=NOW)
        return await super().members(album_id, reader=reader, after=after, limit=limit)


async def test_who_leaves_while_they_are_made_a_member_is_not_taken_for_the_next_one(store: FakeStore) -> None:
    leaver, stayer = a_user(email="leaver@example.test"), a_user()
    provider = Provider(scope=Lifetime.APP)
    provider.provide(lambda: _Leaving(store, leaver.id), provides=AlbumQueries, override=True)
    async with world_of(store, more=[provider]) as world:
        ada = await world.user()
        album = await an_album(world.container, ada.id, viewer=(await stored(world.container, leaver)).id)
        await share(world.container, album, ada.id, (await stored(world.container, stayer)).id, Role.VIEWER)

        told = await (await world.as_user(ada)).put(
            f"{API}/albums/{album}/members/{leaver.id}", json={"role": "editor"}
        )

    assert (told.status_code, told.json()["type"]) == (409, "/problems/concurrent-update")


async def test_a_role_that_does_not_allow_it_is_a_403(as_bob: httpx.AsyncClient, album: AlbumId) -> None:
    renamed = await as_bob.patch(f"{API}/albums/{album}", json={"name": "Mine"})

    assert (renamed.status_code, renamed.json()["type"]) == (403, "/problems/forbidden")


async def test_of_others_photos_what_is_private_is_not_told(
    world: World, store: FakeStore, as_bob: httpx.AsyncClient, bob: User, ada: User, album: AlbumId
) -> None:
    theirs = await with_bytes(world, store, bob, favorite=True, custom={"a": 1})
    await put(world.container, album, theirs)

    of_ada, of_bob = await items(as_bob, album)
    for_ada = await items(await world.as_user(ada), album)

    assert (of_ada["owner_id"], of_ada["sha256"], of_ada["favorite"], of_ada["custom"]) == (
        str(ada.id),
        None,
        None,
        None,
    )
    assert (of_bob["sha256"], of_bob["favorite"], of_bob["custom"]) == (theirs.sha256.hex(), True, {"a": 1})
    assert [photo["favorite"] for photo in for_ada] == [False, None]


async def test_photos_are_listed_page_by_page_in_every_order(
    as_ada: httpx.AsyncClient, world: World, ada: User
) -> None:
    photos = [await stored(world.container, a_photo(owner_id=ada.id)) for _ in range(3)]
    album = await an_album(world.container, ada.id, *photos)
    expected = [str(photo.id) for photo in photos]
    for sort, ordered in (("position", expected), ("taken_at", expected), ("-taken_at", expected[::-1])):
        first = await as_ada.get(f"{API}/albums/{album}/photos", params={"sort": sort, "limit": 2})
        second = await as_ada.get(f"http://photos.test{first.links['next']['url']}")
        seen = [photo["id"] for page in (first, second) for photo in page.json()["items"]]
        assert seen == ordered
        assert second.json()["next_cursor"] is None


async def test_a_cursor_of_another_order_is_none(as_ada: httpx.AsyncClient, world: World, ada: User) -> None:
    photos = [await stored(world.container, a_photo(owner_id=ada.id)) for _ in range(2)]
    album = await an_album(world.container, ada.id, *photos)
    first = await as_ada.get(f"{API}/albums/{album}/photos", params={"sort": "taken_at", "limit": 1})

    other = await as_ada.get(f"{API}/albums/{album}/photos", params={"cursor": first.json()["next_cursor"]})

    assert (other.status_code, other.json()["type"]) == (400, "/problems/bad-cursor")


async def test_photos_are_put_into_another_order(as_ada: httpx.AsyncClient, world: World, ada: User) -> None:
    one, two, three = photos = [await stored(world.container, a_photo(owner_id=ada.id)) for _ in range(3)]
    album = await an_album(world.container, ada.id, *photos)

    moved = await as_ada.post(f"{API}/albums/{album}/order", json={"photo_ids": [str(one.id)], "after": str(three.id)})
    refused = await as_ada.post(f"{API}/albums/{album}/order", json={"photo_ids": [str(album)]})

    assert moved.status_code == 200
    assert [photo["id"] for photo in await items(as_ada, album)] == [str(each.id) for each in (two, three, one)]
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "photo_ids")


async def test_urls_end_with_the_membership_and_live_again_with_another(
    world: World, as_ada: httpx.AsyncClient, as_bob: httpx.AsyncClient, bob: User, album: AlbumId
) -> None:
    before = await url(as_bob, album)
    assert (await world.http.get(before)).status_code == 200

    await as_ada.delete(f"{API}/albums/{album}/members/{bob.id}")
    ended = await world.http.get(before)
    await as_ada.put(f"{API}/albums/{album}/members/{bob.id}", json={"role": "viewer"})

    assert ended.status_code == 404
    assert (await world.http.get(before)).status_code == 404
    assert (await world.http.get(await url(as_bob, album))).status_code == 200
    assert (await world.http.get(await url(as_ada, album))).status_code == 200


async def test_urls_end_when_the_photo_is_taken_out_and_live_again_when_it_is_back(
    world: World, as_ada: httpx.AsyncClient, as_bob: httpx.AsyncClient, album: AlbumId, photo: Photo
) -> None:
    before, own = await url(as_bob, album), await url(as_ada, album)

    await as_ada.delete(f"{API}/albums/{album}/photos/{photo.id}")
    ended, still_own = await world.http.get(before), await world.http.get(own)
    await as_ada.put(f"{API}/albums/{album}/photos", json={"photo_ids": [str(photo.id)]})

    assert (ended.status_code, still_own.status_code) == (404, 200)
    assert (await world.http.get(before)).status_code == 200


async def test_urls_end_with_the_album(
    world: World, as_ada: httpx.AsyncClient, as_bob: httpx.AsyncClient, album: AlbumId
) -> None:
    before, own = await url(as_bob, album), await url(as_ada, album)

    await as_ada.delete(f"{API}/albums/{album}")

    assert [(await world.http.get(each)).status_code for each in (before, own)] == [404, 200]


async def test_what_a_contributor_shared_ends_for_all_when_they_go(
    world: World, store: FakeStore, as_ada: httpx.AsyncClient, bob: User, ada: User
) -> None:
    album = await an_album(world.container, ada.id, contributor=bob.id)
    await put(world.container, album, await with_bytes(world, store, bob))
    before = await url(as_ada, album)
    assert (await world.http.get(before)).status_code == 200

    await as_ada.delete(f"{API}/albums/{album}/members/{bob.id}")

    assert (await world.http.get(before)).status_code == 404
    assert await items(as_ada, album) == []


async def test_urls_end_with_the_query_that_found_the_photo(
    world: World, as_ada: httpx.AsyncClient, as_bob: httpx.AsyncClient, bob: User, ada: User, photo: Photo
) -> None:
    made = await as_ada.post(f"{API}/albums", json={"name": "All", "query": {"q": "holiday"}})
    album = AlbumId(made.json()["id"])
    await as_ada.put(f"{API}/albums/{album}/members/{bob.id}", json={"role": "viewer"})
    before = await url(as_bob, album)

    changed = await as_ada.patch(f"{API}/albums/{album}", json={"query": {"taken_after": None, "favorite": False}})

    assert changed.json()["query"]["q"] == "holiday"
    assert (await world.http.get(before)).status_code == 404
    assert (await world.http.get(await url(as_bob, album))).status_code == 200


@pytest.mark.parametrize(
    ("query", "before", "after"),
    [
        ({"hashtag": ["sea"]}, {"hashtags": ["sea", "sun"]}, {"hashtags": ["sun"]}),
        ({"q": "sea"}, {"title": "The SEA"}, {"title": "The sun"}),
        ({"favorite": True}, {"favorite": True}, {"favorite": False}),
        ({"taken_after": "2025-07-01T00:00:00Z"}, {"taken_at": "2025-07-01T00:00:00Z"}, {"taken_at": None}),
    ],
)
async def test_urls_end_when_the_query_finds_the_photo_no_longer_and_live_again_when_it_does(
    world: World,
    as_ada: httpx.AsyncClient,
    as_bob: httpx.AsyncClient,
    bob: User,
    photo: Photo,
    query: dict[str, Any],
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    album = AlbumId((await as_ada.post(f"{API}/albums", json={"name": "Sea", "query": query})).json()["id"])
    await as_ada.put(f"{API}/albums/{album}/members/{bob.id}", json={"role": "viewer"})
    assert await items(as_bob, album) == []
    await as_ada.patch(f"{API}/photos/{photo.id}", json=before)
    given_out, own = await url(as_bob, album), await url(as_ada, album)
    assert (await world.http.get(given_out)).status_code == 200

    await as_ada.patch(f"{API}/photos/{photo.id}", json=after)
    ended, still_own = await world.http.get(given_out), await world.http.get(own)
    await as_ada.patch(f"{API}/photos/{photo.id}", json=before)

    assert (ended.status_code, still_own.status_code) == (404, 200)
    assert (await world.http.get(given_out)).status_code == 200


async def test_untagging_ends_urls_of_that_query_alone(
    world: World, as_ada: httpx.AsyncClient, as_bob: httpx.AsyncClient, bob: User, photo: Photo, album: AlbumId
) -> None:
    await as_ada.put(f"{API}/photos/{photo.id}/hashtags/sea")
    made = await as_ada.post(f"{API}/albums", json={"name": "Sea", "query": {"hashtag": ["sea"]}})
    await as_ada.put(f"{made.headers['location']}/members/{bob.id}", json={"role": "viewer"})
    found, put_there = await url(as_bob, AlbumId(made.json()["id"])), await url(as_bob, album)

    await as_ada.delete(f"{API}/photos/{photo.id}/hashtags/sea")

    assert [(await world.http.get(each)).status_code for each in (found, put_there)] == [404, 200]


async def test_urls_expire_and_end_with_the_trash(
    world: World, store: FakeStore, as_ada: httpx.AsyncClient, as_bob: httpx.AsyncClient, album: AlbumId, photo: Photo
) -> None:
    before = await url(as_bob, album)
    await as_ada.post(f"{API}/photos/trash", json={"photo_ids": [str(photo.id)]})
    trashed = await world.http.get(before)
    await as_ada.post(f"{API}/photos/restore", json={"photo_ids": [str(photo.id)]})
    restored = await world.http.get(before)
    store.clock.advance(hours=3)

    assert (trashed.status_code, restored.status_code, (await world.http.get(before)).status_code) == (404, 200, 404)


async def test_by_its_own_address_a_photo_stays_its_owners(
    as_bob: httpx.AsyncClient, album: AlbumId, photo: Photo
) -> None:
    for path in ("", "/file", "/renditions/thumb", "/image?width=100", "/download"):
        assert (await as_bob.get(f"{API}/photos/{photo.id}{path}")).status_code == 404


async def test_photos_can_be_filtered_within_an_album(
    world: World, as_bob: httpx.AsyncClient, bob: User, album: AlbumId, photo: Photo
) -> None:
    await stored(world.container, a_photo(owner_id=bob.id))

    listed = await as_bob.get(f"{API}/photos", params={"album_id": str(album), "q": "HOLIDAY"})
    strange = await as_bob.get(f"{API}/photos", params={"album_id": str(photo.id)})
    key = await world.with_key(bob.id, Scope.PHOTOS_READ)
    without_scope = await key.get(f"{API}/photos", params={"album_id": str(album)})

    [item] = listed.json()["items"]
    assert (item["id"], item["sha256"]) == (str(photo.id), None)
    assert (await world.http.get(item["file_url"])).status_code == 200
    assert (strange.status_code, without_scope.status_code) == (404, 403)


async def test_the_feed_tells_each_the_album_as_they_see_it(
    as_ada: httpx.AsyncClient, as_bob: httpx.AsyncClient, album: AlbumId
) -> None:
    for http, role in ((as_ada, "owner"), (as_bob, "contributor")):
        told = (await http.get(f"{API}/changes")).json()["items"]
        last = next(item for item in reversed(told) if item["entity"] == "album")
        assert (last["id"], last["data"]["role"], last["data"]["photo_count"]) == (str(album), role, 1)


async def test_a_form_puts_its_photo_into_an_album(as_bob: httpx.AsyncClient, album: AlbumId) -> None:
    form: dict[str, Any] = {"files": {"file": ("a.jpg", PICTURE_HEAD)}, "data": {"album_id": str(album)}}

    made = await as_bob.post(f"{API}/photos", **form)
    await as_bob.delete(f"{API}/albums/{album}/photos/{made.json()['id']}")
    again = await as_bob.post(f"{API}/photos", **form)

    assert (made.status_code, again.status_code) == (201, 200)
    assert [item["id"] for item in await items(as_bob, album)][1:] == [made.json()["id"]]


async def test_a_known_digest_puts_the_photo_into_an_album_at_once(
    world: World, as_bob: httpx.AsyncClient, bob: User, album: AlbumId
) -> None:
    photos = [await stored(world.container, a_photo(owner_id=bob.id)) for _ in range(2)]
    announced = {"filename": "a.jpg", "content_type": "image/jpeg", "byte_size": 1000, "album_id": str(album)}
    fields = {"album_id": str(album), "sha256": photos[1].sha256.hex()}

    direct = await as_bob.post(f"{API}/uploads", json={**announced, "sha256": photos[0].sha256.hex()})
    form = await as_bob.post(f"{API}/photos", data=fields, files={"file": ("a.jpg", PICTURE_HEAD)})

    assert (direct.status_code, form.status_code) == (200, 200)
    assert [item["id"] for item in await items(as_bob, album)][1:] == [str(photo.id) for photo in photos]


@pytest.mark.parametrize("named", ["unknown", "none", "viewed", "found"])
async def test_an_album_that_photos_cannot_be_put_into_is_refused_at_the_start(
    world: World, store: FakeStore, as_bob: httpx.AsyncClient, ada: User, bob: User, named: str
) -> None:
    viewed = await an_album(world.container, ada.id, viewer=bob.id)
    found = (await as_bob.post(f"{API}/albums", json={"name": "x", "query": {}})).json()["id"]
    album_id = {"unknown": str(ada.id), "none": "x", "viewed": str(viewed), "found": found}[named]
    announced = {"filename": "a.jpg", "content_type": "image/jpeg", "byte_size": 1000, "album_id": album_id}

    refused = [
        await as_bob.post(f"{API}/uploads", json=announced),
        await as_bob.post(f"{API}/photos", data={"album_id": album_id}, files={"file": ("a.jpg", PICTURE_HEAD)}),
        await as_bob.post(f"{API}/uploads/tus", headers=tus({"album_id": album_id})),
    ]
    batch = await as_bob.post(f"{API}/uploads/batch", json={"uploads": [announced]})

    assert [(answer.status_code, answer.json()["errors"][0]["field"]) for answer in refused] == [(422, "album_id")] * 3
    assert batch.json()["results"][0]["status"] == 422
    assert (store.originals, len(store.photos.rows)) == (set(), 0)


async def test_a_photo_whose_album_went_meanwhile_is_made_all_the_same(
    as_ada: httpx.AsyncClient, as_bob: httpx.AsyncClient, bob: User, album: AlbumId
) -> None:
    started = await as_bob.post(
        f"{API}/uploads/tus",
        headers={**tus({"album_id": str(album), "filename": "a.jpg"}), "upload-length": str(len(PICTURE_HEAD))},
    )
    await as_ada.delete(f"{API}/albums/{album}/members/{bob.id}")

    piece = {"tus-resumable": "1.0.0", "upload-offset": "0", "content-type": "application/offset+octet-stream"}
    sent = await as_bob.patch(started.headers["location"], headers=piece, content=PICTURE_HEAD)

    assert (sent.status_code, "photostore-photo-id" in sent.headers) == (204, True)
    assert len(await items(as_ada, album)) == 1


async def test_a_photo_that_came_piece_by_piece_is_in_its_album(as_bob: httpx.AsyncClient, album: AlbumId) -> None:
    headers = {**tus({"album_id": str(album)}), "upload-length": str(len(PICTURE_HEAD))}
    piece = {"upload-offset": "0", "content-type": "application/offset+octet-stream"}

    sent = await as_bob.post(f"{API}/uploads/tus", headers={**headers, **piece}, content=PICTURE_HEAD)

    assert [item["id"] for item in await items(as_bob, album)][1:] == [sent.headers["photostore-photo-id"]]


def tus(metadata: dict[str, str]) -> dict[str, str]:
    told = {"filetype": "image/jpeg", **metadata}
    pairs = ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in told.items())
    return {"tus-resumable": "1.0.0", "upload-length": "1000", "upload-metadata": pairs}
