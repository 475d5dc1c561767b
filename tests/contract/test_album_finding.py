"""What a query of an album finds no longer is not served through it, and what it finds is: whatever the query, as the
pages have it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from dishka import AsyncContainer

from photostore.album.album import AlbumEdit
from photostore.album.commands.edit_album import EditAlbum
from photostore.photo.commands.move_to_trash import MoveToTrash
from photostore.photo.commands.restore_from_trash import RestoreFromTrash
from photostore.photo.photo import Photo, PhotoEdit, PhotoStatus
from photostore.photo.picture import Failure
from photostore.photo.ports import PhotoRepository
from photostore.photo.queries import PhotoFilter, PhotoQueries, PhotoSort
from photostore.photo.renditions import picture_of
from photostore.shared.errors import Unavailable
from photostore.shared.ids import AlbumId
from photostore.shared.media import MediaRevocations, MediaUrlInvalid, subjects_of
from tests.albums import a_person, an_album, view_of
from tests.builders import PhotoDetails, a_photo, names
from tests.fakes.system import NOW
from tests.using import get, stored, transaction, use
from tests.waiting import eventually

NOON = datetime(2025, 7, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
EVERY_FIELD: PhotoDetails = {
    "title": "ΚΑΛΗΜΕΡΑ Été",
    "description": "Море, 50% A_b back\\slash",  # noqa: RUF001 - Cyrillic
    "filename": "写真 Straße.jpg",
    "favorite": True,
    "taken_at": NOON,
}
QUERIES = [
    PhotoFilter(),
    *(
        PhotoFilter(text=text)
        for text in (
            "καλημερα", "éTÉ", "ete", "МОРЕ", "мор", "写真", "写 真", "STRASSE", "straße", "50% a", "50 a", "a_B",  # noqa: RUF001
            "axb", "BACK\\S", "%", "_", "\\", "'", "жук", "été", "a\nb",
        )
    ),
    *(PhotoFilter(hashtags=names(*each)) for each in (["sea"], ["sea", "sun"], ["sea", "sky"], ["se"])),
    *(PhotoFilter(favorite=each) for each in (True, False)),
    *(PhotoFilter(status=each) for each in PhotoStatus),
    *(PhotoFilter(taken_from=each) for each in (NOON - SECOND, NOON, NOON + SECOND)),
    *(PhotoFilter(taken_before=each) for each in (NOON - SECOND, NOON, NOON + SECOND)),
    PhotoFilter(text="море", hashtags=names("sun"), favorite=True, taken_from=NOON),
    PhotoFilter(text="море", hashtags=names("sun"), favorite=False, taken_from=NOON),
]  # fmt: skip
# From what it was first: each makes some queries find it and others not.
EDITS = [
    PhotoEdit(title="Été", description=None),
    PhotoEdit(title="море", favorite=False),
    PhotoEdit(hashtags=["sun"], taken_at=None),
    PhotoEdit(title=None, description="%_'", taken_at=NOON + SECOND),
    PhotoEdit(description="A_B"),
]


async def is_served(adapters: AsyncContainer, album_id: AlbumId, photo: Photo) -> bool:
    """Through the album, of whose other photos nothing is asked."""
    view = await view_of(adapters, album_id, photo.owner_id)
    revocations = await get(adapters, MediaRevocations)
    try:
        await revocations.demand_valid(*subjects_of(picture_of(photo.blob_key), view.part))
    except (MediaUrlInvalid, Unavailable):
        return False
    return True


async def is_listed(adapters: AsyncContainer, query: PhotoFilter, photo: Photo) -> bool:
    pages = await get(adapters, PhotoQueries)
    page = await pages.list(photo.owner_id, query, sort=PhotoSort.NEWEST, after=None, limit=5)
    return photo.id in [view.id for view in page.items]


async def eventually_served(adapters: AsyncContainer, album_id: AlbumId, photo: Photo, *, served: bool) -> None:
    async def is_so() -> bool:
        return await is_served(adapters, album_id, photo) is served

    await eventually(is_so)


async def change(adapters: AsyncContainer, photo: Photo, *changes: Callable[[Photo], None]) -> None:
    async with transaction(adapters, PhotoRepository) as photos:
        fresh = await photos.get(photo.id, owner=photo.owner_id)
        for each in changes:
            each(fresh)
        await photos.save(fresh)


async def edit(adapters: AsyncContainer, photo: Photo, **told: Any) -> None:
    await change(adapters, photo, lambda fresh: fresh.edit(PhotoEdit(**told), now=NOW))


async def sea(adapters: AsyncContainer, **told: Any) -> tuple[AlbumId, Photo]:
    """An album of what carries #sea, and a photo in it."""
    photo = await stored(adapters, a_photo(owner_id=await a_person(adapters), hashtags=["sea"], **told))
    return await an_album(adapters, photo.owner_id, query=PhotoFilter(hashtags=names("sea"))), photo


@pytest.mark.parametrize("told", EDITS)
async def test_what_is_served_is_what_the_pages_show(adapters: AsyncContainer, told: PhotoEdit) -> None:
    owner = await a_person(adapters)
    albums = {await an_album(adapters, owner, query=query): query for query in QUERIES}
    photo = await stored(adapters, a_photo(owner_id=owner, hashtags=["sea", "sun"], **EVERY_FIELD))

    await change(adapters, photo, lambda fresh: fresh.edit(told, now=NOW))

    listed = {album_id: await is_listed(adapters, query, photo) for album_id, query in albums.items()}
    assert len(set(listed.values())) == 2

    async def all_agree() -> bool:
        return all([await is_served(adapters, each, photo) is shows for each, shows in listed.items()])

    await eventually(all_agree)


async def test_what_is_found_again_is_served_again(adapters: AsyncContainer) -> None:
    album_id, photo = await sea(adapters)

    await edit(adapters, photo, hashtags=[])
    await eventually_served(adapters, album_id, photo, served=False)
    await edit(adapters, photo, hashtags=["sea"])

    await eventually_served(adapters, album_id, photo, served=True)


async def test_what_decoding_finds_counts_as_well(adapters: AsyncContainer) -> None:
    owner = await a_person(adapters)
    photo = await stored(adapters, a_photo(owner_id=owner, status=PhotoStatus.PROCESSING))
    waiting = await an_album(adapters, owner, query=PhotoFilter(status=PhotoStatus.PROCESSING))
    tagged = await an_album(adapters, owner, query=PhotoFilter(hashtags=names("sea")))
    await edit(adapters, photo, title="now it was looked at")

    await change(
        adapters,
        photo,
        lambda fresh: fresh.tag_with_keywords(["sea"], now=NOW),
        lambda fresh: fresh.fail(Failure.CORRUPT, now=NOW),
    )

    await eventually_served(adapters, waiting, photo, served=False)
    await eventually_served(adapters, tagged, photo, served=True)


async def test_what_changes_in_the_trash_counts_when_it_is_restored(adapters: AsyncContainer) -> None:
    album_id, photo = await sea(adapters)
    await use(adapters, MoveToTrash)(actor=photo.owner_id, photo_ids=[photo.id])
    await edit(adapters, photo, hashtags=[])

    await use(adapters, RestoreFromTrash)(actor=photo.owner_id, photo_ids=[photo.id])

    await eventually_served(adapters, album_id, photo, served=False)


async def test_other_albums_and_other_owners_are_left_alone(adapters: AsyncContainer) -> None:
    album_id, photo = await sea(adapters)
    other = await an_album(adapters, photo.owner_id, photo)
    theirs, of_theirs = await sea(adapters)

    await edit(adapters, photo, hashtags=[])

    await eventually_served(adapters, album_id, photo, served=False)
    assert await is_served(adapters, other, photo)
    assert await is_served(adapters, theirs, of_theirs)


async def test_a_query_that_changes_finds_it_as_it_is(adapters: AsyncContainer) -> None:
    album_id, photo = await sea(adapters)
    await edit(adapters, photo, hashtags=["sky"])
    await eventually_served(adapters, album_id, photo, served=False)

    await use(adapters, EditAlbum)(
        actor=photo.owner_id, album_id=album_id, edit=AlbumEdit(query={"hashtags": names("sky")})
    )

    await eventually_served(adapters, album_id, photo, served=True)
