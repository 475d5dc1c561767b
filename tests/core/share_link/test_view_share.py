"""Views, and the last of them."""

from datetime import datetime

import pytest
from dishka import AsyncContainer

from photostore.share_link.commands.delete_share_link import DeleteShareLink
from photostore.share_link.commands.edit_share_link import EditShareLink
from photostore.share_link.commands.enter_share import EnterShare
from photostore.share_link.commands.view_share import ViewShare
from photostore.share_link.errors import ShareNotFound, ShareViewsUsedUp
from photostore.share_link.ports import ShareCounter, ShareLinkRepository, Visitor
from photostore.share_link.queries import SharedLink
from photostore.share_link.share_link import ShareLinkEdit
from photostore.shared.unit_of_work import UnitOfWork
from tests.builders import a_share_link
from tests.fakes.shares import FakeShareCounter
from tests.fakes.store import FakeStore
from tests.using import get, stored, use

SOMEONE = Visitor(address="192.0.2.1", user_agent="")


class RefusingLate(FakeShareCounter):
    """Refuses, and its owner allows more before anybody hears of it."""

    def __init__(self, store: FakeStore, container: AsyncContainer) -> None:
        super().__init__(store)
        self._container = container

    async def view(self, link: SharedLink, visitor: Visitor, *, now: datetime) -> None:
        try:
            await super().view(link, visitor, now=now)
        finally:
            more = ShareLinkEdit(max_views=9)
            await use(self._container, EditShareLink)(actor=link.owner_id, link_id=link.id, edit=more)


async def view(container: AsyncContainer, store: FakeStore, token: str, counter: ShareCounter) -> None:
    share = await use(container, EnterShare)(token=token, bearer=None)
    async with container() as scope:
        links, work = await get(scope, ShareLinkRepository), await get(scope, UnitOfWork)
        await ViewShare(counter, links, store.clock, work)(share, visitor=SOMEONE)


async def test_a_view_too_many_closes_the_link(container: AsyncContainer, store: FakeStore) -> None:
    link = await stored(container, a_share_link(max_views=1))
    token = str(link.id)
    await view(container, store, token, FakeShareCounter(store))

    with pytest.raises(ShareViewsUsedUp):
        await view(container, store, token, FakeShareCounter(store))

    with pytest.raises(ShareViewsUsedUp):
        await use(container, EnterShare)(token=token, bearer=None)


async def test_a_link_that_is_deleted_just_now_is_not_one_that_was_used_up(
    container: AsyncContainer, store: FakeStore
) -> None:
    link = await stored(container, a_share_link())
    share = await use(container, EnterShare)(token=str(link.id), bearer=None)
    await use(container, DeleteShareLink)(actor=link.owner_id, link_id=link.id)

    with pytest.raises(ShareNotFound):
        await use(container, ViewShare)(share, visitor=SOMEONE)


async def test_a_refusal_that_comes_late_does_not_close_what_was_opened_anew(
    container: AsyncContainer, store: FakeStore
) -> None:
    link = await stored(container, a_share_link(max_views=1))
    token = str(link.id)
    await view(container, store, token, FakeShareCounter(store))

    with pytest.raises(ShareViewsUsedUp):
        await view(container, store, token, RefusingLate(store, container))

    await view(container, store, token, FakeShareCounter(store))
