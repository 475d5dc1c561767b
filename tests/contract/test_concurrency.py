"""What holds when many do the same thing at once."""

import asyncio
from collections import Counter
from random import Random

from dishka import AsyncContainer

from photostore.hashtag.queries import HashtagQueries
from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.commands.edit_photo import EditPhoto
from photostore.photo.commands.tag_photo import TagPhoto
from photostore.photo.photo import Photo, PhotoEdit
from photostore.photo.queries import PhotoFilter, PhotoQueries, PhotoSort
from photostore.shared.ids import UserId
from photostore.upload.commands.expire_uploads import ExpireUploads
from photostore.upload.commands.upload_form import UploadForm
from photostore.user.commands.close_account import CloseAccount
from photostore.user.commands.erase_account import EraseAccount
from photostore.user.commands.open_session import SignedIn
from photostore.user.commands.refresh_session import RefreshSession
from photostore.user.commands.sign_in import SignIn
from tests.builders import CLIENT, PASSWORD, a_photo, a_picture, a_user, a_user_id, an_upload
from tests.fakes.form import FakeForm
from tests.fakes.store import FakeStore
from tests.fakes.system import NOW
from tests.using import get, stored, use

WORDS = [f"word{number}" for number in range(8)]


async def counts(adapters: AsyncContainer, reader: UserId | None = None) -> dict[str, int]:
    views = await (await get(adapters, HashtagQueries)).list(reader=reader, after=None, limit=100)
    return {view.name: view.photo_count for view in views}


async def carried(adapters: AsyncContainer, owner: UserId) -> Counter[str]:
    page = await (await get(adapters, PhotoQueries)).list(
        owner, PhotoFilter(), sort=PhotoSort.OLDEST, after=None, limit=200
    )
    return Counter(name for view in page.items for name in view.hashtags)


async def test_tagging_with_shared_hashtags_in_any_order_counts_right(adapters: AsyncContainer) -> None:
    owners = [a_user_id() for _ in range(4)]
    photos = [await stored(adapters, a_photo(owner_id=owners[number % 4])) for number in range(20)]
    random = Random(7)

    async def retag(photo: Photo) -> None:
        for _ in range(3):
            words = random.sample(WORDS, k=4)
            await use(adapters, EditPhoto)(actor=photo.owner_id, photo_id=photo.id, edit=PhotoEdit(hashtags=words))

    await asyncio.gather(*(retag(photo) for photo in photos))

    everyones: Counter[str] = Counter()
    for owner in owners:
        own = await carried(adapters, owner)
        everyones += own
        assert await counts(adapters, owner) == dict(own)
    assert everyones.total() == 80
    assert {name: count for name, count in (await counts(adapters)).items() if count} == dict(everyones)


async def test_tags_put_on_one_photo_at_once_are_all_there(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo())

    await asyncio.gather(
        *(use(adapters, TagPhoto)(actor=photo.owner_id, photo_id=photo.id, name=word) for word in WORDS)
    )

    assert await carried(adapters, photo.owner_id) == Counter(WORDS)
    assert await counts(adapters) == dict.fromkeys(WORDS, 1)


async def test_tagging_and_deleting_at_once_leaves_no_count_behind(adapters: AsyncContainer) -> None:
    owner = a_user_id()
    photos = [await stored(adapters, a_photo(owner_id=owner, hashtags=WORDS[:4])) for _ in range(10)]

    async def delete(photo: Photo) -> None:
        await use(adapters, DeletePhoto)(actor=owner, photo_id=photo.id)

    async def retag(photo: Photo) -> None:
        await use(adapters, EditPhoto)(actor=owner, photo_id=photo.id, edit=PhotoEdit(hashtags=WORDS[2:6]))

    await asyncio.gather(*(retag(photo) for photo in photos[5:]), *(delete(photo) for photo in photos[:5]))

    assert await carried(adapters, owner) == Counter(dict.fromkeys(WORDS[2:6], 5))
    assert {name: count for name, count in (await counts(adapters)).items() if count} == dict.fromkeys(WORDS[2:6], 5)


async def test_the_same_picture_uploaded_at_once_becomes_one_photo(adapters: AsyncContainer, store: FakeStore) -> None:
    owner, picture = await stored(adapters, a_user()), a_picture("the same")

    outcomes = await asyncio.gather(
        *(use(adapters, UploadForm)(actor=owner.id, form=FakeForm(picture, at_most=2000)) for _ in range(8))
    )

    assert len({outcome.photo_id for outcome in outcomes}) == 1
    assert [outcome.duplicate for outcome in outcomes].count(False) == 1
    page = await (await get(adapters, PhotoQueries)).list(
        owner.id, PhotoFilter(), sort=PhotoSort.OLDEST, after=None, limit=10
    )
    assert [view.id for view in page.items] == [outcomes[0].photo_id]
    assert page.items[0].blob_key in store.blobs.blobs


async def test_of_many_refreshes_with_one_token_one_wins(adapters: AsyncContainer) -> None:
    user = await stored(adapters, a_user())
    tokens = await use(adapters, SignIn)(email=user.email or "", password=PASSWORD, client=CLIENT)

    outcomes = await asyncio.gather(
        *(use(adapters, RefreshSession)(refresh_token=tokens.refresh_token) for _ in range(6)),
        return_exceptions=True,
    )

    names = Counter(type(outcome).__name__ for outcome in outcomes)
    assert names[SignedIn.__name__] <= 1
    assert set(names) <= {"SignedIn", "RefreshTokenReused", "InvalidToken"}
    assert names["RefreshTokenReused"] >= 1


async def test_an_account_erased_twice_at_once_is_gone(adapters: AsyncContainer) -> None:
    owner = a_user_id()
    for _ in range(6):
        await stored(adapters, a_photo(owner_id=owner, hashtags=WORDS[:2]))
    await use(adapters, CloseAccount)(actor=owner)

    await asyncio.gather(*(use(adapters, EraseAccount)(user_id=owner) for _ in range(3)))

    assert await counts(adapters, owner) == {}
    assert await carried(adapters, owner) == Counter()


async def test_sweeps_at_once_share_the_work(adapters: AsyncContainer, store: FakeStore) -> None:
    for _ in range(12):
        await stored(adapters, an_upload(reserved_bytes=10, expires_at=NOW))
    store.clock.advance(seconds=1)

    ended = await asyncio.gather(*(use(adapters, ExpireUploads)() for _ in range(4)))

    assert sum(ended) == 12
