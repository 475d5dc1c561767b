"""What ends when a link is edited, and what a link cannot be."""

from datetime import timedelta
from typing import Any

import pytest

from photostore.share_link.errors import ShareLinkInvalid
from photostore.share_link.events import ShareUrlsEnded
from photostore.share_link.share_link import MOST_PHOTOS, ShareLink, ShareLinkEdit, demand_photo_ids, demand_target
from photostore.shared.ids import AlbumId
from tests.builders import a_photo_id, a_share_link, a_user_id
from tests.fakes.system import NOW

LATER, SOONER = NOW + timedelta(days=2), NOW + timedelta(days=1)
ALBUM = AlbumId(a_user_id())


def a_link(**told: Any) -> ShareLink:
    return a_share_link(**{"password_hash": "hash", "expires_at": LATER, "allow_download": True, **told})


@pytest.mark.parametrize(
    "less",
    [
        {"disabled": True},
        {"hide_metadata": True},
        {"allow_download": False},
        {"password_hash": "another"},
        {"password_hash": None},
        {"expires_at": SOONER},
    ],
    ids=str,
)
def test_allowing_less_ends_what_was_given_out(less: dict[str, Any]) -> None:
    link = a_link()

    link.edit(ShareLinkEdit(**less), now=NOW)

    assert link.events == [ShareUrlsEnded(at=NOW, link_id=link.id, generation=1)]
    assert link.generation == 2


@pytest.mark.parametrize(
    ("before", "more"),
    [
        ({"disabled": True}, {"disabled": False}),
        ({"hide_metadata": True}, {"hide_metadata": False}),
        ({"allow_download": False}, {"allow_download": True}),
        ({}, {"expires_at": LATER + timedelta(days=1)}),
        ({}, {"expires_at": None}),
        ({}, {"name": "For you"}),
        ({}, {"max_views": 1}),
        ({"album_id": ALBUM}, {"allow_upload": True, "review": True, "max_uploads": 3}),
    ],
    ids=str,
)
def test_allowing_more_ends_nothing(before: dict[str, Any], more: dict[str, Any]) -> None:
    link = a_link(**before)

    assert link.edit(ShareLinkEdit(**more), now=NOW)
    assert (link.events, link.generation) == ([], 1)


def test_an_end_that_is_new_is_one_that_is_earlier() -> None:
    link = a_link(expires_at=None)

    link.edit(ShareLinkEdit(expires_at=LATER), now=NOW)

    assert link.generation == 2


def test_an_edit_that_changes_nothing_is_none() -> None:
    assert not a_link().edit(ShareLinkEdit(allow_download=True), now=NOW)


def test_a_link_is_used_up_once_and_has_views_again_when_their_number_changes() -> None:
    link = a_link(max_views=1)

    assert link.use_up(now=NOW)
    assert not link.use_up(now=LATER)
    assert (link.used_up_at, link.generation) == (NOW, 2)
    link.edit(ShareLinkEdit(max_views=2), now=NOW)
    assert link.used_up_at is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "a\0b"},
        {"max_views": 0},
        {"max_views": 1 << 63},
        {"allow_upload": True},
        {"expires_at": NOW},
    ],
    ids=str,
)
def test_a_link_cannot_become_what_it_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(ShareLinkInvalid):
        a_link().edit(ShareLinkEdit(**wrong), now=NOW)


def test_a_link_that_has_ended_can_still_be_renamed() -> None:
    link = a_link(expires_at=NOW)

    assert link.edit(ShareLinkEdit(name="over"), now=LATER)


def test_a_link_is_to_an_album_or_to_photos() -> None:
    photo = a_photo_id()
    demand_target(ALBUM, None)
    demand_target(None, [photo])
    demand_photo_ids(tuple(a_photo_id() for _ in range(MOST_PHOTOS)))

    for album_id, photo_ids in ((None, None), (ALBUM, [photo])):
        with pytest.raises(ShareLinkInvalid):
            demand_target(album_id, photo_ids)
    for many in ((), (photo, photo), tuple(a_photo_id() for _ in range(MOST_PHOTOS + 1))):
        with pytest.raises(ShareLinkInvalid):
            demand_photo_ids(many)
