"""Photos as archives read them, and checksums that they keep."""

import asyncio
from datetime import UTC, datetime

import pytest
from dishka import AsyncContainer

from photostore.archive.commands.keep_checksums import KeepChecksums
from photostore.archive.ports import Checksum
from photostore.archive.queries import ArchivedPhoto, ArchiveQueries
from photostore.photo.commands.move_to_trash import MoveToTrash
from photostore.photo.photo import Photo
from photostore.photo.ports import PhotoRepository
from tests.albums import a_person, an_album, put, some_photos
from tests.builders import a_photo, a_photo_id, a_user_id
from tests.fakes.system import NOW
from tests.guests import an_album_link, sent
from tests.using import get, stored, transaction, use

LARGEST = 0xFFFF_FFFF


async def chosen(adapters: AsyncContainer, *photos: Photo) -> list[ArchivedPhoto]:
    queries = await get(adapters, ArchiveQueries)
    return list(await queries.chosen([each.id for each in photos], owner=photos[0].owner_id))


async def test_photos_come_in_the_order_asked_and_each_once(adapters: AsyncContainer) -> None:
    owner = a_user_id()
    photos = [await stored(adapters, a_photo(owner_id=owner)) for _ in range(3)]

    found = await chosen(adapters, photos[2], photos[0], photos[2], photos[1])

    assert [each.id for each in found] == [photos[2].id, photos[0].id, photos[1].id]


async def test_an_archive_is_told_what_it_needs(adapters: AsyncContainer) -> None:
    taken = datetime(2026, 5, 30, 18, 41, 7, tzinfo=UTC)
    photo = await stored(adapters, a_photo(filename="夕日.jpg", taken_at=taken))

    (found,) = await chosen(adapters, photo)

    assert (found.owner_id, found.filename, found.blob_key) == (photo.owner_id, "夕日.jpg", photo.blob_key)
    assert (found.content_type, found.byte_size) == (photo.content_type, photo.byte_size)
    assert (found.taken_at, found.taken_at_offset_minutes) == (taken, photo.taken_at_offset_minutes)
    assert (found.created_at, found.crc32) == (photo.created_at, None)


async def test_what_is_someone_elses_absent_or_in_the_trash_is_left_out(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo())
    trashed = await stored(adapters, a_photo(owner_id=photo.owner_id, trashed_at=NOW))
    absent = a_photo(owner_id=photo.owner_id)

    found = await chosen(adapters, photo, trashed, absent, await stored(adapters, a_photo()))

    assert [each.id for each in found] == [photo.id]


async def test_an_albums_photos_come_in_its_order_whoever_owns_them(adapters: AsyncContainer) -> None:
    owner, friend = await a_person(adapters), await a_person(adapters)
    mine, theirs = await some_photos(adapters, owner, 2), await some_photos(adapters, friend, 2)
    album_id = await an_album(adapters, owner, *mine[::-1], contributor=friend)
    await put(adapters, album_id, *theirs)
    await use(adapters, MoveToTrash)(actor=friend, photo_ids=[theirs[0].id])
    await an_album(adapters, owner, *mine)
    queries = await get(adapters, ArchiveQueries)

    found = await queries.of_album(album_id, owner=owner, limit=10)
    first = await queries.of_album(album_id, owner=owner, limit=1)

    assert [(each.owner_id, each.id) for each in found] == [
        (owner, mine[1].id),
        (owner, mine[0].id),
        (friend, theirs[1].id),
    ]
    assert [each.id for each in first] == [mine[1].id]


async def test_visitors_find_what_a_guest_sent_again_under_the_guests_name(adapters: AsyncContainer) -> None:
    owner = await a_person(adapters)
    plain, known, new = await some_photos(adapters, owner, 3)
    link = await an_album_link(adapters, plain, owner=owner)
    assert link.album_id is not None
    told_ids = [await sent(adapters, link, known, made=False), await sent(adapters, link, new)]
    queries = await get(adapters, ArchiveQueries)

    to_visitors = await queries.of_shared_album(link.album_id, owner=owner, limit=10)
    to_members = await queries.of_album(link.album_id, owner=owner, limit=10)

    assert [each.id for each in to_visitors] == [plain.id, known.id, new.id]
    assert [each.filename for each in to_visitors] == [plain.filename, "theirs.jpg", new.filename]
    assert [each.submission_id for each in to_visitors] == [None, *told_ids]
    assert [each.filename for each in to_members] == [plain.filename, known.filename, new.filename]
    assert len(await queries.of_shared_album(link.album_id, owner=owner, limit=2)) == 2


@pytest.mark.parametrize("crc32", [0, LARGEST])
async def test_a_checksum_is_kept_and_stays_as_it_was_first_told(adapters: AsyncContainer, crc32: int) -> None:
    photo = await stored(adapters, a_photo())

    for told in (crc32, 7):
        await use(adapters, KeepChecksums)(checksums=[Checksum(photo.owner_id, photo.id, told)])

    assert (await chosen(adapters, photo))[0].crc32 == crc32


async def test_a_checksum_of_what_is_gone_or_of_another_owner_is_passed_over(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo())
    told = [Checksum(photo.owner_id, a_photo_id(), 1), Checksum(a_user_id(), photo.id, 2)]

    await use(adapters, KeepChecksums)(checksums=told)

    assert (await chosen(adapters, photo))[0].crc32 is None


async def test_a_checksum_changes_no_version_and_outlives_a_save(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo())
    await use(adapters, KeepChecksums)(checksums=[Checksum(photo.owner_id, photo.id, 5)])

    async with transaction(adapters, PhotoRepository) as photos:
        again = await photos.get(photo.id, owner=photo.owner_id)
        again.move_to_trash(now=NOW)
        again.restore(now=NOW)
        await photos.save(again)

    assert (await chosen(adapters, photo))[0].crc32 == 5


async def test_keeping_a_checksum_waits_for_nobody(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo())

    async with transaction(adapters, PhotoRepository) as photos:
        held = await photos.get(photo.id, owner=photo.owner_id)
        held.move_to_trash(now=NOW)
        await photos.save(held)
        keep = use(adapters, KeepChecksums)(checksums=[Checksum(photo.owner_id, photo.id, 5)])
        await asyncio.wait_for(keep, 10)
