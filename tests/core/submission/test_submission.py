"""A submission is decided one way, once; and what visitors are told of it."""

from dataclasses import fields, replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from photostore.photo.queries import PhotoView, SubmissionMark, SubmittedPhotoView
from photostore.photo.viewing import view_of
from photostore.share_link.telling import SETTLES_IN, as_it_was_sent, as_visitors_see, shown_id
from photostore.shared.ids import AlbumId, ShareLinkId, SubmissionId
from photostore.submission.errors import SubmissionDecided, SubmissionInvalid
from photostore.submission.guest import NAME_LIMIT, checked_guest_name
from photostore.submission.submission import Submission, SubmissionState
from tests.builders import a_photo, a_photo_id, a_user_id
from tests.fakes.system import NOW, new_id

LATER = NOW + timedelta(hours=1)
SETTLED = LATER + SETTLES_IN


def a_submission(state: SubmissionState = SubmissionState.PENDING) -> Submission:
    return Submission(
        id=SubmissionId(new_id()),
        owner_id=a_user_id(),
        link_id=ShareLinkId(new_id()),
        album_id=AlbumId(new_id()),
        photo_id=a_photo_id(),
        made_photo=True,
        guest_name=None,
        filename="cake.jpg",
        title=None,
        byte_size=10,
        created_at=NOW,
        state=state,
    )


def test_it_is_decided_once_and_said_again_without_harm() -> None:
    approved, rejected = a_submission(), a_submission()

    assert [approved.approve(), approved.approve()] == [True, False]
    assert [rejected.reject(), rejected.reject()] == [True, False]


def test_what_was_decided_is_not_decided_otherwise() -> None:
    with pytest.raises(SubmissionDecided):
        a_submission(SubmissionState.APPROVED).reject()
    with pytest.raises(SubmissionDecided):
        a_submission(SubmissionState.REJECTED).approve()


def test_names_of_guests_are_trimmed_and_bounded() -> None:
    assert checked_guest_name(None) is checked_guest_name(" \x00 ") is None
    assert checked_guest_name(" Grace ") == "Grace"
    with pytest.raises(SubmissionInvalid):
        checked_guest_name("x" * (NAME_LIMIT + 1))


def a_view(*, made_photo: bool) -> SubmittedPhotoView:
    view = view_of(a_photo(title="Mine", filename="mine.jpg", description="Secret.", hashtags=("hidden",)))
    mark = SubmissionMark(UUID(int=5), UUID(int=6), "Grace", made_photo, "theirs.jpg", "Theirs", LATER)
    values = {field.name: getattr(view, field.name) for field in fields(PhotoView)}
    return SubmittedPhotoView(**values, submission=mark)


def test_visitors_read_the_guests_words_where_the_owner_had_the_photo_before() -> None:
    told = as_visitors_see(a_view(made_photo=False), now=SETTLED)

    assert (told.title, told.filename, told.description, told.hashtags) == ("Theirs", "theirs.jpg", None, ())
    assert told.created_at == told.updated_at == LATER
    assert told.version <= 2
    assert shown_id(told) == UUID(int=5)


def test_visitors_read_what_the_owner_says_where_the_guest_brought_the_photo() -> None:
    told = as_visitors_see(a_view(made_photo=True), now=SETTLED)

    assert (told.title, told.filename, list(told.hashtags)) == ("Mine", "mine.jpg", ["hidden"])
    assert shown_id(told) == UUID(int=5)


@pytest.mark.parametrize("now", [LATER, SETTLED - timedelta(seconds=1), SETTLED], ids=["at once", "soon", "later"])
def test_no_time_and_no_state_tells_whether_the_owner_had_the_photo(now: datetime) -> None:
    new, known = (replace(a_view(made_photo=made), status="ready", version=2, width=8) for made in (True, False))
    old = replace(known, created_at=NOW - timedelta(days=1), updated_at=NOW - timedelta(days=1))
    fresh = replace(new, created_at=LATER, updated_at=LATER + timedelta(seconds=1))

    answers = [as_visitors_see(view, now=now) for view in (fresh, old)]

    assert {(each.status, each.version, each.created_at, each.updated_at) for each in answers} == {
        ("ready", 2, LATER, LATER) if now == SETTLED else ("processing", 1, LATER, LATER)
    }


def test_right_after_it_was_sent_all_submissions_read_alike() -> None:
    new, known = a_view(made_photo=True), replace(a_view(made_photo=False), status="ready", version=9, trashed_at=NOW)

    answers = [as_it_was_sent(view) for view in (new, known)]

    told = {
        (view.title, view.filename, view.status, view.version, view.created_at, view.placeholder) for view in answers
    }
    assert told == {("Theirs", "theirs.jpg", "processing", 1, LATER, None)}
    assert not any(view.renditions or view.is_shown for view in answers)


def test_other_photos_are_told_as_they_are() -> None:
    view = view_of(a_photo())

    assert as_visitors_see(view, now=NOW) is view
    assert shown_id(view) == view.id
