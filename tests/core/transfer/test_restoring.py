"""What is still to be said of a photo."""

from datetime import timedelta

import pytest

from photostore.photo.photo import PhotoEdit
from photostore.transfer.restoring import missing_of
from photostore.transfer.told import Told
from tests.core.transfer.views import a_view, at

NOON = at("2023-07-14T12:00:00+00:00")
DAYS_LATER = NOON + timedelta(days=3)


def test_nothing_is_said_again() -> None:
    photo = a_view(title="Sea", favorite=True, hashtags=("sea",), custom={"a": 1}, taken_at=NOON)
    told = Told(title="Sea", favorite=True, hashtags=("sea",), custom={"a": 1}, taken_at=NOON, exact=True)

    assert missing_of(photo, told, new=True) == []


def test_what_people_said_here_stays() -> None:
    photo = a_view(title="Mine", description="here", hashtags=("mine",), custom={"a": {"b": 1}}, taken_at=NOON)
    told = Told(
        title="Theirs",
        description="there",
        hashtags=("theirs", "mine"),
        custom={"a": {"b": 2, "c": 3}, "d": 4},
        favorite=True,
        taken_at=DAYS_LATER,
        exact=True,
    )

    [edit] = missing_of(photo, told, new=False)

    assert edit == PhotoEdit(hashtags=["mine", "theirs"], favorite=True, custom={"a": {"b": 1, "c": 3}, "d": 4})


@pytest.mark.parametrize(
    ("here", "told", "edits"),
    [
        ((NOON, None), (NOON, None), []),
        ((NOON, 120), (None, None), [None]),
        ((None, None), (NOON, None), [NOON]),
        ((NOON, 120), (DAYS_LATER, 120), [DAYS_LATER]),
        ((NOON, 120), (DAYS_LATER, None), [None, DAYS_LATER]),
        ((NOON, None), (NOON, 60), [NOON]),
    ],
)
def test_a_new_photo_is_dated_exactly_as_it_was(
    here: tuple[object, int | None], told: tuple[object, int | None], edits: list[object]
) -> None:
    photo = a_view(taken_at=here[0], taken_at_offset_minutes=here[1])
    exact = Told(taken_at=told[0], taken_at_offset_minutes=told[1], exact=True)  # type: ignore[arg-type]

    found = missing_of(photo, exact, new=True)

    assert [edit.taken_at for edit in found] == edits
    offsets = [edit.taken_at.utcoffset() for edit in found[-1:] if edit.taken_at]  # type: ignore[union-attr]
    assert offsets in ([], [timedelta(minutes=told[1] or 0)])


def test_another_program_s_date_counts_where_the_picture_s_own_is_days_off() -> None:
    near = missing_of(a_view(taken_at=NOON), Told(taken_at=NOON + timedelta(hours=9)), new=True)
    far = missing_of(a_view(taken_at=NOON), Told(taken_at=DAYS_LATER), new=True)
    there_before = missing_of(a_view(taken_at=NOON), Told(taken_at=DAYS_LATER), new=False)

    assert near == []
    assert far == [PhotoEdit(taken_at=DAYS_LATER)]
    assert there_before == []
