"""Which replicas there are, and how they are looked after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

TURN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaPolicy:
    """`kinds` of the replicas (`s3` or `filesystem`) by name, in the order in which they are read from. One turn of looking
    after a store lasts for `turn`."""

    kinds: Mapping[str, str] = field(default_factory=dict)
    turn: timedelta = TURN

    @property
    def names(self) -> Sequence[str]:
        return tuple(self.kinds)
