"""Files for archives that hide metadata."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from photostore.archive.queries import ArchivedPhoto, ArchiveQueries
from photostore.archive.unplanned import unplanned_archive
from photostore.photo.photo import Photo
from photostore.photo.picture import ImageFormat, Rendition
from photostore.shared.blobs import BlobKey, BlobNotFound
from photostore.shared.ids import UserId
from photostore.user.user import User
from photostore_http.clean_files import CleanFiles
from tests.builders import a_photo
from tests.http.world import World
from tests.using import get, stored


def a_rendition(key: str, width: int, image_format: ImageFormat) -> Rendition:
    return Rendition(name="thumb", format=image_format, width=width, height=width, byte_size=5, blob_key=BlobKey(key))


async def in_store(world: World, owner: UserId, content_type: str, **told: Any) -> Photo:
    photo = a_photo(owner_id=owner, byte_size=15, **told)
    photo.content_type = content_type
    world.store.blobs.blobs[photo.blob_key] = b"12345GPS GPS GP"
    for each in photo.renditions:
        world.store.blobs.blobs[each.blob_key] = each.blob_key.encode()[:5]
    return await stored(world.container, photo)


async def archived(world: World, owner: UserId, *photos: Photo) -> list[ArchivedPhoto]:
    queries = await get(world.container, ArchiveQueries)
    return list(await queries.chosen([each.id for each in photos], owner=owner))


async def take(chunks: AsyncIterator[bytes], sent: bytearray) -> None:
    async for chunk in chunks:
        sent += chunk


async def test_each_is_a_copy_or_else_its_largest_rendition_or_left_out(world: World, ada: User) -> None:
    jpeg = await in_store(world, ada.id, "image/jpeg", filename="Ada's flat.jpg")
    renditions = (a_rendition("small", 320, ImageFormat.WEBP), a_rendition("large", 1600, ImageFormat.AVIF))
    heic = await in_store(world, ada.id, "image/heic", renditions=renditions)
    undecoded = await in_store(world, ada.id, "image/heic")
    photos = await archived(world, ada.id, jpeg, undecoded, heic)

    files = [each async for each in (await get(world.container, CleanFiles)).of(photos)]

    assert [each.entry.name for each in files] == [b"photo-1.jpg", b"photo-3.avif"]
    contents = []
    for each in files:
        async with each.open() as chunks:
            contents.append(b"".join([chunk async for chunk in chunks]))
    assert contents == [b"12345", b"large"]


async def test_a_photo_that_is_gone_ends_the_archive_without_an_end(world: World, ada: User) -> None:
    photos = await archived(world, ada.id, *[await in_store(world, ada.id, "image/jpeg") for _ in range(2)])
    del world.store.blobs.blobs[BlobKey(photos[1].blob_key)]
    files, sent = (await get(world.container, CleanFiles)).of(photos), bytearray()

    with pytest.raises(BlobNotFound):
        await take(unplanned_archive(files), sent)

    assert b"12345" in sent
    assert b"PK\1\2" not in sent
    assert world.store.blobs.reading == 0
