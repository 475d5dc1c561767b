"""Replicas in memory."""

from collections.abc import Sequence

from photostore.replica.queries import ReplicaQueries, ReplicaView
from tests.fakes.store import FakeStore


class FakeReplicaQueries(ReplicaQueries):
    """As the test sets them."""

    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def replicas(self) -> Sequence[ReplicaView]:
        self._store.answer_or_not()
        return list(self._store.admin.replicas)
