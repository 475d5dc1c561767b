"""Images of a photo in any size, made when they are first asked for."""

import asyncio
from dataclasses import replace

import pytest
from dishka import AsyncContainer

from photostore.photo.commands import request_image
from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.commands.request_image import ImagePatience, RequestImage
from photostore.photo.errors import ImageSizeInvalid, PhotoNotFound, RenditionNotFound, RenditionPending
from photostore.photo.geometry import Size
from photostore.photo.jobs import MAKE_IMAGE
from photostore.photo.photo import Photo, PhotoStatus
from photostore.photo.picture import Failure, Fit, ImageFormat, Recipe
from photostore.photo.renditions import (
    LADDER,
    ladder_recipe,
    original_of,
    picture_of,
    rendition_folder,
    rendition_key,
)
from photostore.shared.blobs import BlobKey
from tests.builders import a_photo, a_picture, a_user_id
from tests.fakes.jobs import run_jobs
from tests.fakes.picture_decoder import rendition_bytes
from tests.fakes.store import FakeQuota, FakeStore
from tests.using import stored, use

RECIPE = Recipe(width=640, height=640, format=ImageFormat.WEBP)


@pytest.fixture
async def photo(container: AsyncContainer, store: FakeStore) -> Photo:
    photo = await stored(container, a_photo())
    store.blobs.blobs[photo.blob_key] = a_picture()
    return photo


async def worked_off(container: AsyncContainer, store: FakeStore) -> None:
    """As a worker beside the request does."""
    while not store.waiting_jobs():  # noqa: ASYNC110 - the fakes tell it no other way
        await asyncio.sleep(0)
    await run_jobs(container, store)


async def test_an_image_is_made_by_a_job_while_the_request_waits(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    store.image_patience = ImagePatience(seconds=5)
    request = use(container, RequestImage)

    found, _ = await asyncio.gather(
        request(actor=photo.owner_id, photo_id=photo.id, recipe=RECIPE), worked_off(container, store)
    )

    assert store.blobs.blobs[found.key] == rendition_bytes(RECIPE)
    assert found.byte_size == len(rendition_bytes(RECIPE))


async def test_it_is_made_once_whoever_asks(container: AsyncContainer, store: FakeStore, photo: Photo) -> None:
    request = use(container, RequestImage)
    for _ in range(3):
        with pytest.raises(RenditionPending):
            await request(actor=photo.owner_id, photo_id=photo.id, recipe=RECIPE)
    assert [job.name for _, job in store.waiting_jobs()] == [MAKE_IMAGE]
    await run_jobs(container, store)

    await request(actor=photo.owner_id, photo_id=photo.id, recipe=RECIPE)

    assert store.decoder.asked == [[RECIPE]]
    assert not store.waiting_jobs()


async def test_a_job_that_runs_twice_makes_it_once(container: AsyncContainer, store: FakeStore, photo: Photo) -> None:
    with pytest.raises(RenditionPending):
        await use(container, RequestImage)(actor=photo.owner_id, photo_id=photo.id, recipe=RECIPE)
    (number, job) = store.waiting_jobs()[0]
    await run_jobs(container, store)
    store.jobs.rows[number] = job

    await run_jobs(container, store)

    assert len(store.decoder.asked) == 1


async def test_another_owner_s_photo_has_no_images(container: AsyncContainer, photo: Photo) -> None:
    with pytest.raises(PhotoNotFound):
        await use(container, RequestImage)(actor=a_user_id(), photo_id=photo.id, recipe=RECIPE)


@pytest.mark.parametrize(
    ("status", "failure", "refusal"),
    [
        (PhotoStatus.PROCESSING, None, RenditionPending),
        (PhotoStatus.FAILED, Failure.TRUNCATED, RenditionNotFound),
    ],
)
async def test_a_photo_that_is_not_ready_has_no_images(
    container: AsyncContainer,
    store: FakeStore,
    status: PhotoStatus,
    failure: Failure | None,
    refusal: type[Exception],
) -> None:
    photo = await stored(container, a_photo(status=status, failure=failure))
    store.jobs.rows.clear()

    with pytest.raises(refusal):
        await use(container, RequestImage)(actor=photo.owner_id, photo_id=photo.id, recipe=RECIPE)

    assert not store.waiting_jobs()


async def test_an_image_of_a_photo_deleted_meanwhile_leaves_nothing(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    with pytest.raises(RenditionPending):
        await use(container, RequestImage)(actor=photo.owner_id, photo_id=photo.id, recipe=RECIPE)
    store.decoder.meanwhile = store.photos.rows.clear

    await run_jobs(container, store)

    assert set(store.blobs.blobs) == {photo.blob_key}


async def test_what_is_made_is_counted_once_and_not_charged(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    for _ in range(2):
        with pytest.raises(RenditionPending):
            await use(container, RequestImage)(actor=photo.owner_id, photo_id=photo.id, recipe=RECIPE)
        [(_, job)] = store.waiting_jobs()
        store.jobs.rows[99] = replace(job, dedupe_key=None)
        await run_jobs(container, store)
        store.blobs.blobs = {key: kept for key, kept in store.blobs.blobs.items() if key == photo.blob_key}

    made = len(rendition_bytes(RECIPE))
    assert store.quotas.rows[photo.owner_id] == FakeQuota(None, used=photo.byte_size, photos=1, renditions=made)
    await use(container, DeletePhoto)(actor=photo.owner_id, photo_id=photo.id)
    assert store.quotas.rows[photo.owner_id] == FakeQuota(None)


async def test_an_image_goes_with_its_photo(container: AsyncContainer, store: FakeStore, photo: Photo) -> None:
    with pytest.raises(RenditionPending):
        await use(container, RequestImage)(actor=photo.owner_id, photo_id=photo.id, recipe=RECIPE)
    await run_jobs(container, store)

    await use(container, DeletePhoto)(actor=photo.owner_id, photo_id=photo.id)
    await run_jobs(container, store)

    assert not store.blobs.blobs


async def test_a_picture_that_cannot_be_decoded_again_ends_the_job(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    with pytest.raises(RenditionPending):
        await use(container, RequestImage)(actor=photo.owner_id, photo_id=photo.id, recipe=RECIPE)
    store.decoder.failures = [Failure.TIMED_OUT]

    await run_jobs(container, store)

    assert set(store.blobs.blobs) == {photo.blob_key}
    with pytest.raises(RenditionNotFound):
        await use(container, RequestImage)(actor=photo.owner_id, photo_id=photo.id, recipe=RECIPE)
    assert not store.waiting_jobs(), "who asks again costs no decoder"


async def test_a_failed_image_may_be_tried_again_after_an_hour(
    container: AsyncContainer, store: FakeStore, photo: Photo
) -> None:
    with pytest.raises(RenditionPending):
        await use(container, RequestImage)(actor=photo.owner_id, photo_id=photo.id, recipe=RECIPE)
    store.decoder.failures = [Failure.TIMED_OUT]
    await run_jobs(container, store)
    store.clock.advance(minutes=61)

    with pytest.raises(RenditionPending):
        await use(container, RequestImage)(actor=photo.owner_id, photo_id=photo.id, recipe=RECIPE)

    assert len(store.waiting_jobs()) == 1


async def test_one_owner_has_only_so_many_images_waiting_and_others_go_between(
    container: AsyncContainer, store: FakeStore, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_image, "MOST_WAITING", 3)
    other = await stored(container, a_photo())
    store.blobs.blobs[other.blob_key] = a_picture()

    for asked, side in [(photo, 160), (photo, 320), (photo, 640), (photo, 960), (other, 160)]:
        recipe = Recipe(width=side, height=side, format=ImageFormat.WEBP)
        with pytest.raises(RenditionPending):
            await use(container, RequestImage)(actor=asked.owner_id, photo_id=asked.id, recipe=recipe)

    jobs = [(job.arguments["photo_id"], job.arguments["width"]) for _, job in store.waiting_jobs()]
    assert jobs == [(str(photo.id), 160), (str(other.id), 160), (str(photo.id), 320), (str(photo.id), 640)]


SIZE = Size(4000, 3000)


def key_of(recipe: Recipe, *, source: bytes = b"s" * 32, size: Size = SIZE, version: str = "1") -> BlobKey:
    return rendition_key(BlobKey("originals/00/a"), source, recipe, size=size, encoder_version=version)


def test_a_key_tells_all_that_the_bytes_depend_on() -> None:
    contained = [Recipe(width=side, height=side, format=each) for side in (320, 640) for each in ImageFormat]
    cut = [Recipe(width=320, height=side, fit=Fit.COVER, format=each) for side in (320, 640) for each in ImageFormat]

    keys = [key_of(recipe, version=version) for recipe in (*contained, *cut) for version in ("1", "2")]
    keys += [key_of(contained[0], source=b"t" * 32)]

    assert len(set(keys)) == len(keys)
    assert keys[0] == key_of(contained[0], version="1")


def test_boxes_that_give_the_same_picture_share_a_key() -> None:
    boxes = [(640, 480), (640, 2560), (640, 640)]
    tiny = [Recipe(width=side, height=side, fit=fit, format=ImageFormat.WEBP) for side in LADDER for fit in Fit]

    assert len({key_of(Recipe(width=w, height=h, format=ImageFormat.WEBP)) for w, h in boxes}) == 1
    assert len({key_of(recipe, size=Size(100, 100)) for recipe in tiny}) == 1


@pytest.mark.parametrize("original", ["originals/ab/0190-ab", "originals/an-owner/an-upload"])
def test_what_is_made_lies_beside_its_original(original: str) -> None:
    key = rendition_key(BlobKey(original), b"s" * 32, RECIPE, size=SIZE, encoder_version="1")

    assert key.startswith(rendition_folder(BlobKey(original)))
    assert original_of(key) == original
    assert picture_of(key) == picture_of(BlobKey(original)) == original.removeprefix("originals/")


@pytest.mark.parametrize(
    ("width", "height", "fit", "box"),
    [
        (1, None, Fit.CONTAIN, (160, 2560)),
        (160, None, Fit.CONTAIN, (160, 2560)),
        (161, None, Fit.CONTAIN, (320, 2560)),
        (None, 2560, Fit.CONTAIN, (2560, 2560)),
        (500, 100, Fit.CONTAIN, (640, 160)),
        (300, 200, Fit.COVER, (320, 320)),
        (2049, 1281, Fit.COVER, (2560, 1600)),
    ],
)
def test_sizes_are_rounded_up_to_the_ladder(
    width: int | None, height: int | None, fit: Fit, box: tuple[int, int]
) -> None:
    recipe = ladder_recipe(width=width, height=height, fit=fit, format=ImageFormat.AVIF)

    assert (recipe.width, recipe.height, recipe.fit) == (*box, fit)
    assert {recipe.width, recipe.height} <= set(LADDER)


@pytest.mark.parametrize(
    ("width", "height", "fit", "field"),
    [
        (None, None, Fit.CONTAIN, "width"),
        (0, None, Fit.CONTAIN, "width"),
        (-5, 100, Fit.CONTAIN, "width"),
        (100, 2561, Fit.CONTAIN, "height"),
        (100, None, Fit.COVER, "height"),
        (None, 100, Fit.COVER, "width"),
    ],
)
def test_sizes_off_the_ladder_are_refused(width: int | None, height: int | None, fit: Fit, field: str) -> None:
    with pytest.raises(ImageSizeInvalid) as refusal:
        ladder_recipe(width=width, height=height, fit=fit, format=ImageFormat.AVIF)

    assert [error.field for error in refusal.value.errors] == [field]
