"""Making a hashtag before any photo carries it."""

import pytest
from dishka import AsyncContainer

from photostore.hashtag.commands.create_hashtag import CreateHashtag
from photostore.hashtag.errors import HashtagExists, NotAHashtag
from tests.builders import a_photo, a_user_id
from tests.fakes.store import FakeStore
from tests.using import stored, use


async def test_a_hashtag_is_made_under_its_folded_name(container: AsyncContainer, store: FakeStore) -> None:
    maker = a_user_id()

    made = await use(container, CreateHashtag)(actor=maker, name="#Sunset")

    assert made.name == "sunset"
    assert [(row.id, row.created_by) for row in store.hashtags.rows.values()] == [(made.id, maker)]


async def test_one_that_exists_under_another_spelling_is_refused(container: AsyncContainer) -> None:
    await use(container, CreateHashtag)(actor=a_user_id(), name="straße")

    with pytest.raises(HashtagExists):
        await use(container, CreateHashtag)(actor=a_user_id(), name="STRASSE")


async def test_one_that_a_photo_made_exists(container: AsyncContainer) -> None:
    await stored(container, a_photo(hashtags=["sea"]))

    with pytest.raises(HashtagExists):
        await use(container, CreateHashtag)(actor=a_user_id(), name="sea")


async def test_what_is_no_hashtag_is_not_made(container: AsyncContainer, store: FakeStore) -> None:
    with pytest.raises(NotAHashtag):
        await use(container, CreateHashtag)(actor=a_user_id(), name="no hashtag")

    assert not store.hashtags.rows
