"""The gate itself: its order, and what it says to whom."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from photostore.photo.queries import PhotoFilter
from photostore.share_link.errors import (
    NotAllowedByShare,
    PasswordRequired,
    ShareExpired,
    ShareNotFound,
    ShareUploadsUsedUp,
    ShareViewsUsedUp,
)
from photostore.share_link.gate import Share, Unlocked, admit
from photostore.share_link.queries import SharedLink
from photostore.shared.errors import PhotostoreError
from photostore.shared.ids import AlbumId, ShareLinkId
from tests.builders import a_user_id
from tests.fakes.system import NOW, new_id

LINK = SharedLink(
    id=ShareLinkId(new_id()),
    owner_id=a_user_id(),
    owner_display_name="Ada",
    owner_is_active=True,
    album_id=None,
    name=None,
    password_hash="hash",
    expires_at=None,
    allow_download=False,
    allow_upload=False,
    hide_metadata=False,
    max_views=None,
    max_uploads=None,
    max_upload_bytes=None,
    review=False,
    allow_selection=True,
    disabled=False,
    generation=3,
    used_up_at=None,
    version=1,
    uploads=0,
    upload_bytes=0,
)
UNLOCKED = Unlocked(link_id=LINK.id, generation=3)
ALBUM = AlbumId(new_id())


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        ({"disabled": True, "expires_at": NOW, "used_up_at": NOW}, ShareNotFound),
        ({"owner_is_active": False, "expires_at": NOW}, ShareNotFound),
        ({"expires_at": NOW, "used_up_at": NOW}, ShareExpired),
        ({"expires_at": NOW - timedelta(seconds=1)}, ShareExpired),
        ({"used_up_at": NOW}, ShareViewsUsedUp),
        ({}, PasswordRequired),
    ],
    ids=str,
)
def test_the_first_that_is_the_matter_is_told(state: dict[str, Any], refusal: type[PhotostoreError]) -> None:
    with pytest.raises(refusal):
        admit(replace(LINK, **state), now=NOW, unlocked=None)


def test_an_unknown_link_is_as_one_that_was_taken_back() -> None:
    said = []
    for link in (None, replace(LINK, disabled=True), replace(LINK, owner_is_active=False)):
        with pytest.raises(ShareNotFound) as refusal:
            admit(link, now=NOW, unlocked=UNLOCKED)
        said.append(refusal.value.detail)

    assert len(set(said)) == 1


@pytest.mark.parametrize(
    "stale", [Unlocked(link_id=LINK.id, generation=2), replace(UNLOCKED, link_id=ShareLinkId(new_id()))]
)
def test_an_unlock_of_before_or_of_another_link_is_none(stale: Unlocked) -> None:
    with pytest.raises(PasswordRequired):
        admit(LINK, now=NOW, unlocked=stale)


def test_who_knows_the_password_is_let_in_and_so_is_everyone_where_there_is_none() -> None:
    assert admit(LINK, now=NOW, unlocked=UNLOCKED).link is LINK
    assert admit(replace(LINK, password_hash=None), now=NOW, unlocked=None).link.password_hash is None


def test_what_the_link_does_not_allow_is_refused() -> None:
    share, open_share = (
        Share(link=LINK),
        Share(link=replace(LINK, album_id=ALBUM, allow_download=True, allow_upload=True)),
    )

    for demand in (share.demand_download, share.demand_upload):
        with pytest.raises(NotAllowedByShare):
            demand()
    open_share.demand_download()
    open_share.demand_upload()


def test_nothing_that_is_given_out_outlives_the_link() -> None:
    tomorrow = NOW + timedelta(days=1)

    assert Share(link=LINK).lives_until(tomorrow) == tomorrow
    assert Share(link=replace(LINK, expires_at=NOW)).lives_until(tomorrow) == NOW


def test_visitors_of_an_album_are_the_albums_and_its_querys_too() -> None:
    mine = f"share-{LINK.id.hex}-3"
    found = replace(LINK, album_id=ALBUM, album_query=PhotoFilter(favorite=True), album_queries=2)

    assert Share(link=LINK).audience == mine
    assert Share(link=replace(LINK, album_id=ALBUM)).audience == f"album-{ALBUM.hex}.{mine}"
    assert Share(link=found).audience == f"album-{ALBUM.hex}.query-{ALBUM.hex}-2.{mine}"


@pytest.mark.parametrize(
    "changes",
    [{"allow_upload": False}, {"album_id": None}, {"album_query": PhotoFilter(favorite=True)}],
    ids=["not allowed", "to photos", "to what a query finds"],
)
def test_uploads_need_an_album_that_is_filled_by_hand(changes: dict[str, Any]) -> None:
    link = replace(LINK, **{"album_id": ALBUM, "allow_upload": True, **changes})

    with pytest.raises(NotAllowedByShare):
        Share(link=link).demand_upload()


@pytest.mark.parametrize("limits", [{"max_uploads": 3}, {"max_upload_bytes": 40}], ids=["number", "bytes"])
def test_uploads_end_at_the_links_limits(limits: dict[str, Any]) -> None:
    link = replace(LINK, album_id=ALBUM, allow_upload=True, **limits)

    Share(link=replace(link, uploads=2, upload_bytes=30)).demand_upload(byte_size=10)
    with pytest.raises(ShareUploadsUsedUp):
        Share(link=replace(link, uploads=3, upload_bytes=31)).demand_upload(byte_size=10)


def test_nothing_is_chosen_where_the_link_does_not_allow_it() -> None:
    Share(link=LINK).demand_selection()

    with pytest.raises(NotAllowedByShare):
        Share(link=replace(LINK, allow_selection=False)).demand_selection()
