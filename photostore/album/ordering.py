"""Places in an order, so that moving one photo rewrites one row: numbers with gaps between them."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from photostore.shared.ids import PhotoId

# Between two neighbours that were put at the end one after the other. Half of it goes each time something is put between.
GAP = 1 << 32


def places_between(
    wanted: Sequence[tuple[PhotoId, int]], low: int | None, high: int | None
) -> Mapping[PhotoId, int] | None:
    """New places for as few of the `wanted` as can be, so that all are in this order after `low` and before `high`.

    Each comes with its present place. `None` of the bounds is the beginning, or the end. `None` when there is no room.
    """
    staying = _longest_rising(wanted, low, high)
    placed: dict[PhotoId, int] = {}
    run: list[PhotoId] = []
    before = low
    for index, (photo_id, place) in enumerate(wanted):
        if index not in staying:
            run.append(photo_id)
            continue
        fitted = _spread(run, before, place)
        if fitted is None:
            return _afresh(wanted, low, high)
        placed |= fitted
        run, before = [], place
    fitted = _spread(run, before, high)
    return _afresh(wanted, low, high) if fitted is None else placed | fitted


def _afresh(wanted: Sequence[tuple[PhotoId, int]], low: int | None, high: int | None) -> Mapping[PhotoId, int] | None:
    """All of them anew, where the gaps between those that could stay are used up."""
    return _spread([photo_id for photo_id, _ in wanted], low, high)


def _spread(run: Sequence[PhotoId], low: int | None, high: int | None) -> dict[PhotoId, int] | None:
    """Evenly between the bounds; `None` when they do not fit."""
    if not run:
        return {}
    if high is None:
        start = low or 0
        return {photo_id: start + GAP * number for number, photo_id in enumerate(run, 1)}
    if low is None:
        return {photo_id: high - GAP * (len(run) - number) for number, photo_id in enumerate(run)}
    step = (high - low) // (len(run) + 1)
    return {photo_id: low + step * number for number, photo_id in enumerate(run, 1)} if step else None


def _longest_rising(wanted: Sequence[tuple[PhotoId, int]], low: int | None, high: int | None) -> set[int]:
    """The indexes of the most that are in order already, within the bounds."""
    tails: list[int] = []
    ends: list[int] = []
    previous: dict[int, int | None] = {}
    for index, (_, place) in enumerate(wanted):
        if (low is not None and place <= low) or (high is not None and place >= high):
            continue
        length = bisect_left(tails, place)
        previous[index] = ends[length - 1] if length else None
        tails[length : length + 1], ends[length : length + 1] = [place], [index]
    rising: set[int] = set()
    here = ends[-1] if ends else None
    while here is not None:
        rising.add(here)
        here = previous[here]
    return rising
