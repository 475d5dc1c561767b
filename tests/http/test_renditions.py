"""Pictures made from the original, over HTTP."""

import httpx
import pytest

from photostore.photo.photo import Photo, PhotoStatus
from photostore.photo.picture import Failure
from photostore.photo.renditions import picture_of
from photostore.user.user import User
from photostore_http.settings import MediaDelivery
from tests.builders import a_photo, a_picture
from tests.fakes.jobs import run_jobs
from tests.fakes.store import FakeStore
from tests.http.test_problems import problem
from tests.http.world import World, world_of
from tests.http_settings import http_settings
from tests.using import stored

AVIF, WEBP, JPEG = "image/avif", "image/webp", "image/jpeg"


@pytest.fixture
async def at(world: World, ada: User) -> str:
    """The path of a photo of Ada's that has been decoded."""
    photo = await stored(world.container, a_photo(owner_id=ada.id, status=PhotoStatus.PROCESSING))
    world.store.blobs.blobs[photo.blob_key] = a_picture()
    await run_jobs(world.container, world.store)
    return f"/api/v1/photos/{photo.id}"


async def a_photo_at(world: World, ada: User, status: PhotoStatus, failure: Failure | None = None) -> str:
    photo = await stored(world.container, a_photo(owner_id=ada.id, status=status, failure=failure))
    return f"/api/v1/photos/{photo.id}"


async def test_a_photo_tells_its_renditions_with_urls_that_need_no_header(
    world: World, as_ada: httpx.AsyncClient, at: str
) -> None:
    photo = (await as_ada.get(at)).json()

    assert [(each["name"], each["content_type"], each["width"], each["height"]) for each in photo["renditions"]] == [
        ("thumb", WEBP, 320, 240),
        ("thumb", AVIF, 320, 240),
        ("preview", WEBP, 1600, 1200),
        ("preview", AVIF, 1600, 1200),
    ]
    for each in photo["renditions"]:
        answer = await world.http.get(each["url"])
        assert (answer.status_code, answer.headers["content-type"]) == (200, each["content_type"])
        assert len(answer.content) == each["byte_size"]
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_list_tells_the_same_as_each_photo(as_ada: httpx.AsyncClient, at: str) -> None:
    (listed,) = (await as_ada.get("/api/v1/photos")).json()["items"]

    assert listed == (await as_ada.get(at)).json()
    assert (listed["status"], listed["placeholder"]) == ("ready", "YSB0aHVtYmhhc2g=")


async def test_urls_of_renditions_die_with_the_photo(world: World, as_ada: httpx.AsyncClient, at: str) -> None:
    photo = (await as_ada.get(at)).json()

    await as_ada.delete(at)

    for url in [photo["file_url"], *(each["url"] for each in photo["renditions"])]:
        assert problem(await world.http.get(url)) == (404, "media-url-invalid")


@pytest.mark.parametrize(
    ("accept", "told"),
    [
        (None, AVIF),
        ("*/*", AVIF),
        ("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", AVIF),
        ("image/webp,*/*;q=0.5", WEBP),
        ("image/avif;q=0, image/*", WEBP),
        ("image/webp;q=0.5, image/avif;q=0.4", WEBP),
    ],
)
async def test_the_best_format_that_accept_allows_is_chosen(
    as_ada: httpx.AsyncClient, at: str, accept: str | None, told: str
) -> None:
    answer = await as_ada.get(f"{at}/renditions/thumb", headers={} if accept is None else {"accept": accept})

    assert (answer.status_code, answer.headers["content-type"]) == (200, told)
    assert "Accept" in answer.headers["vary"]


async def test_several_accept_lines_are_one_list(as_ada: httpx.AsyncClient, at: str) -> None:
    lines = [("accept", "text/html"), ("accept", WEBP)]

    answer = await as_ada.get(f"{at}/renditions/thumb", headers=lines)

    assert answer.headers["content-type"] == WEBP


@pytest.mark.parametrize("accept", ["image/jpeg", "image/jpg", "image/png", "text/html", "image/avif;q=x"])
async def test_clients_that_know_no_better_get_a_jpeg_made_for_them(
    world: World, as_ada: httpx.AsyncClient, at: str, accept: str
) -> None:
    pending = await as_ada.get(f"{at}/renditions/preview", headers={"accept": accept})
    await run_jobs(world.container, world.store)

    answer = await as_ada.get(f"{at}/renditions/preview", headers={"accept": accept})

    assert problem(pending) == (409, "rendition-pending")
    assert (answer.status_code, answer.headers["content-type"]) == (200, JPEG)
    assert answer.content == b"jpeg within 1600x1600"


async def test_a_rendition_answers_conditions_and_ranges(as_ada: httpx.AsyncClient, at: str) -> None:
    whole = await as_ada.get(f"{at}/renditions/thumb")
    same = await as_ada.get(f"{at}/renditions/thumb", headers={"if-none-match": whole.headers["etag"]})
    part = await as_ada.get(f"{at}/renditions/thumb", headers={"range": "bytes=2-5"})
    head = await as_ada.head(f"{at}/renditions/thumb")
    other = await as_ada.get(f"{at}/renditions/thumb", headers={"accept": WEBP})

    assert same.status_code == 304
    assert (part.status_code, part.content) == (206, whole.content[2:6])
    assert (head.status_code, head.content) == (200, b"")
    assert whole.headers["etag"] != other.headers["etag"]


async def test_a_photo_that_is_being_decoded_says_when_to_come_again(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    at = await a_photo_at(world, ada, PhotoStatus.PROCESSING)

    for path in ("renditions/thumb", "image?width=100"):
        answer = await as_ada.get(f"{at}/{path}")
        assert problem(answer) == (409, "rendition-pending")
        assert int(answer.headers["retry-after"]) >= 1


async def test_a_photo_that_failed_says_why_and_has_no_rendition(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    at = await a_photo_at(world, ada, PhotoStatus.FAILED, Failure.TRUNCATED)

    photo = (await as_ada.get(at)).json()
    answer = await as_ada.get(f"{at}/renditions/thumb")

    assert (photo["status"], photo["failure"], photo["renditions"]) == ("failed", "truncated", [])
    assert problem(answer) == (404, "rendition-not-found")
    assert "truncated" in answer.json()["detail"]


async def test_an_unknown_name_is_told_what_there_is(as_ada: httpx.AsyncClient, at: str) -> None:
    answer = await as_ada.get(f"{at}/renditions/huge")

    assert problem(answer) == (404, "rendition-not-found")
    assert "thumb" in answer.json()["detail"]


async def test_an_image_of_any_size_is_made_once(world: World, as_ada: httpx.AsyncClient, at: str) -> None:
    pending = await as_ada.get(f"{at}/image?width=500&height=300&format=webp")
    await run_jobs(world.container, world.store)
    decodings = len(world.store.decoder.asked)

    answer = await as_ada.get(f"{at}/image?width=600&height=320&format=webp")

    assert problem(pending) == (409, "rendition-pending")
    assert (answer.status_code, answer.headers["content-type"]) == (200, WEBP)
    assert answer.content == b"webp within 640x320"
    assert len(world.store.decoder.asked) == decodings


async def test_an_image_of_a_named_size_is_the_rendition_itself(as_ada: httpx.AsyncClient, at: str) -> None:
    image = await as_ada.get(f"{at}/image?width=320&height=320")
    rendition = await as_ada.get(f"{at}/renditions/thumb")

    assert (image.status_code, image.content) == (200, rendition.content)
    assert image.headers["etag"] == rendition.headers["etag"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "width"),
        ("width=0", "width"),
        ("width=2561", "width"),
        ("width=10&height=-1", "height"),
        ("width=10&fit=cover", "height"),
        ("width=ten", "width"),
        ("width=10&fit=stretch", "fit"),
        ("width=10&format=gif", "format"),
        ("width=10&size=3", "size"),
    ],
)
async def test_a_size_off_the_ladder_s_bounds_is_refused(
    as_ada: httpx.AsyncClient, at: str, query: str, field: str
) -> None:
    answer = await as_ada.get(f"{at}/image?{query}")

    assert answer.status_code == 400, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_the_original_comes_without_its_metadata_or_its_position(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    photo = await stored(world.container, a_photo(owner_id=ada.id, byte_size=100))
    world.store.blobs.blobs[photo.blob_key] = content = bytes(range(100))
    file = f"/api/v1/photos/{photo.id}/file"

    kept, placeless, bare = [
        await as_ada.get(f"{file}?metadata={policy}") for policy in ("keep", "no_location", "none")
    ]
    part = await as_ada.get(f"{file}?metadata=none", headers={"range": "bytes=-4"})
    same = await as_ada.get(f"{file}?metadata=none", headers={"if-none-match": bare.headers["etag"]})

    assert [kept.content, placeless.content, bare.content] == [content, content[:95], content[:90]]
    assert len({each.headers["etag"] for each in (kept, placeless, bare)}) == 3
    assert (part.status_code, part.content) == (206, content[86:90])
    assert part.headers["content-range"] == "bytes 86-89/90"
    assert same.status_code == 304


async def test_where_metadata_cannot_be_taken_out_the_largest_rendition_is_given(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    photo = a_photo(owner_id=ada.id, status=PhotoStatus.PROCESSING, filename="IMG_1.HEIC")
    photo.content_type = "image/heic"
    await stored(world.container, photo)
    world.store.blobs.blobs[photo.blob_key] = a_picture()
    file = f"/api/v1/photos/{photo.id}/file?metadata=none&download=1"
    pending = await as_ada.get(file)
    await run_jobs(world.container, world.store)

    answer = await as_ada.get(file)

    assert problem(pending) == (409, "rendition-pending")
    assert (answer.status_code, answer.headers["content-type"]) == (200, WEBP)
    assert answer.content == b"webp within 1600x1600"
    assert 'filename="IMG_1.webp"' in answer.headers["content-disposition"]


async def test_where_there_is_no_rendition_yet_either_one_is_made(
    world: World, ada: User, as_ada: httpx.AsyncClient
) -> None:
    photo = a_photo(owner_id=ada.id, filename="scan.tif")
    photo.content_type = "image/tiff"
    await stored(world.container, photo)
    world.store.blobs.blobs[photo.blob_key] = a_picture()
    file = f"/api/v1/photos/{photo.id}/file?metadata=none"
    pending = await as_ada.get(file)
    await run_jobs(world.container, world.store)

    answer = await as_ada.get(file)

    assert problem(pending) == (409, "rendition-pending")
    assert (answer.status_code, answer.content) == (200, b"webp within 1600x1600")


async def test_an_unknown_policy_is_refused(as_ada: httpx.AsyncClient, at: str) -> None:
    answer = await as_ada.get(f"{at}/file?metadata=some")

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["metadata"]


async def test_the_store_can_be_set_to_send_the_bytes_of_media_urls(store: FakeStore) -> None:
    async with world_of(store, settings=http_settings(media_delivery=MediaDelivery.REDIRECT)) as world:
        photo = await stored(world.container, a_photo())
        url = signed_url(store, photo)

        answer = await world.http.get(url)
        store.revoked.rows[picture_of(photo.blob_key)] = True
        revoked = await world.http.get(url)

    assert (answer.status_code, answer.headers["location"].startswith("http://blobs.test/")) == (302, True)
    assert "max-age=10" in answer.headers["cache-control"]
    assert problem(revoked) == (404, "media-url-invalid")


async def test_the_proxy_in_front_can_be_set_to_send_the_bytes_of_media_urls(store: FakeStore) -> None:
    async with world_of(store, settings=http_settings(media_delivery=MediaDelivery.ACCEL)) as world:
        photo = await stored(world.container, a_photo())

        answer = await world.http.get(signed_url(store, photo))
        forged = await world.http.get(signed_url(store, photo) + "0")

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["x-accel-redirect"] == f"/protected/{photo.blob_key}"
    assert (answer.headers["content-type"], answer.headers["x-content-type-options"]) == (JPEG, "nosniff")
    assert "immutable" in answer.headers["cache-control"]
    assert problem(forged) == (404, "media-url-invalid")
    assert "x-accel-redirect" not in forged.headers


def signed_url(store: FakeStore, photo: Photo) -> str:
    expires_at = store.media_urls.expiry(store.clock.now())
    return store.media_urls.sign(photo.blob_key, JPEG, photo.byte_size, "user-1", expires_at)
