"""The trash, bulk calls and storage figures, over HTTP."""

from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from photostore.photo.photo import Photo
from photostore.shared.ids import UploadId
from photostore.user.user import User
from photostore_http.photo_batches import LookupRequest, PhotoIdsRequest
from tests.builders import a_photo, a_photo_id, a_picture
from tests.http.test_photos import FIELDS, PHOTOS
from tests.http.test_problems import problem
from tests.http.test_uploads import UPLOADS
from tests.http.world import API, World
from tests.using import stored


@pytest.fixture
async def photo(world: World, ada: User) -> Photo:
    photo = await stored(world.container, a_photo(owner_id=ada.id, hashtags=["sea"]))
    world.store.blobs.blobs[photo.blob_key] = bytes(range(250)) * 4
    return photo


async def call(http: httpx.AsyncClient, name: str, *photo_ids: object) -> Any:
    answer = await http.post(f"{PHOTOS}/{name}", json={"photo_ids": [str(each) for each in photo_ids]})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def listed(http: httpx.AsyncClient, **query: Any) -> list[Any]:
    return [each["id"] for each in (await http.get(PHOTOS, params=query)).json()["items"]]


async def test_photos_go_into_the_trash_and_come_back(as_ada: httpx.AsyncClient, photo: Photo) -> None:
    absent = a_photo_id()

    told = await call(as_ada, "trash", photo.id, absent, photo.id)
    in_trash = await listed(as_ada), await listed(as_ada, trashed="true")
    restored = await call(as_ada, "restore", photo.id)

    ids = [str(each) for each in (photo.id, absent, photo.id)]
    statuses = ["trashed", "not_found", "unchanged"]
    assert told == {"results": [{"id": each, "status": status} for each, status in zip(ids, statuses, strict=True)]}
    assert in_trash == ([], [str(photo.id)])
    assert restored == {"results": [{"id": str(photo.id), "status": "restored"}]}
    assert (await listed(as_ada), await listed(as_ada, trashed="true")) == ([str(photo.id)], [])


async def test_a_trashed_photo_says_so_and_tells_no_urls(as_ada: httpx.AsyncClient, photo: Photo) -> None:
    await call(as_ada, "trash", photo.id)

    answer = await as_ada.get(f"{PHOTOS}/{photo.id}")

    told = answer.json()
    assert set(told) == FIELDS
    assert (told["trashed_at"], told["file_url"]) == ("2026-06-01T12:00:00Z", None)
    assert (told["hashtags"], answer.headers["etag"]) == (["sea"], '"2"')


async def test_its_urls_serve_nothing_but_its_owner_still_gets_the_bytes(
    world: World, as_ada: httpx.AsyncClient, photo: Photo
) -> None:
    url = (await as_ada.get(f"{PHOTOS}/{photo.id}")).json()["file_url"]
    before = (await world.http.get(url)).status_code

    await call(as_ada, "trash", photo.id)
    trashed = (await world.http.get(url)).status_code
    owned = (await as_ada.get(f"{PHOTOS}/{photo.id}/file")).status_code
    await call(as_ada, "restore", photo.id)

    assert (before, trashed, owned, (await world.http.get(url)).status_code) == (200, 404, 200, 200)


async def test_only_what_is_in_the_trash_is_deleted(as_ada: httpx.AsyncClient, photo: Photo) -> None:
    kept = await call(as_ada, "delete", photo.id)
    await call(as_ada, "trash", photo.id)

    gone = await call(as_ada, "delete", photo.id)

    assert [kept["results"][0]["status"], gone["results"][0]["status"]] == ["not_trashed", "deleted"]
    assert (await as_ada.get(f"{PHOTOS}/{photo.id}")).status_code == 404


async def test_the_trash_is_emptied(as_ada: httpx.AsyncClient, photo: Photo) -> None:
    await call(as_ada, "trash", photo.id)

    answer = await as_ada.delete(f"{API}/trash")

    assert (answer.status_code, answer.content) == (204, b"")
    assert await listed(as_ada, trashed="true") == []


@pytest.mark.parametrize("name", ["trash", "restore", "delete", "info"])
@pytest.mark.parametrize("photo_ids", [[], ["junk"], None])
async def test_what_is_no_list_of_1_to_1000_ids_does_not_validate(
    as_ada: httpx.AsyncClient, name: str, photo_ids: Any
) -> None:
    answer = await as_ada.post(f"{PHOTOS}/{name}", json={"photo_ids": photo_ids})

    assert problem(answer) == (422, "invalid")
    assert answer.json()["errors"][0]["field"].startswith("photo_ids")


@pytest.mark.parametrize(
    ("kind", "field", "one"),
    [(PhotoIdsRequest, "photo_ids", str(UUID(int=7))), (LookupRequest, "sha256", "ab" * 32)],
)
def test_a_call_takes_a_thousand_and_no_more(kind: type[Any], field: str, one: str) -> None:
    told = msgspec.convert({field: [one] * 1000}, kind)

    assert len(getattr(told, field)) == 1000
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({field: [one] * 1001}, kind)


async def test_many_photos_are_told_at_once(world: World, as_ada: httpx.AsyncClient, ada: User, photo: Photo) -> None:
    other, foreign = await stored(world.container, a_photo(owner_id=ada.id)), await stored(world.container, a_photo())

    told = await call(as_ada, "info", other.id, foreign.id, photo.id, other.id)

    assert [each["id"] for each in told["items"]] == [str(other.id), str(photo.id)]
    assert (told["missing"], told["total_bytes"]) == ([str(foreign.id)], 2000)
    assert set(told["items"][0]) == FIELDS


async def test_a_lookup_tells_what_need_not_be_sent(as_ada: httpx.AsyncClient, photo: Photo) -> None:
    known, unknown = photo.sha256.hex(), "ab" * 32

    before = await as_ada.post(f"{PHOTOS}/lookup", json={"sha256": [unknown, known.upper()]})
    await as_ada.delete(f"{PHOTOS}/{photo.id}")
    after = await as_ada.post(f"{PHOTOS}/lookup", json={"sha256": [known]})

    nothing = {"sha256": unknown, "photo_id": None, "deleted_at": None}
    assert before.json() == {"items": [nothing, {"sha256": known, "photo_id": str(photo.id), "deleted_at": None}]}
    assert after.json() == {"items": [{"sha256": known, "photo_id": None, "deleted_at": "2026-06-01T12:00:00Z"}]}


@pytest.mark.parametrize("digests", [[], ["ab"], ["zz" * 32], ["ab" * 33], ["ab" * 32 + "\n"]])
async def test_what_is_no_list_of_digests_does_not_validate(as_ada: httpx.AsyncClient, digests: list[str]) -> None:
    answer = await as_ada.post(f"{PHOTOS}/lookup", json={"sha256": digests})

    assert problem(answer) == (422, "invalid")


async def test_an_upload_can_refuse_what_was_deleted(world: World, as_ada: httpx.AsyncClient, ada: User) -> None:
    picture = a_picture("sea")
    photo = await stored(world.container, a_photo(owner_id=ada.id, sha256=sha256(picture).digest()))
    await as_ada.delete(f"{PHOTOS}/{photo.id}")
    files = {"file": ("sea.jpg", picture)}

    refused = await as_ada.post(PHOTOS, files=files, headers={"if-previously-deleted": "refuse"})
    misspelt = await as_ada.post(PHOTOS, files=files, headers={"if-previously-deleted": "refused"})
    taken = await as_ada.post(PHOTOS, files=files)
    again = await as_ada.post(PHOTOS, files=files, headers={"if-previously-deleted": "refuse"})

    assert problem(refused) == (409, "previously-deleted")
    assert problem(misspelt)[0] == 400
    assert (taken.status_code, again.status_code) == (201, 200)


async def test_a_direct_upload_can_refuse_what_was_deleted(world: World, as_ada: httpx.AsyncClient, ada: User) -> None:
    picture = a_picture("sea")
    photo = await stored(world.container, a_photo(owner_id=ada.id, sha256=sha256(picture).digest()))
    await as_ada.delete(f"{PHOTOS}/{photo.id}")
    announced = {"filename": "sea.jpg", "content_type": "image/jpeg", "byte_size": len(picture)}
    known = announced | {"sha256": sha256(picture).hexdigest()}
    refuse = {"if-previously-deleted": "refuse"}

    at_once = await as_ada.post(UPLOADS, json=known, headers=refuse)
    among_many = await as_ada.post(f"{UPLOADS}/batch", json={"uploads": [known, announced]}, headers=refuse)
    misspelt = await as_ada.post(UPLOADS, json=known, headers={"if-previously-deleted": "yes"})
    upload = among_many.json()["results"][1]["upload"]
    world.store.blobs.blobs[world.store.uploads.rows[UploadId(UUID(upload["id"]))].blob_key] = picture
    at_last = await as_ada.post(f"{UPLOADS}/{upload['id']}/complete")
    ended = (await as_ada.get(f"{UPLOADS}/{upload['id']}")).json()

    assert problem(at_once) == problem(at_last) == (409, "previously-deleted")
    assert [each["status"] for each in among_many.json()["results"]] == [409, 201]
    assert problem(misspelt)[0] == 400
    assert ended["state"] == "rejected"
    assert "deleted" in ended["reason"]


async def test_the_same_bytes_as_a_trashed_photo_are_that_photo(
    world: World, as_ada: httpx.AsyncClient, ada: User
) -> None:
    picture = a_picture("sea")
    photo = await stored(world.container, a_photo(owner_id=ada.id, sha256=sha256(picture).digest()))
    await call(as_ada, "trash", photo.id)

    answer = await as_ada.post(PHOTOS, files={"file": ("sea.jpg", picture)})

    told = answer.json()
    assert (answer.status_code, told["id"], told["duplicate"]) == (200, str(photo.id), True)
    assert told["trashed_at"] is not None


async def test_storage_is_told(world: World, as_ada: httpx.AsyncClient, ada: User, photo: Photo) -> None:
    await stored(world.container, a_photo(owner_id=ada.id))
    await call(as_ada, "trash", photo.id)

    answer = await as_ada.get(f"{API}/storage")

    assert answer.json() == {
        "quota_bytes": None,
        "used_bytes": 2000,
        "reserved_bytes": 0,
        "originals_bytes": 1000,
        "renditions_bytes": 0,
        "trash_bytes": 1000,
        "photo_count": 1,
    }
