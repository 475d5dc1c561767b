"""Places in an order."""

from itertools import pairwise
from random import Random

import pytest

from photostore.album.ordering import GAP, places_between
from photostore.shared.ids import PhotoId
from tests.builders import a_photo_id

PHOTOS = [a_photo_id() for _ in range(8)]


def wanted(*places: int) -> list[tuple[PhotoId, int]]:
    return list(zip(PHOTOS, places, strict=False))


def in_order(before: list[tuple[PhotoId, int]], moved: dict[PhotoId, int], low: int | None, high: int | None) -> bool:
    places = [moved.get(photo_id, place) for photo_id, place in before]
    bounded = [*([] if low is None else [low]), *places, *([] if high is None else [high])]
    return all(one < other for one, other in pairwise(bounded))


def test_what_is_in_order_already_stays() -> None:
    assert places_between(wanted(10, 20, 30), None, None) == {}


def test_moving_one_rewrites_one() -> None:
    moved = places_between(wanted(40, 10, 20, 30), None, 50)

    assert moved is not None
    assert list(moved) == [PHOTOS[0]]


def test_only_those_out_of_order_are_rewritten() -> None:
    before = wanted(GAP, 5 * GAP, 2 * GAP, 3 * GAP, 4 * GAP)

    moved = places_between(before, None, None)

    assert moved is not None
    assert list(moved) == [PHOTOS[1]]
    assert in_order(before, dict(moved), None, None)


def test_those_from_elsewhere_come_between_the_bounds() -> None:
    before = wanted(500, 600, 7)

    moved = places_between(before, 100, 200)

    assert moved is not None
    assert in_order(before, dict(moved), 100, 200)


def test_where_there_is_no_room_nothing_is_said() -> None:
    assert places_between(wanted(500), 100, 101) is None
    assert places_between(wanted(500, 600), 100, 102) is None


def test_those_that_could_stay_make_room_where_that_is_enough() -> None:
    before = wanted(101, 500, 102)

    moved = places_between(before, 100, 200)

    assert moved is not None
    assert in_order(before, dict(moved), 100, 200)


@pytest.mark.parametrize("seed", range(30))
def test_any_order_is_reached_whatever_the_bounds(seed: int) -> None:
    dice = Random(seed)
    before = wanted(*dice.sample(range(1000), 8))
    low = dice.choice([None, dice.randrange(1000)])
    high = dice.choice([None, (low or 0) + 10 + dice.randrange(1000)])

    moved = places_between(before, low, high)

    assert moved is not None
    assert in_order(before, dict(moved), low, high)
