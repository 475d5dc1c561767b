"""What guests choose: how it is kept and read."""

from typing import Any

import pytest
from dishka import AsyncContainer

from photostore.photo.commands.delete_photo import DeletePhoto
from photostore.photo.photo import Photo
from photostore.selection.commands.mark_photo import MarkPhoto
from photostore.selection.commands.read_selection import ReadSelection
from photostore.selection.ports import SelectionRepository
from photostore.selection.selection import Mark
from photostore.share_link.errors import (
    ShareLinkNotFound,
)
from photostore.share_link.share_link import ShareLink
from photostore.shared.errors import ConcurrentUpdate
from photostore.shared.ids import PhotoId
from tests.albums import a_person, some_photos
from tests.builders import a_share_link, a_user_id
from tests.fakes.system import NOW
from tests.guests import an_album_link, sent, share_of
from tests.using import stored, transaction, use


async def mark(adapters: AsyncContainer, link: ShareLink, photo: Photo, **said: Any) -> Mark:
    share = await share_of(adapters, link)
    return await use(adapters, MarkPhoto)(share=share, photo_id=photo.id, **said)


async def chosen(adapters: AsyncContainer, link: ShareLink) -> list[tuple[object, object, bool, str | None]]:
    async with adapters() as scope:
        view = await (await scope.get(ReadSelection)).of_link(link.id, owner=link.owner_id)
    return [(each.photo_id, each.shown_id, each.favorite, each.comment) for each in view.marks]


async def test_marks_are_put_changed_and_taken_back(adapters: AsyncContainer) -> None:
    owner = await a_person(adapters)
    photos = await some_photos(adapters, owner, 2)
    link = await stored(adapters, a_share_link(owner_id=owner, photo_ids=[photo.id for photo in photos]))
    before = await chosen(adapters, link)

    await mark(adapters, link, photos[0], favorite=True)
    await mark(adapters, link, photos[0], comment="Brighter.")
    await mark(adapters, link, photos[1], favorite=True)
    await mark(adapters, link, photos[1], favorite=False)

    assert before == []
    assert await chosen(adapters, link) == [(photos[0].id, photos[0].id, True, "Brighter.")]


async def test_guests_know_what_they_sent_by_its_own_id(adapters: AsyncContainer) -> None:
    owner = await a_person(adapters)
    [photo] = await some_photos(adapters, owner, 1)
    link = await an_album_link(adapters, owner=owner)
    submission_id = await sent(adapters, link, photo)

    await use(adapters, MarkPhoto)(share=await share_of(adapters, link), photo_id=PhotoId(submission_id), favorite=True)

    assert await chosen(adapters, link) == [(photo.id, submission_id, True, None)]


async def test_what_left_the_share_is_left_out(adapters: AsyncContainer) -> None:
    owner = await a_person(adapters)
    [gone, photo] = await some_photos(adapters, owner, 2)
    links = [
        await an_album_link(adapters, gone, photo, owner=owner),
        await stored(adapters, a_share_link(owner_id=owner, photo_ids=[gone.id, photo.id])),
    ]
    for link in links:
        for each in (gone, photo):
            await mark(adapters, link, each, favorite=True)

    await use(adapters, DeletePhoto)(actor=owner, photo_id=gone.id)

    for link in links:
        assert await chosen(adapters, link) == [(photo.id, photo.id, True, None)]


async def test_a_selection_is_kept_as_it_was_sent(adapters: AsyncContainer) -> None:
    link = await an_album_link(adapters)
    async with transaction(adapters, SelectionRepository) as selections:
        selection = await selections.hold(link.id, owner=link.owner_id)
        selection.submit(guest_name="Grace", note="As prints.", now=NOW)
        await selections.save(selection)

    async with transaction(adapters, SelectionRepository) as selections:
        kept = await selections.hold(link.id, owner=link.owner_id)
        kept.version -= 1
        with pytest.raises(ConcurrentUpdate):
            await selections.save(kept)

    assert (kept.submitted_at, kept.guest_name, kept.note) == (NOW, "Grace", "As prints.")


async def test_there_is_no_selection_of_someone_elses_link(adapters: AsyncContainer) -> None:
    link = await an_album_link(adapters)

    with pytest.raises(ShareLinkNotFound):
        async with transaction(adapters, SelectionRepository) as selections:
            await selections.hold(link.id, owner=a_user_id())
