from datetime import UTC, datetime, timedelta

import pytest

from photostore_adapters.imaging.exif import ExifTags
from photostore_adapters.imaging.exif_dates import taken

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CLOCK = "2024:05:17 18:03:21"
LOCAL = datetime(2024, 5, 17, 18, 3, 21, tzinfo=UTC)


def test_without_an_offset_the_cameras_clock_is_kept() -> None:
    assert taken(ExifTags(original=CLOCK), now=NOW) == (LOCAL, None)


@pytest.mark.parametrize(
    ("offset", "minutes"),
    [("+02:00", 120), ("-03:30", -210), ("+0545", 345), ("Z", 0), ("+14:00", 840), ("-14:00", -840), ("+00:00", 0)],
)
def test_with_an_offset_it_is_utc(offset: str, minutes: int) -> None:
    tags = ExifTags(original=CLOCK, original_offset=offset)

    assert taken(tags, now=NOW) == (LOCAL - timedelta(minutes=minutes), minutes)


@pytest.mark.parametrize("offset", ["+14:15", "+99:00", "+02:60", "CEST", "   :  ", "", "2"])
def test_an_offset_that_does_not_exist_is_none(offset: str) -> None:
    assert taken(ExifTags(original=CLOCK, original_offset=offset), now=NOW) == (LOCAL, None)


def test_when_it_was_taken_goes_before_when_it_was_digitized() -> None:
    tags = ExifTags(original=CLOCK, digitized="2025:01:01 00:00:00")

    assert taken(tags, now=NOW) == (LOCAL, None)


@pytest.mark.parametrize("original", [None, "0000:00:00 00:00:00", "    :  :     :  :  ", "2024:13:01 00:00:00"])
def test_when_it_was_digitized_stands_in(original: str | None) -> None:
    tags = ExifTags(original=original, digitized=CLOCK, digitized_offset="+01:00", original_offset="+02:00")

    assert taken(tags, now=NOW) == (LOCAL - timedelta(hours=1), 60)


def test_each_moment_prefers_its_own_offset_and_takes_another() -> None:
    every = ExifTags(original=CLOCK, original_offset="+01:00", digitized_offset="+02:00", offset="+03:00")
    without = ExifTags(original=CLOCK, digitized_offset="+02:00", offset="+03:00")
    last = ExifTags(original=CLOCK, offset="+03:00")

    assert [taken(tags, now=NOW)[1] for tags in (every, without, last)] == [60, 120, 180]


@pytest.mark.parametrize(
    ("fraction", "microseconds"), [("137", 137_000), ("5", 500_000), ("123456789", 123_456), ("x", 0), ("-1", 0)]
)
def test_fractions_of_a_second_are_kept(fraction: str, microseconds: int) -> None:
    tags = ExifTags(original=CLOCK, original_fraction=fraction)

    assert taken(tags, now=NOW) == (LOCAL.replace(microsecond=microseconds), None)


@pytest.mark.parametrize(
    ("gps_time", "minutes"),
    [((16.0, 3.0, 21.0), 120), ((16.0, 1.0, 0.0), 120), ((12.0, 18.0, 20.0), 345), ((18.0, 3.0, 21.0), 0)],
)
def test_the_gps_clock_tells_the_offset_but_not_the_time(gps_time: tuple[float, ...], minutes: int) -> None:
    tags = ExifTags(original=CLOCK, gps_date="2024:05:17", gps_time=gps_time)

    assert taken(tags, now=NOW) == (LOCAL - timedelta(minutes=minutes), minutes)


@pytest.mark.parametrize(
    ("gps_date", "gps_time"),
    [
        ("2024:05:19", (16.0, 3.0, 21.0)),
        ("2023:10:10", (16.0, 3.0, 21.0)),
        ("2024:05:17", ()),
        ("2024:05:17", (99.0, 3.0, 21.0)),
        ("9999:99:99", (16.0, 3.0, 21.0)),
        (None, (16.0, 3.0, 21.0)),
    ],
)
def test_a_gps_clock_that_cannot_be_right_tells_nothing(gps_date: str | None, gps_time: tuple[float, ...]) -> None:
    tags = ExifTags(original=CLOCK, gps_date=gps_date, gps_time=gps_time)

    assert taken(tags, now=NOW) == (LOCAL, None)


def test_the_cameras_offset_goes_before_the_gps_clock() -> None:
    tags = ExifTags(original=CLOCK, original_offset="+09:00", gps_date="2024:05:17", gps_time=(16.0, 3.0, 21.0))

    assert taken(tags, now=NOW)[1] == 540


@pytest.mark.parametrize(
    "clock",
    [
        "1825:12:31 09:59:59",
        "2026:11:22 12:00:01",
        "9999:12:31 23:59:59",
        "0001:01:01 00:00:00",
        "2024:02:30 10:00:00",
        "2024:05:17 25:00:00",
        "yesterday",
        "\u0662\u0660\u0662\u0664:05:17 18:03:21",
    ],
)
def test_a_time_that_cannot_be_right_is_none(clock: str) -> None:
    assert taken(ExifTags(original=clock, original_offset="-14:00"), now=NOW) == (None, None)


@pytest.mark.parametrize("clock", ["2024-05-17T18:03:21", "2024/05/17 18:03:21", "2024:05:17 18:03:21.137"])
def test_usual_misspellings_are_read(clock: str) -> None:
    assert taken(ExifTags(original=clock), now=NOW) == (LOCAL, None)


def test_an_offset_written_behind_the_time_counts() -> None:
    assert taken(ExifTags(original=CLOCK + "+02:00"), now=NOW) == (LOCAL - timedelta(hours=2), 120)
