"""Which photos pass which filters."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from photostore.photo.matching import passes
from photostore.photo.photo import PhotoStatus
from photostore.photo.queries import PhotoFilter
from tests.builders import a_photo, names

NOON = datetime(2025, 7, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
BERLIN = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("photo", "filter", "expected"),
    [
        ({}, {}, True),
        ({"hashtags": ["sea", "sun"]}, {"hashtags": names("sea")}, True),
        ({"hashtags": ["sea", "sun"]}, {"hashtags": names("sun", "sea")}, True),
        ({"hashtags": ["sea"]}, {"hashtags": names("sea", "sun")}, False),
        ({"hashtags": ["seaside"]}, {"hashtags": names("sea")}, False),
        ({"favorite": True}, {"favorite": True}, True),
        ({"favorite": False}, {"favorite": True}, False),
        ({"favorite": True}, {"favorite": False}, False),
        ({"status": PhotoStatus.READY}, {"status": PhotoStatus.READY}, True),
        ({"status": PhotoStatus.FAILED}, {"status": PhotoStatus.READY}, False),
        ({"taken_at": NOON}, {"taken_from": NOON}, True),
        ({"taken_at": NOON}, {"taken_before": NOON}, False),
        ({"taken_at": NOON}, {"taken_from": NOON, "taken_before": NOON + SECOND}, True),
        ({"taken_at": NOON}, {"taken_from": NOON + SECOND}, False),
        ({"taken_at": NOON}, {"taken_from": NOON.astimezone(BERLIN)}, True),
        ({"taken_at": None}, {"taken_from": NOON}, False),
        ({"taken_at": None}, {"taken_before": NOON}, False),
        ({"taken_at": None}, {}, True),
        ({"favorite": True, "hashtags": ["sea"]}, {"favorite": True, "hashtags": names("sea")}, True),
        ({"favorite": True, "hashtags": []}, {"favorite": True, "hashtags": names("sea")}, False),
    ],
)
def test_all_that_a_filter_says_must_hold(photo: dict[str, Any], filter: dict[str, Any], expected: bool) -> None:
    assert passes(a_photo(**photo), PhotoFilter(**filter), says_text=False) is expected


def test_text_counts_where_the_filter_has_one() -> None:
    photo = a_photo()

    assert passes(photo, PhotoFilter(text="sea"), says_text=True)
    assert not passes(photo, PhotoFilter(text="sea"), says_text=False)
    assert not passes(photo, PhotoFilter(text="sea", favorite=True), says_text=True)
    assert passes(photo, PhotoFilter(), says_text=False)
