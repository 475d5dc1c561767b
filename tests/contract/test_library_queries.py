"""What whoever runs the service reads of all photos, wherever they are kept."""

import pytest
from dishka import AsyncContainer

from photostore.photo.photo import Photo
from photostore.photo.picture import ImageFormat, Rendition
from photostore.photo.queries import LibraryPhoto, LibraryQueries
from photostore.shared.blobs import BlobKey
from photostore.shared.ids import UserId
from tests.builders import a_photo, a_user_id
from tests.using import get, stored

RENDITION = Rendition(
    name="thumb", format=ImageFormat.WEBP, width=320, height=240, byte_size=9, blob_key=BlobKey("renditions/a/b.webp")
)


@pytest.fixture
async def photos(adapters: AsyncContainer) -> list[Photo]:
    """Of two owners, in the order of the walk."""
    owners = [a_user_id(), a_user_id()]
    made = [await stored(adapters, a_photo(owner_id=owner)) for owner in owners for _ in range(3)]
    return sorted(made, key=lambda photo: (photo.owner_id, photo.id))


async def walked(adapters: AsyncContainer, owner: UserId | None, limit: int) -> list[LibraryPhoto]:
    library = await get(adapters, LibraryQueries)
    found = list[LibraryPhoto]()
    while page := await library.walk(owner, after=found[-1] if found else None, limit=limit):
        assert len(page) <= limit
        found += page
    return found


@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_every_photo_is_passed_once(adapters: AsyncContainer, photos: list[Photo], limit: int) -> None:
    found = await walked(adapters, None, limit)

    assert [each.id for each in found] == [photo.id for photo in photos]
    assert await (await get(adapters, LibraryQueries)).count(None) == 6


async def test_one_owner_s_are_passed_alone(adapters: AsyncContainer, photos: list[Photo]) -> None:
    owner = photos[0].owner_id

    found = await walked(adapters, owner, 2)

    assert [each.id for each in found] == [photo.id for photo in photos if photo.owner_id == owner]
    assert await (await get(adapters, LibraryQueries)).count(owner) == 3
    assert await (await get(adapters, LibraryQueries)).count(a_user_id()) == 0


async def test_each_tells_what_was_made_of_it(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo(renditions=(RENDITION,)))

    (found,) = await walked(adapters, None, 10)

    assert (found.owner_id, found.blob_key, found.sha256, found.status) == (
        photo.owner_id,
        photo.blob_key,
        photo.sha256,
        "ready",
    )
    assert [each["blob_key"] for each in found.renditions] == ["renditions/a/b.webp"]
