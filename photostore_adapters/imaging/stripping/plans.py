"""Copies that were worked out lately: a browser asks for ranges of the same file in a row."""

from collections import OrderedDict

from photostore.photo.metadata_policy import CannotClean, CleanCopy, MetadataPolicy
from photostore.shared.blobs import BlobKey

Plan = CleanCopy | CannotClean
Asked = tuple[BlobKey, str, MetadataPolicy]

_BYTES_A_PIECE = 100


class RecentPlans:
    """The least recently used go first. Bounded in number, and in pieces: own bytes count as pieces, too.

    That a file cannot be cleaned is kept as well, since finding it out costs as much. Keys are never reused, so nothing
    here goes stale.
    """

    def __init__(self, *, most: int = 256, most_pieces: int = 50_000) -> None:
        self._most = most
        self._most_pieces = most_pieces
        self._plans: OrderedDict[Asked, Plan] = OrderedDict()
        self._pieces = 0

    def __len__(self) -> int:
        return len(self._plans)

    def get(self, asked: Asked) -> Plan | None:
        plan = self._plans.get(asked)
        if plan is not None:
            self._plans.move_to_end(asked)
        return plan

    def keep(self, asked: Asked, plan: Plan) -> None:
        replaced = self._plans.pop(asked, None)
        self._pieces += _weight(plan) - (_weight(replaced) if replaced is not None else 0)
        self._plans[asked] = plan
        while len(self._plans) > self._most or self._pieces > self._most_pieces:
            _, gone = self._plans.popitem(last=False)
            self._pieces -= _weight(gone)


def _weight(plan: Plan) -> int:
    if isinstance(plan, CannotClean):
        return 1
    return sum(1 + (len(piece) // _BYTES_A_PIECE if isinstance(piece, bytes) else 0) for piece in plan.pieces)
