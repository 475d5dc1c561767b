"""What decoding finds out of a photo, wherever photos are kept."""

import pytest
from dishka import AsyncContainer

from photostore.photo.errors import PhotoNotFound
from photostore.photo.photo import Photo, PhotoEdit, PhotoStatus, Shown
from photostore.photo.picture import Camera, Failure, Fingerprint, ImageFormat, Location, PictureFacts, Rendition
from photostore.photo.ports import PhotoRepository
from photostore.photo.queries import PhotoQueries
from photostore.shared.blobs import BlobKey
from tests.builders import a_photo, a_user_id
from tests.fakes.system import NOW
from tests.using import get, stored, transaction

RENDITION = Rendition(
    name="thumb",
    format=ImageFormat.AVIF,
    width=320,
    height=240,
    byte_size=9000,
    blob_key=BlobKey("renditions/a/b.avif"),
)
CAMERA = Camera(make="Nikon", model="D850", lens="50 mm", f_number=1.8, exposure_seconds=0.004, iso=64)
SHOWN = Shown(
    width=3000,
    height=4000,
    facts=PictureFacts(
        taken_at=NOW,
        taken_at_offset_minutes=-210,
        camera=CAMERA,
        location=Location(latitude=-33.8567844, longitude=151.2152967, altitude_m=-3.25),
    ),
    placeholder=b"\x00\xffhash",
    fingerprint=Fingerprint(pixels=b"p" * 32, perceptual=2**64 - 1),
    renditions=(RENDITION,),
)


async def shown(adapters: AsyncContainer, photo: Photo, picture: Shown = SHOWN) -> None:
    async with transaction(adapters, PhotoRepository) as photos:
        fresh = await photos.get(photo.id, owner=photo.owner_id)
        fresh.show(picture, now=NOW)
        await photos.save(fresh)


async def read(adapters: AsyncContainer, photo: Photo) -> Photo:
    async with transaction(adapters, PhotoRepository) as photos:
        return await photos.get(photo.id, owner=photo.owner_id)


async def count(adapters: AsyncContainer, photo: Photo) -> int:
    async with transaction(adapters, PhotoRepository) as photos:
        return await photos.count_decoding(photo.id, owner=photo.owner_id)


@pytest.fixture
async def photo(adapters: AsyncContainer) -> Photo:
    return await stored(adapters, a_photo(status=PhotoStatus.PROCESSING))


async def test_it_comes_back_as_it_was_found(adapters: AsyncContainer, photo: Photo) -> None:
    await shown(adapters, photo)

    again = await read(adapters, photo)
    assert (again.status, again.failure, again.version, again.edited_version) == (PhotoStatus.READY, None, 2, 1)
    assert (again.width, again.height, again.placeholder) == (3000, 4000, b"\x00\xffhash")
    assert (again.camera, again.location) == (CAMERA, SHOWN.facts.location)
    assert (again.taken_at, again.taken_at_offset_minutes) == (NOW, -210)
    assert again.renditions == (RENDITION,)


async def test_readers_see_it_at_no_further_statement(adapters: AsyncContainer, photo: Photo) -> None:
    await shown(adapters, photo)

    view = await (await get(adapters, PhotoQueries)).get(photo.id, owner=photo.owner_id)

    assert (view.status, view.failure, view.placeholder) == ("ready", None, b"\x00\xffhash")
    assert view.camera == {
        "make": "Nikon",
        "model": "D850",
        "lens": "50 mm",
        "f_number": 1.8,
        "exposure_seconds": 0.004,
        "iso": 64,
        "focal_length_mm": None,
    }
    assert (view.latitude, view.longitude, view.altitude_m) == (-33.8567844, 151.2152967, -3.25)
    assert view.renditions == [
        {
            "name": "thumb",
            "format": "avif",
            "width": 320,
            "height": 240,
            "byte_size": 9000,
            "blob_key": "renditions/a/b.avif",
        }
    ]


async def test_a_picture_that_says_nothing_has_nulls(adapters: AsyncContainer, photo: Photo) -> None:
    view = await (await get(adapters, PhotoQueries)).get(photo.id, owner=photo.owner_id)

    assert (view.camera, view.latitude, view.longitude, view.altitude_m) == (None, None, None, None)
    assert (view.placeholder, view.failure, view.renditions) == (None, None, [])


async def test_a_failure_is_told(adapters: AsyncContainer, photo: Photo) -> None:
    async with transaction(adapters, PhotoRepository) as photos:
        fresh = await photos.get(photo.id, owner=photo.owner_id)
        fresh.fail(Failure.TRUNCATED, now=NOW)
        await photos.save(fresh)

    assert (await read(adapters, photo)).failure is Failure.TRUNCATED
    view = await (await get(adapters, PhotoQueries)).get(photo.id, owner=photo.owner_id)
    assert (view.status, view.failure) == ("failed", "truncated")


async def test_starts_are_counted_until_one_comes_to_an_end(adapters: AsyncContainer, photo: Photo) -> None:
    starts = [await count(adapters, photo) for _ in range(3)]
    assert (starts, (await read(adapters, photo)).version) == ([1, 2, 3], 1)

    await shown(adapters, photo)

    assert await count(adapters, photo) == 1


async def test_a_start_can_be_taken_back(adapters: AsyncContainer, photo: Photo) -> None:
    await count(adapters, photo)
    await count(adapters, photo)

    for _ in range(3):
        async with transaction(adapters, PhotoRepository) as photos:
            await photos.forget_decoding(photo.id, owner=photo.owner_id)

    assert await count(adapters, photo) == 1


async def test_an_owner_s_photos_that_wait_are_counted_up_to_a_bound(adapters: AsyncContainer, photo: Photo) -> None:
    for _ in range(2):
        await stored(adapters, a_photo(owner_id=photo.owner_id, status=PhotoStatus.PROCESSING))
    await stored(adapters, a_photo(owner_id=photo.owner_id))
    await stored(adapters, a_photo(status=PhotoStatus.PROCESSING))

    async with transaction(adapters, PhotoRepository) as photos:
        assert await photos.count_processing(photo.owner_id, at_most=10) == 3
        assert await photos.count_processing(photo.owner_id, at_most=2) == 2


async def test_an_edit_does_not_end_a_decoding(adapters: AsyncContainer, photo: Photo) -> None:
    await count(adapters, photo)

    async with transaction(adapters, PhotoRepository) as photos:
        fresh = await photos.get(photo.id, owner=photo.owner_id)
        fresh.edit(PhotoEdit(title="Sea"), now=NOW)
        await photos.save(fresh)

    assert await count(adapters, photo) == 2
    assert (await read(adapters, photo)).edited_version == 2


async def test_only_the_owner_s_decodings_are_counted(adapters: AsyncContainer, photo: Photo) -> None:
    async with transaction(adapters, PhotoRepository) as photos:
        with pytest.raises(PhotoNotFound):
            await photos.count_decoding(photo.id, owner=a_user_id())


async def test_a_photo_is_decoded_any_number_of_times_and_goes_with_all_that_was_found(
    adapters: AsyncContainer, photo: Photo
) -> None:
    await shown(adapters, photo)
    await shown(adapters, photo)

    async with transaction(adapters, PhotoRepository) as photos:
        gone = await photos.get(photo.id, owner=photo.owner_id)
        gone.delete(now=NOW)
        await photos.remove([gone])

    with pytest.raises(PhotoNotFound):
        await read(adapters, photo)
