"""Share links: kept, changed, ended; and what is counted of them."""

import asyncio
from datetime import date, timedelta

import pytest
from dishka import AsyncContainer

from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.errors import PhotoNotFound
from photostore.photo.queries import PhotoFilter
from photostore.share_link.commands.read_share import ReadShare
from photostore.share_link.errors import ShareLinkInvalid, ShareLinkNotFound, ShareViewsUsedUp
from photostore.share_link.gate import Share
from photostore.share_link.ports import ShareCounter, ShareLinkRepository, Visitor
from photostore.share_link.queries import SharedLink, ShareLinkQueries, ShareQueries
from photostore.share_link.share_link import ShareLink, ShareLinkEdit
from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import PhotoId, UserId
from photostore.shared.media import MediaRevocations, MediaUrlInvalid
from photostore.user.commands.close_account import CloseAccount
from photostore.user.commands.erase_account import EraseAccount
from tests.albums import an_album
from tests.builders import a_photo, a_share_link, a_user_id
from tests.fakes.system import NOW, FakeClock
from tests.using import get, stored, transaction, use

SOMEONE, SOMEONE_ELSE = (Visitor(address=address, user_agent="a browser") for address in ("192.0.2.1", "192.0.2.2"))
TODAY = NOW.date()


async def a_link(adapters: AsyncContainer, *, photos: int = 1, trashed: int = 0, **told: int | None) -> ShareLink:
    """To photos of its owner's, the last ones of them in the trash."""
    owner = a_user_id()
    made = [
        await stored(adapters, a_photo(owner_id=owner, trashed_at=NOW if number >= photos - trashed else None))
        for number in range(photos)
    ]
    link = a_share_link(owner_id=owner, photo_ids=[photo.id for photo in reversed(made)], **told)  # type: ignore[arg-type]
    return await stored(adapters, link)


async def shared(adapters: AsyncContainer, link: ShareLink) -> SharedLink:
    found = await (await get(adapters, ShareQueries)).find(link.token_digest)
    assert found is not None
    return found


async def shown(adapters: AsyncContainer, link: ShareLink, *, limit: int = 2) -> list[object]:
    """The ids of all photos that it shows, page by page."""
    share, after, ids = Share(link=await shared(adapters, link)), None, list[object]()
    while True:
        async with adapters() as scope:
            page = await (await scope.get(ReadShare)).page(share, after=after, limit=limit)
        ids += [view.id for view in page.items]
        if page.next is None:
            return ids
        after = page.next


async def change(adapters: AsyncContainer, link: ShareLink, **told: object) -> None:
    async with transaction(adapters, ShareLinkRepository) as links:
        found = await links.get(link.id, owner=link.owner_id)
        found.edit(ShareLinkEdit(**told), now=NOW)  # type: ignore[arg-type]
        await links.save(found)


async def test_a_link_is_found_as_it_was_kept(adapters: AsyncContainer) -> None:
    kept = await a_link(adapters, photos=3, max_views=5)

    async with transaction(adapters, ShareLinkRepository) as links:
        found = await links.get(kept.id, owner=kept.owner_id)

    assert (found.photo_ids, found.max_views, found.sealed_token) == (kept.photo_ids, 5, kept.sealed_token)
    assert (await shared(adapters, kept)).id == kept.id


async def test_someone_elses_link_is_not_found(adapters: AsyncContainer) -> None:
    link = await a_link(adapters)

    async with transaction(adapters, ShareLinkRepository) as links:
        with pytest.raises(ShareLinkNotFound):
            await links.get(link.id, owner=a_user_id())
    with pytest.raises(ShareLinkNotFound):
        await (await get(adapters, ShareLinkQueries)).get(link.id, owner=a_user_id())
    with pytest.raises(ShareLinkNotFound):
        await (await get(adapters, ShareLinkQueries)).days(link.id, owner=a_user_id(), first=TODAY, last=TODAY)


async def test_nobody_shares_someone_elses_photo_or_album(adapters: AsyncContainer) -> None:
    photo = await stored(adapters, a_photo())
    album_id = await an_album(adapters, photo.owner_id)
    owner = (await stored(adapters, a_photo())).owner_id

    for told in ({"photo_ids": [photo.id]}, {"photo_ids": [PhotoId(a_user_id())]}, {"album_id": album_id}):
        with pytest.raises(ShareLinkInvalid):
            await stored(adapters, a_share_link(owner_id=owner, **told))


async def test_the_second_writer_is_told(adapters: AsyncContainer) -> None:
    link = await a_link(adapters)
    await change(adapters, link, name="first")

    link.edit(ShareLinkEdit(name="second"), now=NOW)
    with pytest.raises(ConcurrentUpdate):
        async with transaction(adapters, ShareLinkRepository) as links:
            await links.save(link)
    with pytest.raises(ConcurrentUpdate):
        async with transaction(adapters, ShareLinkRepository) as links:
            await links.remove(link)


async def test_photos_come_in_their_order_without_those_in_the_trash(adapters: AsyncContainer) -> None:
    link = await a_link(adapters, photos=6, trashed=1)

    assert await shown(adapters, link) == list(link.photo_ids[1:])
    assert await (await get(adapters, ShareQueries)).count(await shared(adapters, link)) == 5


async def test_a_photo_is_seen_through_its_own_links_alone(adapters: AsyncContainer) -> None:
    link, other = await a_link(adapters, photos=2, trashed=1), await a_link(adapters)
    queries, found = await get(adapters, ShareQueries), await shared(adapters, link)

    assert (await queries.photo(found, link.photo_ids[1])).id == link.photo_ids[1]
    for hidden in (link.photo_ids[0], other.photo_ids[0]):
        with pytest.raises(PhotoNotFound):
            await queries.photo(found, hidden)


async def test_a_deleted_photo_leaves_its_links(adapters: AsyncContainer) -> None:
    link = await a_link(adapters, photos=2)

    await use(adapters, DeletePhoto)(actor=link.owner_id, photo_id=link.photo_ids[0])

    view = await (await get(adapters, ShareLinkQueries)).get(link.id, owner=link.owner_id)
    assert list(view.photo_ids) == list(link.photo_ids[1:])
    assert await shown(adapters, link) == list(link.photo_ids[1:])


async def test_a_link_to_an_album_shows_it_in_its_order(adapters: AsyncContainer) -> None:
    photos = [await stored(adapters, a_photo())]
    owner = photos[0].owner_id
    photos += [await stored(adapters, a_photo(owner_id=owner)) for _ in range(4)]
    album_id = await an_album(adapters, owner, *reversed(photos))
    link = await stored(adapters, a_share_link(owner_id=owner, album_id=album_id))
    share = Share(link=await shared(adapters, link))

    async with adapters() as scope:
        read = await scope.get(ReadShare)
        counted, one = await read.count(share), await read.photo(share, photos[2].id)

    assert await shown(adapters, link) == [photo.id for photo in reversed(photos)]
    assert (counted, one.id, share.link.album_name) == (5, photos[2].id, "Holiday")


async def test_a_photo_of_an_album_is_as_old_as_its_being_there(adapters: AsyncContainer, clock: FakeClock) -> None:
    photo = await stored(adapters, a_photo(created_at=NOW))
    clock.advance(days=1)
    album_id = await an_album(adapters, photo.owner_id, photo)
    link = await stored(adapters, a_share_link(owner_id=photo.owner_id, album_id=album_id))
    share = Share(link=await shared(adapters, link))

    async with adapters() as scope:
        read = await scope.get(ReadShare)
        told = [*(await read.page(share, after=None, limit=5)).items, await read.photo(share, photo.id)]

    assert [view.created_at for view in told] == [NOW + timedelta(days=1)] * 2


async def test_a_link_to_an_album_that_finds_shows_what_it_finds(adapters: AsyncContainer) -> None:
    favorite = await stored(adapters, a_photo(favorite=True))
    owner = favorite.owner_id
    other = await stored(adapters, a_photo(owner_id=owner))
    newer = await stored(adapters, a_photo(owner_id=owner, favorite=True))
    album_id = await an_album(adapters, owner, query=PhotoFilter(favorite=True))
    link = await stored(adapters, a_share_link(owner_id=owner, album_id=album_id))
    share = Share(link=await shared(adapters, link))

    assert await shown(adapters, link, limit=1) == [newer.id, favorite.id]
    async with adapters() as scope:
        read = await scope.get(ReadShare)
        assert await read.count(share) is None
        assert (await read.photo(share, favorite.id)).id == favorite.id
        with pytest.raises(PhotoNotFound):
            await read.photo(share, other.id)


async def test_links_are_listed_newest_first(adapters: AsyncContainer) -> None:
    first = await a_link(adapters)
    second = await stored(adapters, a_share_link(owner_id=first.owner_id, photo_ids=first.photo_ids))
    queries = await get(adapters, ShareLinkQueries)

    page = await queries.list(first.owner_id, after=None, limit=1)
    rest = await queries.list(first.owner_id, after=second.id, limit=5)

    assert [view.id for view in (*page, *rest)] == [second.id, first.id]


async def test_what_was_signed_ends_where_less_is_allowed(adapters: AsyncContainer) -> None:
    link = await a_link(adapters)
    revocations = await get(adapters, MediaRevocations)
    audience = Share(link=await shared(adapters, link)).audience

    await change(adapters, link, hide_metadata=True)

    now = Share(link=await shared(adapters, link)).audience
    await revocations.demand_valid(now)
    with pytest.raises(MediaUrlInvalid):
        await revocations.demand_valid(audience)


async def test_of_many_views_at_once_no_more_pass_than_there_are(adapters: AsyncContainer) -> None:
    link = await shared(adapters, await a_link(adapters, max_views=3))
    counter = await get(adapters, ShareCounter)

    outcomes = await asyncio.gather(*(counter.view(link, SOMEONE, now=NOW) for _ in range(12)), return_exceptions=True)

    assert sum(outcome is None for outcome in outcomes) == 3
    assert all(outcome is None or isinstance(outcome, ShareViewsUsedUp) for outcome in outcomes)


async def test_each_day_is_counted_by_itself(adapters: AsyncContainer) -> None:
    kept = await a_link(adapters)
    link, counter = await shared(adapters, kept), await get(adapters, ShareCounter)

    for visitor in (SOMEONE, SOMEONE, SOMEONE_ELSE):
        await counter.view(link, visitor, now=NOW)
    await counter.download(link, now=NOW)
    await counter.upload(link, now=NOW)
    await counter.view(link, SOMEONE, now=NOW + timedelta(days=2))
    days = await (await get(adapters, ShareLinkQueries)).days(
        kept.id, owner=kept.owner_id, first=TODAY, last=TODAY + timedelta(days=2)
    )

    told = [(day.day, day.views, day.visitors, day.downloads, day.uploads) for day in days]
    assert told == [
        (date(2026, 6, 1), 3, 2, 1, 1),
        (date(2026, 6, 2), 0, 0, 0, 0),
        (date(2026, 6, 3), 1, 1, 0, 0),
    ]


async def test_who_came_is_forgotten_and_their_number_is_not(adapters: AsyncContainer, clock: FakeClock) -> None:
    kept = await a_link(adapters)
    link, counter = await shared(adapters, kept), await get(adapters, ShareCounter)
    await counter.view(link, SOMEONE, now=NOW)

    await counter.forget_visitors(now=NOW + timedelta(days=1))

    [day] = await (await get(adapters, ShareLinkQueries)).days(kept.id, owner=kept.owner_id, first=TODAY, last=TODAY)
    assert (day.views, day.visitors) == (1, 1)


async def test_links_end_with_their_account(adapters: AsyncContainer) -> None:
    link = await a_link(adapters)
    audience = Share(link=await shared(adapters, link)).audience

    await use(adapters, CloseAccount)(actor=UserId(link.owner_id))

    assert (await shared(adapters, link)).disabled
    with pytest.raises(MediaUrlInvalid):
        await (await get(adapters, MediaRevocations)).demand_valid(audience)
    await use(adapters, EraseAccount)(user_id=UserId(link.owner_id))
    assert await (await get(adapters, ShareQueries)).find(link.token_digest) is None
