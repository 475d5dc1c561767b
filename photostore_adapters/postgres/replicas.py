"""What is known of replicas."""

from collections.abc import Sequence

from photostore.replica.queries import ReplicaQueries, ReplicaView


class NoReplicas(ReplicaQueries):
    """Where originals lie in one store alone."""

    async def replicas(self) -> Sequence[ReplicaView]:
        return []
