"""The photo aggregate: what may be said about it, and what it tells."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from photostore.hashtag.errors import NotAHashtag
from photostore.photo.details import DESCRIPTION_LIMIT, HASHTAGS_LIMIT, TITLE_LIMIT
from photostore.photo.errors import PhotoInvalid
from photostore.photo.events import PhotoCreated, PhotoDeleted, PhotoEdited, PhotoFoundOtherwise, PhotoRetagged
from photostore.photo.photo import PhotoEdit, PhotoStatus
from photostore.photo.picture import Failure
from tests.builders import PhotoDetails, a_photo, a_rendition, names
from tests.fakes.system import NOW

LATER = NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    "details",
    [
        PhotoDetails(byte_size=0),
        PhotoDetails(sha256=b"short"),
        PhotoDetails(title="x" * (TITLE_LIMIT + 1)),
        PhotoDetails(description="x" * (DESCRIPTION_LIMIT + 1)),
    ],
)
def test_a_photo_that_cannot_be_is_refused(details: PhotoDetails) -> None:
    with pytest.raises(PhotoInvalid):
        a_photo(**details)


def test_a_new_photo_tells_of_itself_and_its_hashtags() -> None:
    photo = a_photo(hashtags=["sea", "sun"])

    photo.created()

    assert photo.take_events() == [
        PhotoCreated(at=NOW, owner_id=photo.owner_id, photo_id=photo.id),
        PhotoRetagged(
            at=NOW,
            owner_id=photo.owner_id,
            photo_id=photo.id,
            added=frozenset(names("sea", "sun")),
            removed=frozenset(),
        ),
    ]
    assert photo.events == []


def test_without_hashtags_there_is_no_retagging_to_tell_of() -> None:
    photo = a_photo()

    photo.created()

    assert [type(event) for event in photo.events] == [PhotoCreated]


def test_an_edit_changes_what_it_says_and_leaves_the_rest() -> None:
    photo = a_photo(title="old", description="stays", favorite=True, custom={"a": 1, "b": 2})

    photo.edit(PhotoEdit(title="new", custom={"b": None, "c": 3}), now=LATER)

    assert (photo.title, photo.description, photo.favorite) == ("new", "stays", True)
    assert photo.custom == {"a": 1, "c": 3}
    assert photo.updated_at == LATER
    assert [type(event) for event in photo.events] == [PhotoEdited, PhotoFoundOtherwise]


def test_none_takes_a_value_away() -> None:
    photo = a_photo(title="old", description="old", taken_at=NOW, taken_at_offset_minutes=60, custom={"a": 1})

    photo.edit(PhotoEdit(title=None, description=None, taken_at=None, custom=None), now=LATER)

    assert (photo.title, photo.description, photo.custom) == (None, None, {})
    assert (photo.taken_at, photo.taken_at_offset_minutes) == (None, None)


def test_an_edit_that_says_nothing_changes_nothing() -> None:
    photo = a_photo()

    photo.edit(PhotoEdit(), now=LATER)

    assert photo.updated_at == NOW
    assert photo.events == []


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (PhotoEdit(title="x" * (TITLE_LIMIT + 1)), "title"),
        (PhotoEdit(description="x" * (DESCRIPTION_LIMIT + 1)), "description"),
        (PhotoEdit(custom={"k": "x" * 20_000}), "custom"),
        (PhotoEdit(hashtags=[f"tag{number}" for number in range(HASHTAGS_LIMIT + 1)]), "hashtags"),
        (PhotoEdit(taken_at=datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=10)))), "taken_at"),
        (PhotoEdit(taken_at=datetime.min.replace(tzinfo=UTC)), "taken_at"),
        (PhotoEdit(taken_at=datetime.max.replace(tzinfo=UTC)), "taken_at"),
        (PhotoEdit(taken_at=datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-10)))), "taken_at"),
    ],
)
def test_an_edit_past_a_limit_is_refused_and_the_field_named(edit: PhotoEdit, field: str) -> None:
    with pytest.raises(PhotoInvalid) as refused:
        a_photo().edit(edit, now=LATER)

    assert [error.field for error in refused.value.errors] == [field]


def test_an_edit_replaces_the_hashtags_and_tells_the_difference() -> None:
    photo = a_photo(hashtags=["sea", "sun"])

    photo.edit(PhotoEdit(hashtags=["#Sun", "beach", "SUN"]), now=LATER)

    assert photo.hashtags == ("sun", "beach")
    assert photo.events[0] == PhotoRetagged(
        at=LATER,
        owner_id=photo.owner_id,
        photo_id=photo.id,
        added=frozenset(names("beach")),
        removed=frozenset(names("sea")),
    )


def test_an_edit_with_what_is_no_hashtag_is_refused() -> None:
    with pytest.raises(NotAHashtag) as refused:
        a_photo().edit(PhotoEdit(hashtags=["fine", "not fine"]), now=LATER)

    assert [error.field for error in refused.value.errors] == ["hashtags"]


def test_the_same_hashtags_in_another_order_are_no_retagging() -> None:
    photo = a_photo(hashtags=["sea", "sun"])

    photo.edit(PhotoEdit(hashtags=["sun", "sea"]), now=LATER)

    assert photo.hashtags == ("sun", "sea")
    assert [type(event) for event in photo.events] == [PhotoEdited]


@pytest.mark.parametrize(
    "edit",
    [
        PhotoEdit(title="new"),
        PhotoEdit(description=None),
        PhotoEdit(favorite=True),
        PhotoEdit(taken_at=NOW),
        PhotoEdit(hashtags=["sun"]),
    ],
)
def test_an_edit_of_what_filters_look_at_may_have_it_found_otherwise(edit: PhotoEdit) -> None:
    photo = a_photo(title="old", description="old", hashtags=["sea"])

    photo.edit(edit, now=LATER)

    assert photo.events[-1] == PhotoFoundOtherwise(at=LATER, owner_id=photo.owner_id, photo_id=photo.id)


def test_what_filters_do_not_look_at_has_it_found_as_before() -> None:
    photo = a_photo(title="old", custom={"a": 1})
    photo.renditions = (a_rendition(photo.blob_key),)

    photo.edit(PhotoEdit(title="old", custom={"a": 2}), now=LATER)
    photo.fail(Failure.CORRUPT, now=LATER)  # which goes on showing what it has
    photo.move_to_trash(now=LATER)

    assert not [event for event in photo.events if isinstance(event, PhotoFoundOtherwise)]


def test_what_decoding_makes_of_a_photo_may_have_it_found_otherwise() -> None:
    photo = a_photo(status=PhotoStatus.PROCESSING)

    photo.tag_with_keywords(["sea"], now=LATER)
    photo.fail(Failure.CORRUPT, now=LATER)

    assert sum(isinstance(event, PhotoFoundOtherwise) for event in photo.events) == 2


def test_tagging_adds_at_the_end() -> None:
    photo = a_photo(hashtags=["sea"])

    photo.tag(names("sun")[0], now=LATER)

    assert photo.hashtags == ("sea", "sun")
    assert [type(event) for event in photo.events] == [PhotoRetagged, PhotoEdited, PhotoFoundOtherwise]


def test_tagging_twice_and_untagging_what_is_not_there_change_nothing() -> None:
    photo = a_photo(hashtags=["sea"])

    photo.tag(names("sea")[0], now=LATER)
    photo.untag(names("sun")[0], now=LATER)

    assert photo.events == []
    assert photo.updated_at == NOW


def test_untagging_takes_one_away() -> None:
    photo = a_photo(hashtags=["sea", "sun", "sky"])

    photo.untag(names("sun")[0], now=LATER)

    assert photo.hashtags == ("sea", "sky")


def test_a_photo_carries_at_most_a_hundred_hashtags() -> None:
    photo = a_photo(hashtags=[f"tag{number}" for number in range(HASHTAGS_LIMIT)])

    with pytest.raises(PhotoInvalid):
        photo.tag(names("one_more")[0], now=LATER)


def test_a_deleted_photo_gives_up_its_hashtags_and_its_bytes() -> None:
    photo = a_photo(hashtags=["sea"])

    photo.delete(now=LATER)

    retagged, deleted = photo.take_events()
    assert isinstance(retagged, PhotoRetagged)
    assert retagged.removed == {"sea"}
    assert deleted == PhotoDeleted(at=LATER, owner_id=photo.owner_id, photo_id=photo.id, blob_key=photo.blob_key)


@pytest.mark.parametrize(
    ("said", "moment", "offset"),
    [
        (datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=2))), datetime(2026, 5, 1, 10, tzinfo=UTC), 120),
        (
            datetime(2026, 5, 1, 12, tzinfo=timezone(-timedelta(hours=3.5))),
            datetime(2026, 5, 1, 15, 30, tzinfo=UTC),
            -210,
        ),
        (datetime(2026, 5, 1, 12, tzinfo=UTC), datetime(2026, 5, 1, 12, tzinfo=UTC), 60),
        (datetime(2026, 5, 1, 12), datetime(2026, 5, 1, 12, tzinfo=UTC), 60),  # noqa: DTZ001 - without one on purpose
    ],
)
def test_a_corrected_time_brings_its_offset_if_it_has_one(said: datetime, moment: datetime, offset: int) -> None:
    photo = a_photo(taken_at=NOW, taken_at_offset_minutes=60)

    photo.edit(PhotoEdit(taken_at=said), now=LATER)

    assert (photo.taken_at, photo.taken_at_offset_minutes) == (moment, offset)


def test_a_time_without_offset_on_a_photo_without_one_leaves_it_unknown() -> None:
    photo = a_photo()

    photo.edit(PhotoEdit(taken_at=NOW), now=LATER)

    assert (photo.taken_at, photo.taken_at_offset_minutes) == (NOW, None)
