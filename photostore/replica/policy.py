"""Which replicas there are, and how they are looked after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaPolicy:
    """`names` of the replicas, in the order in which they are read from. One turn of looking after a store lasts for `turn`."""

    names: Sequence[str] = ()
    turn: timedelta = timedelta(seconds=30)
