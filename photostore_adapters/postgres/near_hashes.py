"""Hashes that are near each other, without comparing all with all: multi-index hashing (Norouzi, Punjani, Fleet 2012).

Hashes within d bits of each other agree in two at least of any d + 2 bands: the d bits reach no more than d of them. So
those that agree in a pair of bands are compared, for each pair of bands. Pairs make the buckets small: of 100,000 hashes
hardly any share one by chance. Whoever makes pictures for it can have all in one bucket, so the work has a bound.

This is the one module of the server that works with numpy: it is imported when it is first needed, in a thread.
"""

from collections.abc import Iterator
from contextlib import suppress
from itertools import combinations

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.intp]

_HASH_BITS = 64
# In larger buckets not every pair is compared: their hashes are taken in turn, each beside the leaders alone.
_SMALL_BUCKET = 16
_TURN = 1024
# Candidates looked at together: some 20 MB.
_AT_ONCE = 1 << 19
# Below two seconds on a slow processor. A usual library of a hundred thousand photos takes a tenth of it, and two thirds at
# the largest distance.
MOST_WORK = 160_000_000
# What else takes time, in comparisons of two hashes, about eight nanoseconds each: a key sorted, a key found among others,
# and a leader that is asked for its followers. Two keys are moved, and four pairs of one turn are compared, for one.
_SORTED, _FOUND, _LED = 8, 16, 600
_MOVED_FOR_ONE, _PAIRS_FOR_ONE = 2, 4


class TooMuchWork(Exception):
    """What is left of the work is not done."""


class Work:
    """Counted, not timed: a library has the same groups each time, on any machine."""

    def __init__(self, most: int = MOST_WORK) -> None:
        self.most = most
        self.done = 0
        self.exhausted = False

    def spend(self, comparisons: int) -> None:
        """Called before they are made. Raise `TooMuchWork`, now and ever after, when they are too many."""
        if self.exhausted or self.done + comparisons > self.most:
            self.exhausted = True
            raise TooMuchWork
        self.done += comparisons


def leaders(hashes: Hashes, distance: int, work: Work) -> Places:
    """Of distinct hashes, oldest first: the place of the oldest leader within `distance`; whoever has none leads itself.

    So do all that are left when `work` is exhausted, the youngest. Memory grows with the number of hashes, never with that
    of their pairs.
    """
    led = np.arange(len(hashes))
    with suppress(TooMuchWork):
        if distance > 0:
            crowd = np.flatnonzero(_may_have_neighbours(hashes, distance, work))
            for some, to in _led_in_turn(hashes[crowd], distance, work):
                led[crowd[some]] = crowd[to]
    return led


def _masks(distance: int) -> list[np.uint64]:
    """Each pair of the bands."""
    count = distance + 2
    edges = [_HASH_BITS * number // count for number in range(count + 1)]
    bands = [(1 << edges[number + 1]) - (1 << edges[number]) for number in range(count)]
    return [np.uint64(one | other) for one, other in combinations(bands, 2)]


def _may_have_neighbours(hashes: Hashes, distance: int, work: Work) -> npt.NDArray[np.bool_]:
    """Nearly all photos of a library have none, which this finds out at little cost."""
    may = np.zeros(len(hashes), bool)
    for mask in _masks(distance):
        work.spend(_SORTED * len(hashes))
        keys = hashes & mask
        order = np.argsort(keys)
        keys = keys[order]
        starts, step = np.arange(len(keys)), 1
        while len(starts := _still_equal(keys, starts, step)):
            work.spend(len(starts))
            ones, others = order[starts], order[starts + step]
            if step <= _SMALL_BUCKET:
                near = np.bitwise_count(hashes[ones] ^ hashes[others]) <= distance
                ones, others = ones[near], others[near]
            may[ones] = may[others] = True
            if step > _SMALL_BUCKET:
                break
            step += 1
    return may


def _still_equal(keys: Hashes, starts: Places, step: int) -> Places:
    """Those of `starts` whose key stands `step` further on as well."""
    starts = starts[: np.searchsorted(starts, len(keys) - step)]
    return np.compress(keys[starts] == keys[starts + step], starts)


def _led_in_turn(hashes: Hashes, distance: int, work: Work) -> Iterator[tuple[Places, Places]]:
    """The same by the very rule, some places and their leaders at a time. Only leaders are ever looked up, so that a
    thousand like pictures cost a thousand looks."""
    known = _Leaders(hashes, distance, work)
    for start in range(0, len(hashes), _TURN):
        places = np.arange(start, min(start + _TURN, len(hashes)))
        led = known.oldest_near(places)
        free = led == len(hashes)
        rest = places[free]
        led[free] = rest[_first_come(hashes[rest], distance, work)]
        known.add(rest[led[free] == rest])
        yield places, led


def _first_come(hashes: Hashes, distance: int, work: Work) -> Places:
    """The leaders of a few hashes, each compared with each."""
    work.spend(len(hashes) ** 2 // _PAIRS_FOR_ONE)
    led = np.arange(len(hashes))
    near = np.triu(np.bitwise_count(hashes[:, None] ^ hashes) <= distance, 1)
    free = np.ones(len(hashes), bool)
    for leader in np.flatnonzero(near.any(axis=1)):
        if free[leader]:
            work.spend(_LED)
            members = np.flatnonzero(near[leader] & free)
            led[members] = leader
            free[members] = False
    return led


class _Leaders:
    """The leaders so far, in the order of their keys, for each pair of bands."""

    def __init__(self, hashes: Hashes, distance: int, work: Work) -> None:
        self._hashes = hashes
        self._distance = distance
        self._work = work
        nobody = np.empty(0, np.intp)
        self._tables = [(mask, hashes[nobody], nobody) for mask in _masks(distance)]

    def add(self, places: Places) -> None:
        """Younger than all before."""
        for number, (mask, keys, who) in enumerate(self._tables):
            self._work.spend(len(keys) // _MOVED_FOR_ONE)
            new = self._hashes[places] & mask
            order = np.argsort(new)
            new = new[order]
            at = np.searchsorted(keys, new)
            self._tables[number] = mask, np.insert(keys, at, new), np.insert(who, at, places[order])

    def oldest_near(self, places: Places) -> Places:
        """For each its oldest leader; beyond all places where there is none."""
        oldest = np.full(len(places), len(self._hashes))
        for mask, keys, who in self._tables:
            self._work.spend(_FOUND * len(places))
            wanted = self._hashes[places] & mask
            first = np.searchsorted(keys, wanted, "left")
            counts = np.searchsorted(keys, wanted, "right") - first
            self._work.spend(int(counts.sum()))
            asking = np.flatnonzero(counts)
            for some in _portions(asking, counts[asking]):
                number = counts[some]
                asked = np.repeat(some, number)
                shift = np.repeat(first[some] - (np.cumsum(number) - number), number)
                found = who[np.arange(len(asked)) + shift]
                near = np.bitwise_count(self._hashes[places[asked]] ^ self._hashes[found]) <= self._distance
                np.minimum.at(oldest, asked[near], found[near])
        return oldest


def _portions(places: Places, counts: Places) -> list[Places]:
    """Split so that the counts of each portion come to no more than `_AT_ONCE`, if it has more than one."""
    portions = np.cumsum(counts) // _AT_ONCE
    return np.split(places, np.flatnonzero(np.diff(portions)) + 1) if len(places) else []
