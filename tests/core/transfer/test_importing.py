"""Taking files and albums in, by the rules of every upload."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from dishka import AsyncContainer

from photostore.album.commands.create_album import CreateAlbum
from photostore.photo.commands.move_to_trash import MoveToTrash
from photostore.shared.blobs import BlobKey, BlobStoreUnavailable
from photostore.shared.errors import PhotostoreError
from photostore.shared.ids import AlbumId, PhotoId, UserId
from photostore.transfer.commands.import_album import ImportAlbum, ImportedAlbum
from photostore.transfer.commands.import_photo import FileToImport, Imported, ImportPhoto
from photostore.transfer.errors import OriginalDamaged
from photostore.transfer.steady import steady_chunks
from photostore.transfer.told import NOTHING_TOLD, Told, ToldAlbum
from photostore.upload.errors import ChecksumMismatch
from photostore.upload.pictures import UnsupportedImage
from tests.albums import an_album, shown, some_photos, view_of
from tests.builders import a_picture, a_user
from tests.fakes.blob_store import FakeBlobStore
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW
from tests.using import stored, use


@pytest.fixture
async def owner(container: AsyncContainer) -> UserId:
    return (await stored(container, a_user())).id


async def import_photo(container: AsyncContainer, owner: UserId, content: bytes, told: Told = NOTHING_TOLD) -> Imported:
    async def chunks() -> AsyncIterator[bytes]:
        yield content

    turn = asyncio.Event()
    turn.set()
    file = FileToImport(filename="IMG.jpg", byte_size=len(content), chunks=chunks(), turn=turn.wait)
    return await use(container, ImportPhoto)(actor=owner, file=file, told=told)


async def test_a_new_photo_is_all_that_is_told_of_it(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    told = Told(
        filename="sea.jpg",
        title="Sea",
        hashtags=("sea", "sun"),
        favorite=True,
        custom={"a": 1},
        taken_at=NOW,
        taken_at_offset_minutes=60,
        exact=True,
    )

    imported = await import_photo(container, owner, a_picture("sea"), told)

    photo = store.photos.rows[imported.photo_id]
    assert (imported.new, photo.filename, photo.title, photo.hashtags) == (True, "sea.jpg", "Sea", ("sea", "sun"))
    assert (photo.favorite, photo.custom, photo.taken_at, photo.taken_at_offset_minutes) == (True, {"a": 1}, NOW, 60)


async def test_the_same_bytes_again_only_complete_the_photo(
    container: AsyncContainer, store: FakeStore, owner: UserId
) -> None:
    first = await import_photo(container, owner, a_picture("sea"), Told(title="Mine"))

    again = await import_photo(container, owner, a_picture("sea"), Told(title="Other", description="calm"))
    unchanged = await import_photo(container, owner, a_picture("sea"), Told(title="Other", description="calm"))

    assert again == Imported(photo_id=first.photo_id, new=False, changed=True)
    assert unchanged == Imported(photo_id=first.photo_id, new=False, changed=False)
    photo = store.photos.rows[first.photo_id]
    assert (photo.title, photo.description) == ("Mine", "calm")
    assert len(store.photos.rows) == 1


@pytest.mark.parametrize(
    ("content", "told", "refusal"),
    [
        (b"no picture", NOTHING_TOLD, UnsupportedImage),
        (a_picture("sea"), Told(sha256=bytes(32)), ChecksumMismatch),
    ],
)
async def test_a_file_that_is_refused_leaves_nothing(
    container: AsyncContainer,
    store: FakeStore,
    owner: UserId,
    content: bytes,
    told: Told,
    refusal: type[PhotostoreError],
) -> None:
    with pytest.raises(refusal):
        await import_photo(container, owner, content, told)

    assert not store.photos.rows


async def import_album(
    container: AsyncContainer,
    owner: UserId,
    told: ToldAlbum,
    photo_ids: list[PhotoId],
    *,
    cover: PhotoId | None = None,
    taken: set[AlbumId] | None = None,
) -> ImportedAlbum:
    taken = set() if taken is None else taken
    return await use(container, ImportAlbum)(actor=owner, told=told, photo_ids=photo_ids, cover=cover, taken=taken)


async def test_an_album_is_made_with_its_photos_in_their_order(container: AsyncContainer, owner: UserId) -> None:
    ids = [photo.id for photo in await some_photos(container, owner, 3)]

    made = await import_album(
        container, owner, ToldAlbum(name="Rome", description="Spring"), [ids[2], ids[0], ids[1]], cover=ids[0]
    )

    view = await view_of(container, made.album_id, owner)
    assert (made.created, made.added) == (True, 3)
    assert (view.name, view.description, view.cover_photo_id) == ("Rome", "Spring", ids[0])
    assert [each.id for each in await shown(container, made.album_id, owner)] == [ids[2], ids[0], ids[1]]


async def test_an_album_of_the_name_is_gone_on_with_and_put_into_order(
    container: AsyncContainer, owner: UserId
) -> None:
    photos = await some_photos(container, owner, 4)
    ids = [photo.id for photo in photos]
    there = await an_album(container, owner, photos[3], photos[1], photos[0])

    made = await import_album(container, owner, ToldAlbum(name="Holiday"), ids[:3])
    again = await import_album(container, owner, ToldAlbum(name="Holiday"), ids[:3])

    assert (made.album_id, made.created, made.added, again.added) == (there, False, 1, 0)
    order = [each.id for each in await shown(container, there, owner)]
    assert [each for each in order if each in ids[:3]] == ids[:3]
    assert ids[3] in order


async def test_two_albums_of_one_name_stay_two(container: AsyncContainer, owner: UserId) -> None:
    taken = set[AlbumId]()

    first = await import_album(container, owner, ToldAlbum(name="Rome"), [], taken=taken)
    second = await import_album(container, owner, ToldAlbum(name="Rome"), [], taken=taken)
    again = await import_album(container, owner, ToldAlbum(name="Rome"), [])

    assert first.album_id != second.album_id
    assert again.album_id == first.album_id


async def test_what_is_in_the_trash_or_another_s_album_is_left_alone(container: AsyncContainer, owner: UserId) -> None:
    other = (await stored(container, a_user())).id
    theirs = await use(container, CreateAlbum)(actor=other, name="Rome")
    ids = [photo.id for photo in await some_photos(container, owner, 2)]
    await use(container, MoveToTrash)(actor=owner, photo_ids=[ids[0]])

    made = await import_album(container, owner, ToldAlbum(name="Rome"), ids, cover=ids[0])

    assert made.album_id != theirs
    assert [each.id for each in await shown(container, made.album_id, owner)] == [ids[1]]


KEY = BlobKey("originals/a/b")


class Faltering(FakeBlobStore):
    """Breaks off after ten bytes of each read."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.blobs[KEY] = content
        self.break_after = 10


async def read(blobs: FakeBlobStore, byte_size: int, pauses: list[float]) -> bytes:
    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    return b"".join([chunk async for chunk in steady_chunks(blobs, KEY, byte_size, pauses=(1, 2), pause=pause)])


async def test_an_original_is_read_on_where_the_store_broke_off() -> None:
    content, pauses = bytes(range(95)), list[float]()

    assert await read(Faltering(content), 95, pauses) == content

    assert pauses == [1] * 9


async def test_a_store_that_is_away_is_asked_a_few_times() -> None:
    blobs, pauses = Faltering(b"x" * 95), list[float]()
    blobs.failing.add("open")

    with pytest.raises(BlobStoreUnavailable):
        await read(blobs, 95, pauses)

    assert pauses == [1, 2]


async def test_an_original_of_another_size_is_damaged() -> None:
    with pytest.raises(OriginalDamaged):
        await read(Faltering(b"x" * 95), 96, [])
