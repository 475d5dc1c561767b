"""How the store is that has replicas."""

from collections.abc import Sequence

from photostore.shared.blobs import BlobStoreUnavailable
from photostore.shared.health import Degraded, HealthCheck
from photostore_adapters.replicas.opening import within
from photostore_adapters.replicas.watch import StoreWatch

# Shorter than what readiness waits for all: there must be time left to ask the replicas.
_PRIMARY_SECONDS = 1.2
_REPLICA_SECONDS = 1.0


class ReplicatedCheck(HealthCheck):
    """`primary` is the check of the store alone. While it fails and a replica answers, originals can still be read, so that
    taking the service away would do more harm: it is `Degraded`."""

    name = "storage"

    def __init__(self, primary: HealthCheck, replicas: Sequence[StoreWatch]) -> None:
        self._primary = primary
        self._replicas = replicas

    async def check(self) -> None:
        try:
            await within(_PRIMARY_SECONDS, self._primary.check())
        except Exception as fault:
            for replica in self._replicas:
                if await self._answers(replica):
                    raise Degraded(f"originals are read from {replica.name}") from fault
            raise

    async def _answers(self, replica: StoreWatch) -> bool:
        try:
            return await within(_REPLICA_SECONDS / len(self._replicas), replica.answers())
        except BlobStoreUnavailable:
            return False
