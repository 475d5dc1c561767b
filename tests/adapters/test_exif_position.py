import pytest

from photostore.photo.picture import Location
from photostore_adapters.imaging.exif import exif_of
from photostore_adapters.imaging.exif_position import location_in
from photostore_adapters.imaging.reading import InMemory
from photostore_adapters.imaging.xmp import properties_of
from photostore_adapters.imaging.xmp_values import location_in_xmp
from tests.handmade_metadata import an_xmp, tags_for
from tests.handmade_pictures import Tags, Value

SYDNEY: Tags = {1: "S", 2: ((33, 1), (51, 1), (2448, 100)), 3: "E", 4: ((151, 1), (12, 1), (5508, 100))}


def location(tags: Tags) -> Location | None:
    return location_in(exif_of(InMemory(tags_for(position=tags))).directories)


def test_degrees_minutes_and_seconds_become_degrees() -> None:
    assert location(SYDNEY) == Location(latitude=-33.8568, longitude=151.2153)


@pytest.mark.parametrize(
    ("sides", "expected"),
    [(("N", "E"), (1, 1)), (("N", "W"), (1, -1)), (("S", "W"), (-1, -1)), (("s", "west"), (-1, -1))],
)
def test_the_letters_say_on_which_side_of_the_globe(sides: tuple[str, str], expected: tuple[int, int]) -> None:
    told = location({**SYDNEY, 1: sides[0], 3: sides[1]})

    assert told == Location(latitude=33.8568 * expected[0], longitude=151.2153 * expected[1])


@pytest.mark.parametrize(
    ("parts", "latitude"),
    [
        (((338568, 10000), (0, 1), (0, 1)), 33.8568),
        (((338568, 10000),), 33.8568),
        (((33, 1), (51408, 1000)), 33.8568),
        (((33, 1), (51408, 1000), (0, 1)), 33.8568),
        (((-338568, 10000),), -33.8568),
        (((-33, 1), (51408, 1000)), -33.8568),
        ((33,), 33.0),
        (((90, 1),), 90.0),
        (((1, 3_000_000_000), (0, 1), (12, 100)), 0.0000333),
    ],
)
def test_other_ways_to_write_degrees_are_read(parts: Value, latitude: float) -> None:
    told = location({**SYDNEY, 1: "N", 2: parts})

    assert told is not None
    assert told.latitude == latitude


@pytest.mark.parametrize(
    "wrong",
    [
        {2: ((33, 0), (51, 1), (0, 1))},
        {2: ((33, 1), (0, 0), (0, 0))},
        {2: ((9001, 100),)},
        {2: ((90, 1), (0, 1), (1, 1))},
        {2: ((33, 1), (61, 1), (0, 1))},
        {2: ((33, 1), (0, 1), (61, 1))},
        {2: ((33, 1), (-5, 1))},
        {2: ((4_000_000_000, 1),)},
        {2: "33.8568"},
        {2: b""},
        {4: ((18001, 100),)},
        {1: ""},
        {1: "X"},
        {1: "E"},
        {3: "N"},
        {1: "N", 2: ((0, 1),), 4: ((0, 1),)},
        {2: ((0, 1),), 4: ((0, 1),)},
        {2: ((1, 4_000_000_000),), 4: ((1, 4_000_000_000),)},
    ],
)
def test_a_position_that_cannot_be_right_is_none(wrong: Tags) -> None:
    assert location({**SYDNEY, **wrong}) is None


@pytest.mark.parametrize("missing", [1, 2, 3, 4])
def test_half_a_position_is_none(missing: int) -> None:
    assert location({tag: value for tag, value in SYDNEY.items() if tag != missing}) is None


@pytest.mark.parametrize(
    ("tags", "altitude"),
    [
        ({6: ((12345, 1000),)}, 12.35),
        ({5: b"\0", 6: ((125, 10),)}, 12.5),
        ({5: b"\1", 6: ((125, 10),)}, -12.5),
        ({5: b"\1", 6: ((-125, 10),)}, -12.5),
        ({6: ((-125, 10),)}, -12.5),
        ({6: ((0, 1),)}, 0.0),
        ({6: ((100_000, 1),)}, 100_000.0),
        ({6: ((100_001, 1),)}, None),
        ({5: b"\1", 6: ((12_001, 1),)}, None),
        ({6: ((5, 0),)}, None),
        ({5: b"\1"}, None),
    ],
)
def test_the_altitude_is_above_the_sea_or_below(tags: Tags, altitude: float | None) -> None:
    told = location({**SYDNEY, **tags})

    assert told == Location(latitude=-33.8568, longitude=151.2153, altitude_m=altitude)


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [
        ("57,38.6N", "10,24.3W", (57.6433333, -10.405)),
        ("57,38,36S", "10,24,18E", (-57.6433333, 10.405)),
        ("57.64333N", "10.405e", (57.64333, 10.405)),
        ("57,38.6", "10,24.3W", None),
        ("57,38.6E", "10,24.3N", None),
        ("91,0N", "10,24.3W", None),
        ("57,99N", "10,24.3W", None),
        ("57,38.6N", "", None),
        ("0,0.0N", "0,0.0E", None),
        ("nanN", "infE", None),
        ("1" * 400 + "N", "10,24.3W", None),
    ],
)
def test_xmp_has_a_way_of_its_own(latitude: str, longitude: str, expected: tuple[float, float] | None) -> None:
    packet = an_xmp(properties={"exif:GPSLatitude": latitude, "exif:GPSLongitude": longitude})

    told = location_in_xmp(properties_of([packet]))

    assert (told and (told.latitude, told.longitude)) == expected


@pytest.mark.parametrize(
    ("altitude", "reference", "metres"),
    [("1234/10", "0", 123.4), ("1234/10", "1", -123.4), ("12", "", 12.0), ("5/0", "0", None), ("high", "0", None)],
)
def test_xmp_writes_the_altitude_as_a_fraction(altitude: str, reference: str, metres: float | None) -> None:
    position = {"exif:GPSLatitude": "57,38.6N", "exif:GPSLongitude": "10,24.3E"}
    packet = an_xmp(properties={**position, "exif:GPSAltitude": altitude, "exif:GPSAltitudeRef": reference})

    told = location_in_xmp(properties_of([packet]))

    assert told is not None
    assert told.altitude_m == metres
